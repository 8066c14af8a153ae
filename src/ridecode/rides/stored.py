"""Reading back what is stored, for the faces: rides, prices, and the older versions of both."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from ridecode.core import Mode, NotFoundError, Price, Ride
from ridecode.rides import db, rows
from ridecode.rides.rules import MatchingRules
from ridecode.store import Cell, Connection


class RideVersion(Struct, frozen=True):
    """One version of a ride. Moments are those given to the passes, UTC epoch microseconds."""

    version: int
    as_of: int
    superseded_at: int | None
    """None for the current one; else when another took its place or it became part of another."""
    ride: Ride


class PriceVersion(Struct, frozen=True):
    """One version of a ride's price, as `RideVersion`."""

    version: int
    as_of: int
    superseded_at: int | None
    price: Price


class RideTotals(Struct, frozen=True):
    """What began in a span of time; the amount is that of the prices, in the smallest unit."""

    riders: int
    rides: int
    exceptions: int
    amount: int


def rides_of(cell: Cell, account: str, limit: int) -> list[Ride]:
    """The latest rides of an account, the newest first."""
    with cell.connection() as conn:
        return [rows.ride_of(cell.city, row) for row in db.rides_of(conn, account, limit)]


def latest_rides(cell: Cell, limit: int) -> list[Ride]:
    """The latest rides of the whole city, the newest first."""
    with cell.connection() as conn:
        return [rows.ride_of(cell.city, row) for row in db.latest_rides(conn, limit)]


def latest_exceptions(cell: Cell, limit: int) -> list[Ride]:
    """The latest rides that are exceptions, the newest first."""
    with cell.connection() as conn:
        return [rows.ride_of(cell.city, row) for row in db.latest_exceptions(conn, limit)]


def ride(cell: Cell, ride_id: UUID) -> Ride:
    """The current version of a ride; raises `NotFoundError`."""
    with cell.connection() as conn:
        row = db.ride(conn, ride_id)
    if row is None:
        raise NotFoundError(
            f"There is no ride {ride_id} in {cell.city}.",
            "Its taps may have become part of another ride, or are not matched yet.",
        )
    return rows.ride_of(cell.city, row)


def ride_of_tap(cell: Cell, rules: MatchingRules, tap_id: UUID) -> Ride:
    """The ride that a tap is part of, as its first or its last; raises `NotFoundError`."""
    with cell.connection() as conn:
        row = db.ride_of_tap(conn, tap_id, rules.pair_within)
    if row is None:
        raise NotFoundError(
            f"The tap {tap_id} is part of no ride in {cell.city}.",
            "There is no such tap, it was refused or set aside, or is not matched yet.",
        )
    return rows.ride_of(cell.city, row)


class Passage(Struct, frozen=True, gc=False):
    """From where to where a ride went; moments are UTC epoch microseconds."""

    mode: Mode
    line: str
    """Id of the line; may be empty, as may the stops."""
    entry_stop: str
    exit_stop: str
    start_ts: int
    end_ts: int


def passages_at(cell: Cell, keys: Sequence[tuple[str, int, UUID]]) -> dict[UUID, Passage]:
    """Of rides by account, start and id from where to where they went; nothing for those that are
    no more."""
    with cell.connection() as conn:
        return {
            ride_id: Passage(rows.MODES[mode], *of)
            for ride_id, mode, *of in db.passages_at(conn, keys)
        }


def prices_of(cell: Cell, rides: Sequence[Ride]) -> dict[UUID, Price]:
    """The current prices of rides, of those that have one."""
    keys = [(one.account, one.start_ts, one.ride_id) for one in rides]
    with cell.connection() as conn:
        return {row[2]: rows.price_of(row) for row in db.prices_at(conn, keys)}


def ride_versions(cell: Cell, ride_id: UUID) -> list[RideVersion]:
    """Every version of a ride, the oldest first; of a ride that is no more, too."""
    with cell.connection() as conn:
        found = db.ride_versions_of(conn, ride_id)
    return [
        RideVersion(version, as_of, until, rows.ride_of(cell.city, tuple(facts)))
        for *facts, version, as_of, until in found
    ]


def price_versions(cell: Cell, ride_id: UUID) -> list[PriceVersion]:
    """Every version of a ride's price, the oldest first."""
    with cell.connection() as conn:
        found = db.price_versions_of(conn, ride_id)
    return [
        PriceVersion(version, as_of, until, rows.price_of(tuple(facts)))
        for *facts, version, as_of, _, until in found
    ]


class PriceNow(Struct, frozen=True, gc=False):
    """What a ride costs now; amounts are in the smallest unit."""

    account: str
    start_ts: int
    ride_id: UUID
    amount: int
    """0 where it has no price any more."""
    is_first: bool
    """Whether the ride had no other price before."""
    lacks_tap: bool
    """Whether its entry or its exit has not come: what it costs may be another soon."""


def priced_until(conn: Connection) -> int:
    """The number of the last pass up to which every ride is priced; 0 for none."""
    return db.priced_until(conn)


def has_changed_prices(conn: Connection, after: int, until: int, most: int) -> bool:
    """Whether more rides than `most` have prices that became others in those passes."""
    return db.has_changed_prices(conn, after, until, most)


def analyze_prices(conn: Connection) -> None:
    """Before many prices are read that have just been written: else they are read at twice the
    cost. Half a second where it does something."""
    db.analyze_prices(conn)


def changed_prices(
    conn: Connection, after: int, until: int, part: int = 0, parts: int = 1
) -> Iterator[PriceNow]:
    """Every ride whose price became another in the passes behind `after`, up to `until`; or of one
    part of the accounts, of so many that are about equal.

    Ask up to `priced_until`, and the next time behind that: what changed again meanwhile is told
    then, with the amount that it has then. By account, start and id, so that the same prices come
    in the same order. Read as it is asked for; an open transaction is committed first.
    """
    changed = db.changed_prices(conn, after, until, part, parts)
    for account, start_ts, ride_id, amount, version, lacks in changed:
        yield PriceNow(account, start_ts, ride_id, amount or 0, version == 1, bool(lacks))


def totals(cell: Cell, since: int, until: int) -> RideTotals:
    """Of the rides that began from a moment on and before another."""
    with cell.connection() as conn:
        return RideTotals(*db.totals(conn, since, until))
