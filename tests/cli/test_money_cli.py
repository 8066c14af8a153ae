"""`ridecode money`, run as people run it."""

from pathlib import Path

from ridecode.cli.money import KINDS
from ridecode.core import day_named
from ridecode.money.ledger import Kind, close_day, seal_day
from ridecode.store import open_cell
from tests.cli.running import ridecode
from tests.cli.test_rides_cli import EXIT, LATER, imported, settled, told
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


def test_every_kind_of_account_has_a_name() -> None:
    assert set(KINDS) == {kind.name for kind in Kind}
