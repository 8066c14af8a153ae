"""Books that come back from a backup are the same, and go on."""

from pathlib import Path

from ridecode.core import unseen
from ridecode.money.ledger import Flow, Outcome, audit_day, seal_day, trial_balance
from ridecode.store import Cell, backup, open_cell, restore
from tests.money.ledger.books import DAY, journal, posted
from tests.money.ledger.test_days import NEXT, sealed, two_days


def test_closed_days_come_back_closed(
    cell: Cell, data_folder: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    two_days(cell)
    (seal,) = sealed(cell, tmp_path / "before", DAY)
    expected = trial_balance(cell)
    backup(data_folder, tmp_path / "city.zip", unseen)
    restore(fresh_folder, tmp_path / "city.zip", unseen)

    with open_cell(fresh_folder, cell.city) as back:
        assert trial_balance(back) == expected
        assert seal_day(back, DAY, tmp_path) == seal
        assert audit_day(tmp_path, DAY).findings == ()
        assert posted(
            back,
            journal("late", Flow.FARE, 1),
            journal("1", Flow.FARE, 530),
            journal("new", Flow.FARE, 1, debit="r9", day=NEXT),
        ) == [Outcome.DAY_CLOSED, Outcome.EXISTS, Outcome.POSTED]
