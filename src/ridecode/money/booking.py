"""From prices to the books: what every ride costs is owed by its rider to the card company.

A ride whose price is new is a journal of that fare; where its price becomes another, one of the
difference. So the books follow the prices: whatever order taps come in, what a rider owes for rides
in the end is the sum of their prices. A difference belongs to the business day of its ride, or,
where that is closed, to the first open one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import BusinessCalendar, Progress, derived_id, unseen
from ridecode.money import db
from ridecode.money.ledger import Flow, Journal, Ledger, Outcome, last_closed, open_day
from ridecode.rides import PriceNow, changed_prices, priced_until
from ridecode.store import Cell

_MARK: Final = "fares"
_CHUNK: Final = 10_000

T = TypeVar("T")


class Booked(Struct, frozen=True):
    """What booking did; fen."""

    rides: int
    """Whose price was another than in the books."""
    owed: int
    given_back: int


class Booking(Struct, frozen=True):
    """A ride whose price is another than in the books, and the journal that makes it right."""

    price: PriceNow
    bookings: int
    """Its journals, this one included."""
    journal: Journal


def book_fares(cell: Cell, pack: Pack, now: int, progress: Progress = unseen) -> Booked:
    """Bring the books to what all rides cost by the last complete pass of rating.

    Killed anywhere and run again it ends in the same books. `now` is UTC epoch microseconds. Ten
    million new fares take some five minutes on one core and one of PostgreSQL's, 10,000 a
    transaction.
    """
    ledger = Ledger(pack.card_company.id)
    rides = owed = given_back = 0
    with db.alone(cell.dsn) as reading:
        after, until = db.mark(reading, _MARK), priced_until(reading)
        for chunk in _chunks(changed_prices(reading, after, until), _CHUNK):
            found = _book(cell, pack, ledger, chunk, now)
            rides += len(found)
            owed += sum(one.journal.amount for one in found if one.journal.flow is Flow.FARE)
            given_back += sum(
                one.journal.amount for one in found if one.journal.flow is Flow.FARE_BACK
            )
            progress(rides, 0)
        db.set_mark(reading, _MARK, until)
    return Booked(rides, owed, given_back)


def _chunks(all_: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(all_)
    while chunk := list(islice(left, size)):
        yield chunk


def _book(
    cell: Cell, pack: Pack, ledger: Ledger, prices: Sequence[PriceNow], now: int
) -> list[Booking]:
    """One transaction: the journals, and beside them what is in the books."""
    with cell.connection() as conn:
        # Nobody closes a day from here on.
        closed = last_closed(conn)
        keys = [(one.account, one.start_ts, one.ride_id) for one in prices]
        known = db.booked(conn, keys)
        found = bookings(prices, known, pack.card_company.id, pack.calendar, closed)
        outcomes = ledger.post(conn, [one.journal for one in found], now)
        assert set(outcomes) <= {Outcome.POSTED}, "the journals are new and their days open"
        fares = {
            (one.price.account, one.price.start_ts, one.price.ride_id): (
                one.price.amount, one.bookings,
            )
            for one in found
        }  # fmt: skip
        db.add_booked(conn, {key: fare for key, fare in fares.items() if key[2] not in known})
        db.set_booked(conn, {key: fare for key, fare in fares.items() if key[2] in known})
    return found


def bookings(
    prices: Iterable[PriceNow], known: Mapping[UUID, tuple[int, int]], card_company: str,
    calendar: BusinessCalendar, closed: int | None,
) -> list[Booking]:  # fmt: skip
    """Of each ride whose price is another than in the books, how that is made right. Pure.

    `known` has amount and number of bookings of the rides that are in the books; `closed` is the
    last business day that was closed.
    """
    found: list[Booking] = []
    for price in prices:
        before, count = known.get(price.ride_id, (0, 0))
        difference = price.amount - before
        if difference == 0:
            continue
        rider, count = price.account, count + 1
        fact = b"fare" + price.ride_id.bytes + count.to_bytes(4, "big")
        flow, debit, credit = (
            (Flow.FARE, rider, card_company) if difference > 0
            else (Flow.FARE_BACK, card_company, rider)
        )  # fmt: skip
        day = open_day(calendar.day(price.start_ts), closed)
        journal = Journal(
            derived_id(price.start_ts, fact), flow, debit, credit, abs(difference), day,
            price.ride_id,
        )  # fmt: skip
        found.append(Booking(price, count, journal))
    return found
