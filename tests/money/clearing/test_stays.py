"""What was sent and answered stays, whoever has a session of the database."""

from pathlib import Path

import psycopg
import pytest

from ridecode.money.clearing import Reason, dispute, send
from ridecode.store import Cell
from tests.money.channels.scripted import CALENDAR, DAY
from tests.money.test_closing import NEXT, a_day, answered, close, take

TABLES = ("clearing_days", "clearing_files", "clearing_sends", "clearing_answers",
          "clearing_rejected")  # fmt: skip
STATEMENTS = [
    *(f"DELETE FROM {table}" for table in TABLES),
    *(f"TRUNCATE {table} CASCADE" for table in TABLES),
    "UPDATE clearing_days SET rides_until = 0",
    "UPDATE clearing_files SET fares_fen = 0",
    "UPDATE clearing_sends SET sent_at = 0",
    "UPDATE clearing_answers SET cleared = 0",
    "UPDATE clearing_rejected SET line = ''",
    "UPDATE clearing_rejected SET disputed_day = disputed_day + 1",
    "UPDATE clearing_rejected SET disputed_at = 0",
    "UPDATE clearing_rejected SET disputed_at = NULL, disputed_day = NULL",
]


def test_the_database_itself_changes_nothing_of_it(cell: Cell, tmp_path: Path) -> None:
    """A line that is disputed is in the files of that day, and so in those of no other."""
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    send(cell, DAY, tmp_path, tmp_path / "place", NEXT)
    take(cell, tmp_path, answered(tmp_path / file.name, {2: Reason.WRONG_AMOUNT}, tmp_path))
    dispute(cell, CALENDAR, 1, 2, NEXT)
    for statement in STATEMENTS:
        with pytest.raises(psycopg.errors.RestrictViolation), cell.connection() as conn:
            conn.execute(statement.encode())
