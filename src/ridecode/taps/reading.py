"""Reading taps back, for the faces."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from ridecode.core import NotFoundError, Tap
from ridecode.store import Cell
from ridecode.taps import db
from ridecode.taps.facts import Charged, Conflict, Totals


def tap(cell: Cell, tap_id: UUID) -> Tap:
    """One tap, exactly as it was recorded; raises `NotFoundError`."""
    with cell.connection() as conn:
        found = db.tap(conn, cell.city, tap_id)
    if found is None:
        raise NotFoundError(f"There is no tap {tap_id} in {cell.city}.", "Ask for it by account.")
    return found


def taps_of(cell: Cell, account: str) -> list[Tap]:
    """Every tap of an account in the order of (ts, tap_id), refused readings among them; a tap
    whose code is to be verified is found by its id alone until that is done."""
    with cell.connection() as conn:
        return db.taps_of(conn, cell.city, account)


def readings(cell: Cell, since: int, until: int, one_in: int = 1) -> Iterator[Tap]:
    """What validators read from a moment on and before another (UTC epoch microseconds), accepted
    or refused, in the order of (ts, tap_id) to the millisecond; of every `one_in`th validator."""
    return db.readings(cell, since, until, one_in)


def readings_count(cell: Cell, since: int, until: int) -> int:
    """How many those are, of all validators."""
    with cell.connection() as conn:
        return db.readings_count(conn, since, until)


def charged_of(where: db.Where, tap_ids: Sequence[UUID]) -> dict[UUID, Charged]:
    """What the card company's file says was charged at these taps, where it says anything."""
    with db.connected(where) as conn:
        return db.charged_of(conn, tap_ids)


def conflicts(cell: Cell) -> list[Conflict]:
    """Every refused telling of a tap, the oldest first."""
    with cell.connection() as conn:
        return db.conflicts(conn)


def totals(cell: Cell) -> Totals:
    """How much a cell holds."""
    with cell.connection() as conn:
        return db.totals(conn)
