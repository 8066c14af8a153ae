"""What has to be booked and asked for, so that books and orders follow the prices. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.core import BusinessCalendar, derived_id, moment_near
from ridecode.money import channels
from ridecode.money.ledger import Flow, Journal, Line, open_day
from ridecode.rides import PriceNow


class Booking(Struct, frozen=True, gc=False):
    """A ride whose price is another than in the books, and the journal that makes it right."""

    price: PriceNow
    bookings: int
    """Its journals, this one included."""
    journal: Journal

    @property
    def difference(self) -> int:
        """How much more the ride costs than the books had; below zero for less."""
        return fare_of(self.journal)


def fare_of(journal: Journal) -> int:
    """What a fare's journal adds to what its ride costs in the books."""
    return journal.amount if journal.flow is _FARE else -journal.amount


# To look up a member of an enumeration in its class takes as long as the rest.
_FARE: Final = Flow.FARE


def bookings(
    prices: Iterable[PriceNow], known: Mapping[UUID, Sequence[Line]], card_company: str,
    calendar: BusinessCalendar, closed: int | None,
) -> list[Booking]:  # fmt: skip
    """Of each ride whose price is another than in the books, how that is made right.

    `known` has the lines of the rides that are in the books; `closed` is the last business day that
    was closed.
    """
    found: list[Booking] = []
    for price in prices:
        lines = known.get(price.ride_id, ())
        difference = price.amount - sum(fare_of(line.journal) for line in lines)
        if difference == 0:
            continue
        rider, count = price.account, len(lines) + 1
        flow, debit, credit = (
            (_FARE, rider, card_company) if difference > 0
            else (Flow.FARE_BACK, card_company, rider)
        )  # fmt: skip
        day = open_day(calendar.day(price.start_ts), closed)
        journal = Journal(
            fare_id(rider, price.start_ts, price.ride_id, count), flow, debit, credit,
            abs(difference), day, price.ride_id,
        )  # fmt: skip
        found.append(Booking(price, count, journal))
    return found


def fare_id(account: str, start_ts: int, ride_id: UUID, nth: int) -> UUID:
    """The id of a ride's nth journal; its hour is that of the ride's start."""
    return derived_id(
        moment_near(start_ts, account), b"fare" + ride_id.bytes + nth.to_bytes(4, "big")
    )


def orders(
    found: Sequence[Booking], signed: Mapping[str, channels.Signed], now: int
) -> tuple[list[channels.Kept], dict[str, int]]:
    """The orders to be made, and by account what is asked for at the close of the day only.

    A ride is asked for once, with its first price. Where that becomes another, where a tap is
    still missing (nobody is charged the maximum because an upload is late), or where its rider has
    no agreement yet, the close makes one order or refund of all of a rider's (差额).
    """
    made: list[channels.Kept] = []
    differences: dict[str, int] = {}
    for one in found:
        price = one.price
        is_asked = one.bookings == 1 and not price.lacks_tap
        under = signed.get(price.account) if is_asked else None
        if under is None:
            differences[price.account] = differences.get(price.account, 0) + one.difference
        else:
            order = channels.order_of_ride(
                under, price.ride_id, price.start_ts, one.journal.journal_id, price.amount
            )
            made.append(channels.queued(order, under, now))
    return made, differences
