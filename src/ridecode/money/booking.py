"""From prices to the books: what every ride costs is owed by its rider to the card company.

A ride whose price is new is a journal of that fare; where its price becomes another, one of the
difference. So the books follow the prices: whatever order taps come in, what a rider owes for rides
in the end is the sum of their prices. A difference belongs to the business day of its ride, or,
where that is closed, to the first open one. With a ride's first fare goes its charge order.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Progress, unseen
from ridecode.money import channels, db
from ridecode.money.bookings import Booking, bookings, orders
from ridecode.money.ledger import Ledger, Outcome, last_closed
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
    orders: int = 0
    """That were made; the rest waits for the close of the day."""


NOTHING_BOOKED: Final = Booked(0, 0, 0)


def book_fares(cell: Cell, pack: Pack, now: int, progress: Progress = unseen) -> Booked:
    """Bring the books to what all rides cost by the last complete pass of rating.

    Killed anywhere and run again it ends in the same books. `now` is UTC epoch microseconds. Ten
    million new fares take some five minutes on one core and one of PostgreSQL's, 10,000 a
    transaction.
    """
    ledger = Ledger(pack.card_company.id)
    rides = owed = given_back = made = 0
    with db.alone(cell.dsn) as reading:
        after, until = db.mark(reading, _MARK), priced_until(reading)
        for chunk in _chunks(changed_prices(reading, after, until), _CHUNK):
            found, ordered = _book(cell, pack, ledger, chunk, now)
            rides += len(found)
            owed += sum(max(one.difference, 0) for one in found)
            given_back -= sum(min(one.difference, 0) for one in found)
            made += ordered
            progress(rides, 0)
        db.set_mark(reading, _MARK, until)
    return Booked(rides, owed, given_back, made)


def _chunks(all_: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(all_)
    while chunk := list(islice(left, size)):
        yield chunk


def _book(
    cell: Cell, pack: Pack, ledger: Ledger, prices: Sequence[PriceNow], now: int
) -> tuple[list[Booking], int]:
    """One transaction: the journals, the orders, and beside them what is in the books."""
    with cell.connection() as conn:
        # Nobody closes a day from here on.
        closed = last_closed(conn)
        keys = [(one.account, one.start_ts, one.ride_id) for one in prices]
        known = db.booked(conn, keys)
        found = bookings(prices, known, pack.card_company.id, pack.calendar, closed)
        signed = channels.agreements(conn, {one.price.account for one in found})
        made, differences = orders(found, signed, now)
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
        channels.add_differences(conn, differences)
        kept = channels.add_orders(conn, pack.calendar, ledger, made, closed, now)
        channels.tell_owed(conn, channels.owed_more(kept), now)
    return found, len(made)
