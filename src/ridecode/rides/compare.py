"""Our fares beside those that a card company really charged, pair by pair, none left out."""

from uuid import UUID

from msgspec import Struct

from ridecode.fares import Tariffs
from ridecode.rides import db, rows
from ridecode.store import Cell
from ridecode.taps import totals


class Differing(Struct, frozen=True):
    """One pair on which we and the card company do not agree; amounts in the smallest unit."""

    ride_id: UUID
    entry_stop: str
    exit_stop: str
    entry_ts: int
    exit_ts: int
    distance_m: int | None
    ours: int | None
    """None where the two taps are no ride here, or the ride has no price."""
    theirs: int | None
    """None where the file says nothing."""


class Compared(Struct, frozen=True):
    """What the comparison found: `metro_pairs == unknown_station + exact + len(differing)`."""

    taps: int
    rejected: int
    """Rows of the imported files that could not be read."""
    metro_pairs: int
    """Every imported entry whose card's next entry or exit of that product is an exit."""
    unknown_station: int
    """Pairs of which a station is not known, so that no fare can be told."""
    exact: int
    """Pairs whose full fare, before any discount, is what the file says, to the fen."""
    differing: tuple[Differing, ...]


def compare_charged(cell: Cell, tariffs: Tariffs) -> Compared:
    """Compare every imported pair, priced or not; run after matching and rating."""
    with cell.connection() as conn:
        pairs = db.imported_pairs(conn)
        keys = [pair[:3] for pair in pairs]
        rides = {row[2]: rows.ride_of(cell.city, row) for row in db.rides_at(conn, keys)}
        prices = {row[2]: rows.price_of(row) for row in db.prices_at(conn, keys)}
    exact = unknown = 0
    differing: list[Differing] = []
    for _, entry_ts, entry_id, entry_stop, exit_id, exit_ts, exit_stop, theirs in pairs:
        if not entry_stop or not exit_stop:
            unknown += 1
            continue
        ride, price = rides.get(entry_id), prices.get(entry_id)
        paired = ride is not None and ride.exit_tap == exit_id
        ours = tariffs.by_id(price.tariff).full_fare(price) if price and paired else None
        if ours is not None and ours == theirs:
            exact += 1
        else:
            metres = ride.distance_m if ride is not None and paired else None
            differing.append(
                Differing(
                    entry_id, entry_stop, exit_stop, entry_ts, exit_ts, metres, ours, theirs
                )
            )  # fmt: skip
    told = totals(cell)
    return Compared(told.taps, told.rejected, len(pairs), unknown, exact, tuple(differing))
