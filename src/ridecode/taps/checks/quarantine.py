"""Quarantine: taps that were kept but do not stand, and how a person lets one go on."""

from uuid import UUID

from ridecode.core import NotFoundError, RefusedError
from ridecode.store import Cell
from ridecode.taps.checks import db
from ridecode.taps.db import connected
from ridecode.taps.facts import Quarantined


def quarantined(
    cell: Cell, since: int = 0, most: int = 1_000, operator: str = ""
) -> list[Quarantined]:
    """The taps that were set aside from a moment on (UTC epoch microseconds), the newest first; of
    one operator, or of all where none is named."""
    with connected(cell) as conn:
        return db.quarantined(conn, cell.city, since, most, operator)


def release(cell: Cell, tap_id: UUID, *, by: str, why: str, now: int) -> None:
    """A person lets a tap go on to the check of its code, which alone decides whether it stands.

    Who, why and what was against it are kept. Raises `NotFoundError` where it is not in quarantine,
    and `RefusedError` where its code is what is wrong: no tap becomes money unverified.
    """
    with connected(cell) as conn:
        of = db.set_aside(conn, tap_id)
        if of is None:
            raise NotFoundError(
                f"The tap {tap_id} is not in quarantine.", "Look at the list again."
            )
        if not of[0].may_be_released:
            raise RefusedError(
                f"The tap {tap_id} cannot be released: {of[0].words.en}", "It stays as evidence."
            )
        db.release(conn, tap_id, of, by, why, now)
        db.tell_unchecked(conn, [tap_id.bytes])
