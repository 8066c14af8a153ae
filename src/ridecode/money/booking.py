"""From prices to the books: what every ride costs is owed by its rider to the card company.

A ride whose price is new is a journal of that fare; where its price becomes another, one of the
difference. So the books follow the prices: whatever order taps come in, what a rider owes for rides
in the end is the sum of their prices. A difference belongs to the business day of its ride, or,
where that is closed, to the first open one. With a ride's first fare goes its charge order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Progress, collecting_rarely, unseen
from ridecode.money import channels, db
from ridecode.money.bookings import Booking, bookings, orders
from ridecode.money.ledger import Ledger, Outcome, last_closed
from ridecode.rides import PriceNow, changed_prices, priced_until
from ridecode.store import Cell, Connection, alone

_WORK: Final = 0x6D6F6E65
"""Its number among advisory locks: 'mone'."""
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
    with alone(cell.dsn, _WORK, "fares were booked") as reading, collecting_rarely():
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
        found = _found(conn, pack, prices, closed)
        signed = channels.agreements(conn, {one.price.account for one in found})
        made, differences = orders(found, signed, now)
        outcomes = ledger.post(conn, [one.journal for one in found], now)
        assert set(outcomes) <= {Outcome.POSTED}, "the journals are new and their days open"
        channels.add_differences(conn, differences)
        kept = channels.add_orders(conn, pack.calendar, ledger, made, closed, now)
        channels.tell_owed(conn, channels.owed_more(kept), now)
    return found, len(made)


def _found(
    conn: Connection, pack: Pack, prices: Sequence[PriceNow], closed: int | None
) -> list[Booking]:
    """What has to be booked, noted as booked in this transaction."""

    def of(known: Mapping[UUID, db.Booked]) -> list[Booking]:
        return bookings(prices, known, pack.card_company.id, pack.calendar, closed)

    # What has its first price is not in the books, unless an earlier run was killed behind it.
    found = of(db.booked(conn, [_key(one) for one in prices if not one.is_first]))
    if not db.add_booked(conn, _rows(found, is_new=True)):
        found = of(db.booked(conn, [_key(one) for one in prices]))
        is_added = db.add_booked(conn, _rows(found, is_new=True))
        assert is_added, "nobody else books meanwhile"
    db.set_booked(conn, _rows(found, is_new=False))
    return found


def _key(price: PriceNow) -> db.Key:
    return price.account, price.start_ts, price.ride_id


def _rows(found: Sequence[Booking], *, is_new: bool) -> list[db.Row]:
    """Of rides that were never booked, or of the others."""
    return [
        (one.price.account, one.price.start_ts, one.price.ride_id, one.price.amount, one.bookings)
        for one in found
        if (one.bookings == 1) is is_new
    ]
