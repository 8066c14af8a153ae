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
from ridecode.core import Progress, collecting_rarely, unseen
from ridecode.money import channels, db
from ridecode.money.booked import fare_lines
from ridecode.money.bookings import Booking, bookings, orders
from ridecode.money.ledger import Ledger, Outcome, closed_so_far, last_closed
from ridecode.rides import PriceNow, changed_prices, priced_until
from ridecode.store import Cell, Connection, ahead, alone

_WORK: Final = 0x6D6F6E65
"""Its number among advisory locks: 'mone'."""
_MARK: Final = "fares"
_CHUNK: Final = 5_000

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
    million new fares take some five minutes on one core and one of PostgreSQL's, 5,000 a
    transaction: between them others may post.
    """
    ledger = Ledger(pack.card_company.id)
    rides = owed = given_back = made = 0
    with alone(cell.dsn, _WORK, "fares were booked") as reading, collecting_rarely():
        after, until = db.mark(reading, _MARK), priced_until(reading)
        with ahead(_chunks(changed_prices(reading, after, until), _CHUNK)) as chunks:
            for chunk in chunks:
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
    """One transaction: the journals and the orders.

    Whoever posts waits for everybody else who does, so what can be made before is made before.
    """
    # What has its first price is not in the books, unless an earlier run was killed behind it.
    looked_up: Sequence[PriceNow] = [one for one in prices if not one.is_first]
    for _ in range(_TRIES):
        with cell.connection() as conn:
            closed = closed_so_far(conn)
            lines = fare_lines(conn, {one.ride_id: one.start_ts for one in looked_up})
            found = bookings(prices, lines, pack.card_company.id, pack.calendar, closed)
            signed = channels.agreements(conn, {one.price.account for one in found})
            made, differences = orders(found, signed, now)
            new = channels.new_orders(made, pack.calendar, closed, now)
            is_new = channels.keep_orders(conn, new)
            # Nobody closes a day from here on.
            if is_new and last_closed(conn) == closed and _posted(conn, ledger, found, now):
                channels.add_differences(conn, differences)
                paid = channels.settled(conn, ledger, new.paid, now)
                channels.tell_owed(conn, channels.owed_more(paid), now)
                return found, len(made)
            conn.rollback()
        looked_up = prices
    raise AssertionError("the journals of what is not in the books are new, and their days open")


_TRIES: Final = 3
"""The second knows what is in the books; the third is for one before which a day was closed."""


def _posted(conn: Connection, ledger: Ledger, found: Sequence[Booking], now: int) -> bool:
    outcomes = ledger.post(conn, [one.journal for one in found], now)
    return set(outcomes) <= {Outcome.POSTED}
