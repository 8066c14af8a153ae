"""The SQL of the room: what the page counts that no other room asks for."""

from collections.abc import Sequence
from uuid import UUID

from ridecode.core import Verdict, first_id
from ridecode.store import Cell


def refused(cell: Cell, since: int, until: int) -> int:
    """How many readings were refused from a moment on and before another, epoch µs."""
    query = "SELECT count(*) FROM taps WHERE tap_id >= %s AND tap_id < %s AND verdict <> %s"
    with cell.connection() as conn:
        row = conn.execute(query, (first_id(since), first_id(until), Verdict.ACCEPTED)).fetchone()
    return int(row[0]) if row else 0


def latest(cell: Cell) -> int:
    """The time of the youngest tap by its id, epoch µs; 0 where there is none."""
    with cell.connection() as conn:
        row = conn.execute("SELECT ts FROM taps ORDER BY tap_id DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def opened_and_stored(cell: Cell) -> int:
    """How many of the readings that opened a gate are at the centre: one number a device."""
    with cell.connection() as conn:
        row = conn.execute("SELECT coalesce(sum(opened), 0) FROM device_chains").fetchone()
    return int(row[0]) if row else 0


def stored_of(cell: Cell, ids: Sequence[UUID]) -> int:
    """How many of these taps are at the centre."""
    if not ids:
        return 0
    with cell.connection() as conn:
        row = conn.execute(
            "SELECT count(*) FROM taps WHERE tap_id = ANY(%s)", (list(ids),)
        ).fetchone()
    return int(row[0]) if row else 0


def set_aside(cell: Cell) -> int:
    """How many taps are kept and do not stand."""
    query = """SELECT (SELECT count(*) FROM tap_checks WHERE reason <> 0)
                    + (SELECT count(*) FROM set_aside)"""
    with cell.connection() as conn:
        row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0


def priced(cell: Cell) -> int:
    """How many rides have a price."""
    with cell.connection() as conn:
        row = conn.execute("SELECT count(*) FROM prices").fetchone()
    return int(row[0]) if row else 0
