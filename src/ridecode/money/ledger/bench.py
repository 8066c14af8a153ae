"""How fast the books are kept here: journals posted in batches, and balances of any moment.

The *baseline* is what is commonly done: one call of a function in the database for each transfer,
which updates the two balances in place and adds a row, each in a transaction of its own, by so many
sessions as keep the server busy. It keeps no balance of the past.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import quantiles
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, Bar, Progress, derived_id, unseen
from ridecode.money.ledger import db
from ridecode.money.ledger.chart import Account, Flow, Kind
from ridecode.money.ledger.journal import Journal, Outcome
from ridecode.money.ledger.posting import Ledger
from ridecode.money.ledger.reading import balance
from ridecode.store import Cell, server_cpu_s

JOURNALS: Final = 1_000_000
RIDERS: Final = 300_000
BATCH: Final = 10_000
ONE_BY_ONE: Final = 10_000
SESSIONS: Final = 8
LOOKS: Final = 500
PER_S_LEAST: Final = 50_000.0
US_MOST: Final = 40.0
LOOK_MS_MOST: Final = 5.0
_DAY: Final = 20_000
_BEGINS: Final = _DAY * 86_400 * MICROS


class PostStep(Struct, frozen=True):
    """One way to post: a second's journals, and CPU microseconds of each on both sides."""

    name: str
    journals: int
    per_s: float
    own_us: float
    server_us: float
    us: float


class LedgerBench(Struct, frozen=True):
    """What `bench_ledger` found."""

    riders: int
    batch: int
    legs: int
    """Of the account whose balances were asked for."""
    look_ms: float
    """The 99th of a hundred balances, each of another moment."""
    bytes_a_journal: float
    """On the disk, with its index entries."""
    times_faster: float
    """Journals a second, by the baseline's."""
    steps: tuple[PostStep, ...]
    bars: tuple[Bar, ...]


def bench_ledger(cell: Cell, progress: Progress = unseen) -> LedgerBench:
    """Measure for about a minute; needs /proc, and fills the cell, which is to be thrown away.

    Every rider's account is there from the day before, and the poster has just been started.
    """
    yesterday = [list(batch) for batch in _batches(0, RIDERS)]
    _post(cell, yesterday, unseen)
    today = [list(batch) for batch in _batches(RIDERS, JOURNALS)]
    # As in a server, what is there stays, and the collector need not walk it.
    gc.freeze()
    work = partial(_post, cell, today, progress)
    batched = _timed(cell, f"in batches of {BATCH:,}", JOURNALS, work)
    gc.unfreeze()
    with cell.connection() as conn:
        size = db.size_bytes(conn)
        journals = db.head(conn).last
    look_ms = _looks(cell)
    one_by_one = _timed(cell, f"one by one, {SESSIONS} sessions", ONE_BY_ONE, _one_by_one(cell))
    return LedgerBench(
        RIDERS, BATCH, journals - journals // 5, look_ms, size / journals,
        batched.per_s / one_by_one.per_s,
        (batched, one_by_one),
        (
            Bar.at_least("journals a second", batched.per_s, PER_S_LEAST),
            Bar.at_most("CPU µs a journal", batched.us, US_MOST),
            Bar.at_most("ms for a balance of any moment, p99", look_ms, LOOK_MS_MOST),
        ),
    )  # fmt: skip


def _batches(begin: int, count: int) -> Iterator[Iterator[Journal]]:
    """Four fares and a charge by turns, first of each rider, then of random ones."""
    dice = random.Random("ledger")
    for start in range(begin, begin + count, BATCH):
        yield (
            _journal(n, n if n < RIDERS else dice.randrange(RIDERS))
            for n in range(start, start + BATCH)
        )


def _journal(n: int, number: int) -> Journal:
    rider = f"31048704{number:011}"
    about = derived_id(_BEGINS + 1_000 * n, rider.encode())
    made = derived_id(_BEGINS + 1_000 * n, about.bytes)
    if n % 5 == 4:
        return Journal(made, Flow.CHARGED, "wechat", rider, 300, _DAY, about)
    return Journal(made, Flow.FARE, rider, "bench", 300, _DAY, about)


def _post(cell: Cell, made: list[list[Journal]], progress: Progress) -> None:
    ledger = Ledger("bench")
    for at, batch in enumerate(made):
        progress(at, len(made))
        with cell.connection() as conn:
            ledger.post(conn, batch, _BEGINS + at)
    assert ledger.posted.keys() == {Outcome.POSTED}, ledger.posted


def _one_by_one(cell: Cell) -> Callable[[], None]:
    with cell.connection() as conn:
        db.make_one_by_one(conn, RIDERS)

    def part(first: int) -> None:
        dice = random.Random(first)
        with cell.connection() as conn:
            conn.autocommit = True
            for _ in range(first, ONE_BY_ONE, SESSIONS):
                db.one_by_one(conn, dice.randrange(RIDERS), 300)
            conn.autocommit = False

    def work() -> None:
        with ThreadPoolExecutor(SESSIONS) as pool:
            list(pool.map(part, range(SESSIONS)))

    return work


def _timed(cell: Cell, name: str, journals: int, work: Callable[[], None]) -> PostStep:
    with cell.connection() as conn:
        server, own, wall = server_cpu_s(conn), time.process_time(), time.perf_counter()
        work()
        wall = time.perf_counter() - wall
        own_us = (time.process_time() - own) / journals * MICROS
        server_us = (server_cpu_s(conn) - server) / journals * MICROS
    return PostStep(name, journals, journals / wall, own_us, server_us, own_us + server_us)


def _looks(cell: Cell) -> float:
    """Milliseconds within which 99 of 100 balances of the fullest account are told."""
    dice = random.Random("looks")
    taken: list[float] = []
    with cell.connection() as conn:
        for _ in range(LOOKS):
            as_of = _BEGINS + dice.randrange(JOURNALS // BATCH)
            began = time.perf_counter()
            balance(conn, Account(Kind.CARD_COMPANY, "bench"), as_of)
            taken.append((time.perf_counter() - began) * 1_000)
    return quantiles(taken, n=100)[98]
