"""The log over a real database: only added to, by many at once, and what was changed is seen."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from ridecode.access import (
    About,
    Entry,
    Fault,
    Found,
    Head,
    Open,
    Purpose,
    Right,
    Role,
    Verdict,
    latest,
    looks,
    verify,
)
from ridecode.core import UnavailableError
from ridecode.store import Cell

NOW = 1_535_724_890_000_000
RIDER = "3104870400000000001"


def _entry(number: int = 0, **more: Any) -> Entry:
    told: dict[str, Any] = {
        "at": NOW + number, "who": "wang.li", "role": Role.CARD_COMPANY, "right": Right.SEE_RIDER,
        "act": "GET /v1/rides", "about": About.RIDER, "subject": RIDER,
        "purpose": Purpose.COMPLAINT, "reason": "失物招领", "outcome": Verdict.ALLOWED,
    } | more  # fmt: skip
    return Entry(**told)


@pytest.fixture
def open_(cell: Cell) -> Open:
    return Open(cell, lambda: NOW)


@pytest.fixture
def five(cell: Cell, open_: Open) -> Found:
    """A log of five entries, which was sound."""
    for number in range(5):
        open_.record(_entry(number))
    return verify(cell)


def _as_owner(cell: Cell, query: str) -> None:
    """As whoever owns the database may: past the triggers."""
    with cell.connection() as conn:
        conn.execute("SET LOCAL session_replication_role = replica")
        conn.execute(query.encode())


def test_what_is_entered_is_read_again(cell: Cell, open_: Open) -> None:
    bare = _entry(
        1, role=None, right=None, purpose=None, reason="", outcome=Verdict.NO_RIGHT,
        about=About.NOTHING, subject="",
    )  # fmt: skip
    open_.record(_entry())
    open_.record(bare)
    assert [one.entry for one in latest(cell, 9)] == [bare, _entry()]
    assert [one.n for one in latest(cell, 9, before=2)] == [1]
    assert verify(cell).head.n == 2


def test_an_empty_log_is_sound(cell: Cell) -> None:
    assert verify(cell) == Found(Head(0, bytes(32)))


def test_many_at_once_make_one_chain(cell: Cell, open_: Open) -> None:
    other = Open(cell, lambda: NOW)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda at: (open_, other)[at % 2].record(_entry(at)), range(200)))
    found = verify(cell)
    assert (found.fault, found.head.n) == (None, 200)
    assert {one.entry.at for one in latest(cell, 999)} == {NOW + at for at in range(200)}


@pytest.mark.parametrize(
    "query",
    ["UPDATE access_log SET reason = ''", "DELETE FROM access_log", "TRUNCATE access_log"],
)
def test_the_database_refuses_to_change_an_entry(cell: Cell, five: Found, query: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation), cell.connection() as conn:
        conn.execute(query.encode())
    assert verify(cell) == five


CHANGES = [
    ("UPDATE access_log SET reason = 'audit' WHERE n = 3", Fault.CHANGED, 3),
    ("UPDATE access_log SET who = 'li' WHERE n = 1", Fault.CHANGED, 1),
    ("UPDATE access_log SET outcome = 2 WHERE n = 5", Fault.CHANGED, 5),
    ("UPDATE access_log SET purpose = NULL WHERE n = 5", Fault.CHANGED, 5),
    ('UPDATE access_log SET "right" = 99 WHERE n = 2', Fault.CHANGED, 2),
    ("UPDATE access_log SET link = sha256('x') WHERE n = 5", Fault.CHANGED, 5),
    ("DELETE FROM access_log WHERE n = 1", Fault.GAP, 1),
    ("DELETE FROM access_log WHERE n = 4", Fault.GAP, 4),
    ("UPDATE access_log SET n = 9 WHERE n = 5", Fault.GAP, 5),
    ("UPDATE access_log SET n = -1 WHERE n = 1", Fault.GAP, 1),
    ("DELETE FROM access_log WHERE n > 3", Fault.CUT, 5),
    ("DELETE FROM access_log", Fault.CUT, 5),
]


@pytest.mark.parametrize(("query", "fault", "at"), CHANGES, ids=[one[0] for one in CHANGES])
def test_what_was_changed_past_the_database_is_seen(
    cell: Cell, five: Found, query: str, fault: Fault, at: int
) -> None:
    _as_owner(cell, query)
    found = verify(cell, five.head)
    assert (found.fault, found.at) == (fault, at)


def test_a_rider_sees_who_looked_at_him_and_no_other(cell: Cell, open_: Open) -> None:
    open_.record(_entry(1))
    open_.record(_entry(2, subject="3104870400000000002"))
    open_.record(_entry(3, about=About.OPERATOR))
    open_.record(_entry(4, outcome=Verdict.NO_PURPOSE, purpose=None, reason=""))
    assert [one.entry.at - NOW for one in looks(cell, RIDER, 9)] == [4, 1]
    assert [one.entry.at - NOW for one in looks(cell, RIDER, 1)] == [4]
    assert [one.entry.at - NOW for one in looks(cell, RIDER, 9, before=4)] == [1]
    assert looks(cell, "", 9) == []


class _Out(Cell):
    """A cell whose database is out of reach."""

    def __init__(self, error: Exception) -> None:
        self.city, self.dsn, self._error = "shenzhen", "", error

    @contextmanager
    def connection(self) -> Any:
        time.sleep(0.01)
        raise self._error
        yield


@pytest.mark.parametrize("error", [UnavailableError("It was closed."), RuntimeError("a fault")])
def test_whatever_goes_wrong_everybody_who_waits_is_told(error: Exception) -> None:
    """Nobody may take for written what another tried to write for him."""
    lost = Open(_Out(error), lambda: NOW)

    def told(number: int) -> Exception | None:
        try:
            lost.record(_entry(number))
        except (UnavailableError, RuntimeError) as raised:
            return raised
        return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(told, range(24))) == [error] * 24
