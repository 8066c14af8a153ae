"""A day at the card company's, run as people run it: book, pay, close, send, answer, dispute."""

from pathlib import Path

from ridecode.city import load_pack
from ridecode.money.clearing import Reason, new_key, public_key
from ridecode.sim.card_company import CardCompany, View
from ridecode.store import Vault
from tests.cli.running import ridecode
from tests.cli.test_rides_cli import EXIT, imported, settled, told
from tests.taps.files import ENTRY

DAY = "2018-09-03"


def everybody() -> View:
    """A card company that knows whoever is named."""
    pack = load_pack("shenzhen")
    return View(
        accounts=bool, operators=frozenset(pack.operators), platforms=frozenset(pack.platforms),
        channels=frozenset({"wallet"}),
        tariffs=frozenset(one.text("id") for one in pack.sections.tariffs),
    )  # fmt: skip


def test_a_day_is_closed_sent_answered_disputed_and_traced(
    data_folder: Path, tmp_path: Path
) -> None:
    data = ("--data", data_folder)
    imported(data_folder, tmp_path, ENTRY, EXIT)
    settled(data_folder)
    account = told("rides", "show", *data)[0]["account"]
    assert told("money", "sign", account, "wallet", *data)["channel"] == "wallet"
    worked = told("money", "work", *data)
    assert (worked["booked"]["owed"], worked["booked"]["orders"]) == (190, 1)

    closed = told("clearing", "close-day", DAY, *data)
    (file,) = closed["files"]
    assert (closed["journals"], file["lines"], file["fares"]) == (1, 1, 190)
    assert told("clearing", "close-day", DAY, *data)["files"] == closed["files"]
    place = tmp_path / "place"
    (sent,) = told("clearing", "send", DAY, "--to", place, *data)
    assert (sent["first"], Path(sent["path"]).name) == (True, file["name"])

    ours, theirs = told("clearing", "key", *data), new_key()
    assert Vault.open(data_folder).names().count("clearing/key") == 1
    company = CardCompany(
        theirs, [bytes.fromhex(ours["key"])], everybody(), lambda n: Reason.WRONG_AMOUNT
    )
    (answer,) = company.answer(Path(sent["path"]), tmp_path)
    key = tmp_path / "their.pub"
    key.write_text(public_key(theirs).hex())
    for is_new in (True, False):
        received = told("clearing", "receive", answer, "--key", key, *data)
        assert (received["new"], received["cleared"], received["rejected"]) == (is_new, 0, 1)
    (waiting,) = told("clearing", "rejected", *data)
    assert (waiting["reason"], waiting["line"]) == ("wrong_amount", 2)
    assert "金额不符 wrong amount" in ridecode("clearing", "rejected", *data).stdout
    assert told("clearing", "dispute", "1", "2", *data)["line"] == 2
    assert told("clearing", "rejected", *data) == []

    n = str(waiting["n"])
    trace = told("money", "trace", n, *data)
    assert [one["flow"] for one in trace["fares"]] == ["fare"]
    assert trace["fares"][0]["files"][0]["state"] == "rejected: wrong_amount"
    for other in (trace["taps"][0], trace["order"]["number"], f"{sent['path']}:2"):
        assert told("money", "trace", other, *data) == trace
    behind = tmp_path / "behind.csv"
    behind.write_bytes(Path(sent["path"]).read_bytes() + b"F,nothing of this is read\n")
    assert told("money", "trace", f"{behind}:2", *data) == trace
    none = ridecode("money", "trace", f"{behind}:1", *data)
    assert (none.returncode, "no fare and no charge" in none.stderr) == (2, True)
    shown = ridecode("money", "trace", n, *data).stdout
    assert all(
        word in shown for word in ("○ 刷码 tap", "○ 票价 price", "¥1.90", f"{file['name']}:2")
    )


def test_what_cannot_be_traced_is_said(data_folder: Path, tmp_path: Path) -> None:
    data = ("--data", data_folder)
    assert ridecode("money", "trace", "7", *data).returncode == 3
    assert ridecode("money", "trace", "x", *data).returncode == 2
    assert ridecode("money", "sign", "1", "paypal", *data).returncode == 3
    assert ridecode("clearing", "send", DAY, "--to", tmp_path, *data).returncode == 3
    assert ridecode("clearing", "dispute", "1", "2", *data).returncode == 3
