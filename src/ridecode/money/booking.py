"""From prices to the books: what every ride costs is owed by its rider to the card company.

A ride whose price is new is a journal of that fare; where its price becomes another, one of the
difference. So the books follow the prices: whatever order taps come in, what a rider owes for rides
in the end is the sum of their prices. A difference belongs to the business day of its ride, or,
where that is closed, to the first open one. With a ride's first fare goes its charge order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from functools import partial, reduce
from itertools import islice
from multiprocessing import get_context
from operator import add
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from ridecode.city import Pack
from ridecode.core import BusinessCalendar, Progress, collecting_rarely, unseen
from ridecode.money import channels, db
from ridecode.money.booked import fare_lines
from ridecode.money.bookings import Booking, bookings, orders
from ridecode.money.ledger import Ledger, Outcome, closed_so_far, last_closed
from ridecode.rides import (
    PriceNow,
    analyze_prices,
    changed_prices,
    has_changed_prices,
    priced_until,
)
from ridecode.store import Cell, Connection, ahead, alone, end_with_parent, works_for

if TYPE_CHECKING:
    from ctypes import Array, c_longlong

_WORK: Final = 0x6D6F6E65
"""Its number among advisory locks: 'mone'."""
_HAPPENED: Final = "fares were booked"
_MARK: Final = "fares"
_CHUNK: Final = 5_000
_WORKERS: Final = 2
"""Processes: each waits for PostgreSQL half of the time."""
_ALONE_MOST: Final = 20_000
"""So many fares are booked here: to start a process takes half a second."""
_LOOK_S: Final = 0.5

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


class _Task(Struct, frozen=True):
    """Which prices are to be booked, and by what."""

    after: int
    """Passes of rating behind this one,"""
    until: int
    """up to this one."""
    now: int
    calendar: BusinessCalendar
    card_company: str


def book_fares(cell: Cell, pack: Pack, now: int, progress: Progress = unseen) -> Booked:
    """Bring the books to what all rides cost by the last complete pass of rating.

    Killed anywhere and run again it ends in the same books. `now` is UTC epoch microseconds. Ten
    million new fares take two processes some five minutes, 5,000 a transaction: between them others
    may post.
    """
    with alone(cell.dsn, _WORK, _HAPPENED) as reading:
        task = _Task(
            db.mark(reading, _MARK), priced_until(reading), now, pack.calendar, pack.card_company.id
        )
        if task.after == task.until:
            return NOTHING_BOOKED
        if has_changed_prices(reading, task.after, task.until, _ALONE_MOST):
            analyze_prices(reading)
            reading.commit()
            done = _side_by_side(cell, task, reading.info.backend_pid, progress)
        else:
            done = _part(cell, task, reading, 0, 1, lambda rides: progress(rides, 0))
        db.set_mark(reading, _MARK, task.until)
    return done


def _side_by_side(cell: Cell, task: _Task, session: int, progress: Progress) -> Booked:
    """The same by several processes, each for a part of the accounts; `session` is alone at it."""
    context = get_context("spawn")
    # Without a lock: who is killed while he holds one would keep it.
    rides = context.RawArray("q", _WORKERS)
    with ProcessPoolExecutor(_WORKERS, context, _Worker.begin, (rides,)) as pool:
        parts = [
            pool.submit(_Worker.part, cell.city, cell.dsn, task, session, n)
            for n in range(_WORKERS)
        ]
        while wait(parts, _LOOK_S, FIRST_EXCEPTION).not_done and not any(map(_failed, parts)):
            progress(sum(rides), 0)
        return reduce(_sum, (one.result() for one in parts))


def _failed(part: Future[Booked]) -> bool:
    return part.done() and part.exception() is not None


class _Worker:
    """What a worker process holds."""

    rides: "Array[c_longlong]"
    """That each of them has booked."""

    @classmethod
    def begin(cls, rides: "Array[c_longlong]") -> None:
        end_with_parent()
        cls.rides = rides

    @classmethod
    def part(cls, city: str, dsn: str, task: _Task, session: int, part: int) -> Booked:
        told = partial(cls.rides.__setitem__, part)
        with Cell(city, dsn) as cell, cell.connection() as reading:
            # Or a later run, begun since that session was lost, could book what this one has read
            # before it, and this one the older prices behind it.
            works_for(reading, _WORK, session, _HAPPENED)
            return _part(cell, task, reading, part, _WORKERS, told)


def _part(
    cell: Cell, task: _Task, reading: Connection, part: int, parts: int,
    told: Callable[[int], object],
) -> Booked:  # fmt: skip
    """Book one part of the accounts; `told` hears after every transaction how many rides so far."""
    ledger, done = Ledger(task.card_company), NOTHING_BOOKED
    prices = changed_prices(reading, task.after, task.until, part, parts)
    with collecting_rarely(), ahead(_chunks(prices, _CHUNK)) as chunks:
        for chunk in chunks:
            done = _sum(done, _book(cell, task, ledger, chunk))
            told(done.rides)
    return done


def _chunks(all_: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(all_)
    while chunk := list(islice(left, size)):
        yield chunk


def _sum(one: Booked, other: Booked) -> Booked:
    return Booked(*map(add, astuple(one), astuple(other)))


def _book(cell: Cell, task: _Task, ledger: Ledger, prices: Sequence[PriceNow]) -> Booked:
    """One transaction: the journals and the orders.

    Whoever posts waits for everybody else who does, so what can be made before is made before.
    """
    # What has its first price is not in the books, unless an earlier run was killed behind it.
    looked_up: Sequence[PriceNow] = [one for one in prices if not one.is_first]
    now = task.now
    for _ in range(_TRIES):
        with cell.connection() as conn:
            closed = closed_so_far(conn)
            lines = fare_lines(
                conn, {one.ride_id: (one.account, one.start_ts) for one in looked_up}
            )
            found = bookings(prices, lines, task.card_company, task.calendar, closed)
            signed = channels.agreements(conn, {one.price.account for one in found})
            made, differences = orders(found, signed, now)
            new = channels.new_orders(made, task.calendar, closed, now)
            is_new = channels.keep_orders(conn, new)
            # Nobody closes a day from here on.
            if is_new and last_closed(conn) == closed and _posted(conn, ledger, found, now):
                channels.add_differences(conn, differences)
                paid = channels.settled(conn, ledger, new.paid, now)
                channels.tell_owed(conn, channels.owed_more(paid), now)
                owed = [one.difference for one in found]
                return Booked(
                    len(found), sum(max(one, 0) for one in owed),
                    -sum(min(one, 0) for one in owed), len(made),
                )  # fmt: skip
            conn.rollback()
        looked_up = prices
    raise AssertionError("the journals of what is not in the books are new, and their days open")


_TRIES: Final = 3
"""The second knows what is in the books; the third is for one before which a day was closed."""


def _posted(conn: Connection, ledger: Ledger, found: Sequence[Booking], now: int) -> bool:
    outcomes = ledger.post(conn, [one.journal for one in found], now)
    return set(outcomes) <= {Outcome.POSTED}
