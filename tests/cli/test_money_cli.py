"""`ridecode money`, run as people run it."""

from pathlib import Path

import pytest

from ridecode.cli.money import KINDS
from ridecode.core import day_named
from ridecode.money.channels import Answer, WeChatPay
from ridecode.money.clearing import key_id, new_key, public_key, sign_seal
from ridecode.money.ledger import Kind, close_day, seal_day
from ridecode.sim.channels.wechat import keys
from ridecode.store import Cell, Clock, Vault, open_cell
from tests.cli.running import ridecode
from tests.cli.test_rides_cli import EXIT, LATER, imported, settled, told
from tests.money.test_connecting import MERCHANTS
from tests.taps.files import ENTRY, SHENZHEN


def test_rides_are_booked_balanced_sealed_and_audited(data_folder: Path, tmp_path: Path) -> None:
    """Buji to Changlong costs 1.90; the day's files are checked without the database."""
    data = ("--data", data_folder)
    imported(data_folder, tmp_path, ENTRY, EXIT)
    settled(data_folder)

    assert told("money", "book", *data) == {
        "rides": 1, "owed": 190, "given_back": 0, "orders": 0,
    }  # fmt: skip
    assert told("money", "trial-balance", *data) == [
        {"kind": "rider", "party": "", "debits": 190, "credits": 0, "closing": 190},
        {"kind": "card_company", "party": "shenzhentong", "debits": 0, "credits": 190,
         "closing": -190},
    ]  # fmt: skip
    shown = ridecode("money", "trial-balance", *data).stdout
    assert "✓ 平衡 · balanced" in shown
    assert "¥1.90" in shown

    day = day_named("2018-09-03")
    with open_cell(data_folder, "shenzhen") as cell:
        close_day(cell, SHENZHEN.calendar, day, LATER)
        seal_day(cell, day, tmp_path)
    found = told("money", "audit", tmp_path, "2018-09-03")
    assert (found["journals"], found["findings"], found["more"]) == (1, [], 0)

    path = tmp_path / "journals-2018-09-03.csv"
    path.write_bytes(path.read_bytes().replace(b",190,", b",191,"))
    forged = ridecode("money", "audit", tmp_path, "2018-09-03")
    assert forged.returncode == 1
    assert "✗ ROOT" in forged.stdout
    wrong = ridecode("money", "audit", tmp_path, "yesterday")
    assert (wrong.returncode, "Write it as 2018-09-01" in wrong.stderr) == (2, True)


def test_a_seal_is_checked_by_its_signature(cell: Cell, tmp_path: Path) -> None:
    day, ours, stranger = day_named("2018-09-03"), new_key(), tmp_path / "stranger.pub"
    close_day(cell, SHENZHEN.calendar, day, LATER)
    seal_day(cell, day, tmp_path)
    seal, audit = tmp_path / "seal-2018-09-03.json", ("money", "audit", tmp_path, "2018-09-03")
    signature, key = seal.with_name(seal.name + ".sig"), tmp_path / "city.pub"
    key.write_text(public_key(ours).hex())
    stranger.write_text(public_key(new_key()).hex())

    assert told(*audit)["signed_by"] is None
    assert "未验 not checked: no --key" in ridecode(*audit).stdout
    missing = ridecode(*audit, "--key", key)
    assert (missing.returncode, "signature cannot be read" in missing.stderr) == (2, True)
    signature.write_bytes(sign_seal(ours, seal.read_bytes()))
    both = ("--key", key, "--key", stranger)
    assert told(*audit, *both)["signed_by"] == key_id(public_key(ours))
    assert f"✓ {key_id(public_key(ours))}" in ridecode(*audit, "--key", key).stdout
    forged = ridecode(*audit, "--key", stranger)
    assert forged.returncode == 1
    assert "✗ SIGNATURE" in forged.stdout
    assert "✗ 无效 does not hold" in forged.stdout


def test_who_connects_a_channel_stands_in_the_log(data_folder: Path, tmp_path: Path) -> None:
    """Before it is done: so the entry of what was then refused is there as well."""
    path = tmp_path / "merchant.toml"
    path.write_text(MERCHANTS["card-account"])
    assert told("money", "connect", "card-account", path, "--data", data_folder) == {
        "channel": "card-account"
    }
    assert "channel/card-account" in Vault.open(data_folder).names()
    assert ridecode("money", "connect", "cash", path, "--data", data_folder).returncode == 2
    entries = told("access", "log", "--data", data_folder)
    assert sorted((one["act"], one["subject"]) for one in entries) == [
        ("money connect", "card-account"), ("money connect", "cash"),
    ]  # fmt: skip


@pytest.fixture
def silent(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two rides are due at a channel: a stranger answers for it, then it refuses the request."""
    rows = [row.replace("a1,", f"{account},") for account in ("a1", "b2") for row in (ENTRY, EXIT)]
    imported(data_folder, tmp_path, *rows)
    settled(data_folder)
    for account in ("a1", "b2"):
        agreed = ("wechat", "--contract", account, "--user", account, "--data", data_folder)
        told("money", "sign", f"00000000000000{account}", *agreed)
    now = Clock.of_folder(data_folder).now
    answers = iter([("stranger", 200), ("platform", 401)])

    def answer() -> Answer:
        whose, status = next(answers)
        return keys.answer(status, {"code": "SIGN_ERROR [x]"}, now(), whose)

    channel = WeChatPay(keys.merchant(), lambda *_: answer())
    monkeypatch.setattr("ridecode.money.connected", lambda *_: {"wechat": channel})
    return data_folder


def test_why_a_channel_is_silent_is_told_with_what_to_do(silent: Path) -> None:
    shown = ridecode("money", "work", "--data", silent).stdout
    assert "wechat × 1  NOT_SIGNED\n  应答没有该渠道的有效签名 · the answer does not bear" in shown
    assert "→ 渠道可能换了密钥" in shown
    assert "compare the key that is set with the channel's console" in shown
    assert "wechat × 1  OUR_MISTAKE SIGN_ERROR [x]\n  渠道不接受这样的请求 · it refuses" in shown
    assert "look the code up in the channel's documents" in shown


def test_programs_are_told_why_as_well(silent: Path) -> None:
    assert told("money", "work", "--data", silent)["worked"] == {
        "wechat": {
            "sent": 2, "asked_after": 0, "refunds": 0, "facts": 0, "silent": 2,
            "reasons": [
                {"why": "NOT_SIGNED", "code": "", "requests": 1},
                {"why": "OUR_MISTAKE", "code": "SIGN_ERROR [x]", "requests": 1},
            ],
        }
    }  # fmt: skip


def test_a_running_server_is_to_be_restarted() -> None:
    assert "restarted" in ridecode("money", "connect", "--help").stdout


def test_every_kind_of_account_has_a_name() -> None:
    assert set(KINDS) == {kind.name for kind in Kind}
