"""The SQL of the room: what the page counts that no other room asks for."""

from uuid import UUID

from ridecode.core import Verdict
from ridecode.store import Cell


def refused(cell: Cell, since: int, until: int) -> int:
    """How many readings were refused from a moment on and before another, epoch µs.

    An id of version 7 begins with its moment, so they are found without a further index.
    """
    query = "SELECT count(*) FROM taps WHERE tap_id >= %s AND tap_id < %s AND verdict <> %s"
    with cell.connection() as conn:
        row = conn.execute(query, (_first_id(since), _first_id(until), Verdict.ACCEPTED)).fetchone()
    return int(row[0]) if row else 0


def latest(cell: Cell) -> int:
    """The time of the youngest tap by its id, epoch µs; 0 where there is none."""
    with cell.connection() as conn:
        row = conn.execute("SELECT ts FROM taps ORDER BY tap_id DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def _first_id(ts: int) -> UUID:
    return UUID(int=ts // 1_000 << 80)
