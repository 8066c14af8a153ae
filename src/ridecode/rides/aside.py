"""Taps that were set aside: stored with every older version, told to whoever revokes, listed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct, msgpack

from ridecode.rides import db, rows
from ridecode.rides.standing import Aside, Why
from ridecode.rides.versions import Changes
from ridecode.store import Cell, Connection, log

SET_ASIDE = "taps.set_aside"
"""Topic of the log: [[tap_id 16 bytes, account, why, ts], …] of taps that were newly set aside."""


class SetAside(Struct, frozen=True):
    """One version of why a tap is in no ride. Moments are UTC epoch microseconds."""

    tap_id: UUID
    account: str
    ts: int
    why: Why
    against: UUID
    """The standing tap beside which it cannot stand."""
    version: int
    as_of: int
    superseded_at: int | None
    """None for the current one; else when it came to stand, or had another reason."""


def keep(
    conn: Connection, since: Mapping[str, int], found: Sequence[Aside], now: int
) -> list[rows.Row]:
    """Store what is set aside of these accounts' taps from a moment on, where it differs from what
    is stored; the rows that are new."""
    before = db.aside_from(conn, since)
    if not before and not found:
        return []
    ids = [one.tap.tap_id for one in found if one.tap.tap_id not in before]
    changes = Changes(rows.ASIDE_FACTS, db.aside_versions(conn, list(since), ids))
    for one in found:
        tap = one.tap
        row = (tap.account, tap.ts, tap.tap_id, one.why, one.against, 1, now)
        changes.put(before.pop(tap.tap_id, None), row)
    for old in before.values():
        changes.drop(old)
    db.supersede_aside(conn, changes.gone, now)
    db.add_aside(conn, changes.rows)
    return changes.rows


def tell(conn: Connection, kept: Sequence[rows.Row]) -> None:
    """Append it to the log, as the last thing a transaction does."""
    if kept:
        told = [(tap_id.bytes, account, int(why), ts) for account, ts, tap_id, why, *_ in kept]
        log.append(conn, SET_ASIDE, [msgpack.encode(told)])


def set_aside(cell: Cell, limit: int) -> list[SetAside]:
    """The latest taps of the city that are in no ride, the newest first."""
    with cell.connection() as conn:
        return [_version((*row, None)) for row in db.latest_aside(conn, limit)]


def set_aside_of(cell: Cell, account: str, limit: int) -> list[SetAside]:
    """The latest taps of an account that are in no ride, the newest first."""
    with cell.connection() as conn:
        return [_version((*row, None)) for row in db.aside_of(conn, account, limit)]


def set_aside_versions(cell: Cell, tap_id: UUID) -> list[SetAside]:
    """Every version of why a tap is or was in no ride, the oldest first."""
    with cell.connection() as conn:
        return [_version(row) for row in db.aside_versions_of(conn, tap_id)]


def _version(row: rows.Row) -> SetAside:
    account, ts, tap_id, why, against, version, as_of, until = row
    return SetAside(tap_id, account, ts, Why(why), against, version, as_of, until)
