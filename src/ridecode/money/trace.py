"""The way of the money, in both directions: tap, ride, price, fare, order, payment, file, answer.

Every step is found from the one before by an id that is made of it, so nothing has to be searched:
the fares of a ride by its id and their number, its order by its id, an order's journals by what was
heard of it, a journal's line in a settlement file by its number in the ledger. Whatever one begins
with, a line of a file as well, the same whole way comes out.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import BadInputError, NotFoundError, Ride
from ridecode.money import channels, clearing, ledger
from ridecode.money.booked import fare_lines
from ridecode.rides import PriceVersion, price_versions, ride_of_tap, ride_versions
from ridecode.rides import read_rules as read_matching
from ridecode.store import Cell


class Posted(Struct, frozen=True):
    """A line of the books, and where it stands in settlement files."""

    line: ledger.Line
    number: str
    """The channel's number of the payment or refund; empty for a fare."""
    places: tuple[clearing.Place, ...]
    """None while its day is open."""


class Ordered(Struct, frozen=True):
    """A charge order with what became of it."""

    kept: channels.Kept
    standing: channels.Standing
    signed: channels.Signed
    refunds: tuple[channels.Refund, ...]
    booked: tuple[Posted, ...]


class Trace(Struct, frozen=True):
    """All that there is about one ride, or about the difference of one rider's day."""

    ride: Ride | None
    prices: tuple[PriceVersion, ...]
    """Every version, the oldest first, with the rule lines of each."""
    fares: tuple[Posted, ...]
    order: Ordered | None

    @property
    def account(self) -> str:
        """Whose money it is."""
        if self.ride is not None:
            return self.ride.account
        assert self.order is not None, "it is of a ride, or of an order"
        return self.order.kept.order.account


def trace_of(cell: Cell, pack: Pack, of: str) -> Trace:
    """The way of the money begun at a tap or an order by its id, or at a line of the books by its
    number. Raises `NotFoundError`, and `BadInputError` where it can be none of them."""
    if of.isdecimal() and len(of) < _ID_DIGITS:
        return trace_line(cell, int(of))
    try:
        id_ = UUID(of)
    except ValueError as error:
        raise BadInputError(
            f"{of} is no id.", "Give a tap's or an order's id, or a journal's number."
        ) from error
    try:
        return trace_order(cell, id_)
    except NotFoundError:
        return trace_tap(cell, pack, id_)


_ID_DIGITS: Final = 19
"""No journal's number is so long, and an id written in digits alone is longer."""


def trace_tap(cell: Cell, pack: Pack, tap_id: UUID) -> Trace:
    """The way of the ride that a tap is part of; raises `NotFoundError`."""
    return trace_ride(cell, ride_of_tap(cell, read_matching(pack), tap_id))


def trace_ride(cell: Cell, ride: Ride) -> Trace:
    fares = fare_lines(cell, {ride.ride_id: (ride.account, ride.start_ts)}).get(ride.ride_id, ())
    return Trace(
        ride,
        tuple(price_versions(cell, ride.ride_id)),
        tuple(Posted(line, "", clearing.places(cell, line)) for line in fares),
        _ordered(cell, channels.ride_order_id(fares[0].journal.journal_id)) if fares else None,
    )


def trace_order(cell: Cell, order_id: UUID) -> Trace:
    """The way of an order, by its id, which is also its number at its channel; raises
    `NotFoundError`."""
    ordered = _ordered(cell, order_id)
    if ordered is None:
        raise NotFoundError(f"There is no charge order {order_id}.", "Ask for its ride's tap.")
    versions = ride_versions(cell, ordered.kept.order.about)
    if versions:
        return trace_ride(cell, versions[-1].ride)
    return Trace(None, (), (), ordered)


def trace_line(cell: Cell, n: int) -> Trace:
    """The way of a line of the books; raises `NotFoundError` where it is of no ride or order."""
    journal = ledger.line_numbered(cell, n).journal
    if journal.flow in (ledger.Flow.FARE, ledger.Flow.FARE_BACK):
        versions = ride_versions(cell, journal.about)
        if versions:
            return trace_ride(cell, versions[-1].ride)
    return trace_order(cell, journal.about)


def _ordered(cell: Cell, order_id: UUID) -> Ordered | None:
    found = channels.look_up(cell, order_id)
    if found is None:
        return None
    kept, signed, refunds = found
    numbers = channels.journal_ids(kept.order.order_id, kept.heard)
    lines: Sequence[ledger.Line] = ledger.lines_with(cell, list(numbers))
    return Ordered(
        kept,
        channels.standing(kept.order, kept.heard),
        signed,
        tuple(refunds),
        tuple(
            Posted(line, numbers[line.journal.journal_id], clearing.places(cell, line))
            for line in lines
        ),
    )
