"""What a city's day of money costs here, from stored rides to settlement files.

Half of the riders pay from the wallet, half by a channel that takes a thousand orders at a time and
answers at once; it runs in the process that asks it, and is counted with it. What the day begins
with is made beforehand and is not counted: the rides as matching leaves them, the riders'
agreements, and what is in the wallets, which is a day of its own, closed and filed. Counted is all
that this process, its workers and every process of PostgreSQL do, the writing of checkpoints too:

    rate                stored rides are read, priced by six kinds of rule, their prices written
    book and work       fares are booked by two processes, charge orders made and kept, those of
                        wallets paid at once; beside that two others send the channel's orders in
                        sets, and book what it says of them
    close               the day takes nothing more; by then all is booked, and nothing differs
    file and seal       the settlement files, and beside them the day's lines and their hash
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, Bar, Progress, derived_id, hash_ns, unseen
from ridecode.fares import read_tariffs
from ridecode.money import channels, clearing, db
from ridecode.money.booking import book_fares
from ridecode.money.carried import carried_by
from ridecode.money.channels import Purse, Wallet
from ridecode.money.closing import Step, close_day
from ridecode.money.ledger import Flow, Journal, Ledger, Outcome
from ridecode.rides import fill_day, filled_account, measured_pack, rate_all
from ridecode.store import Cell, Laps, end_with_parent, memory_mib, open_cell

US_MOST: Final = 180.0
PER_S_LEAST: Final = 10_000_000 / 900
MIB_MOST: Final = 4_096.0
GROWTH_MOST: Final = 1.10
"""A ride of the largest day costs at most this many times one of the smallest."""
_DAY: Final = 17_775
_TOP_UP: Final = 10_000
_RIDERS: Final = 10_000
_LOOK_S: Final = 1.0
_HASHES: Final = 1_000
"""At every look, which takes a thousandth of a core."""
_LOOKS: Final = 10
"""One of so many is at the memory as well, through all pages of all processes: that is of the CPU
which is measured."""
_PAUSE_S: Final = 0.5
_WORKERS: Final = 2
"""Processes that work at the channel."""


class Stage(Struct, frozen=True):
    """One stage of a day; CPU microseconds a ride, ours and PostgreSQL's."""

    rides: int
    stage: str
    wall_s: float
    own_us: float
    server_us: float
    us: float
    hash_ns: int
    """CPU nanoseconds of a small hash meanwhile, on average: so fast were the cores."""


class DayBench(Struct, frozen=True, kw_only=True):
    """What `bench_city_day` found of the largest day; fen."""

    riders: int
    orders: int
    lines: int
    """In the settlement files."""
    files: int
    fares_fen: int
    charges_fen: int
    mib: float
    """At most, of all processes together; what they share is counted once."""
    steps: tuple[Stage, ...]
    bars: tuple[Bar, ...]


class _Batches(Wallet):
    """A channel that has taken every order of a set as soon as it is asked."""

    id = "batches"
    purse = Purse.OUTSIDE
    batch_most = 1_000


def bench_city_day(progress: Progress, sizes: Sequence[int]) -> DayBench:
    """Measure days of about so many rides, from the smallest up, each in a throw-away data folder.

    10 million take forty minutes with what is made beforehand, and 30 GB.
    """
    days: list[_Day] = []
    for done, size in enumerate(sizes):
        progress(sum(sizes[:done]), sum(sizes))
        # Not under a home: the server of root runs as `nobody`.
        with TemporaryDirectory(prefix="ridecode-bench-") as folder:
            Path(folder).chmod(0o755)
            with open_cell(Path(folder), "bench") as cell:
                days.append(_Day(cell, size, Path(folder) / "files"))
    last = days[-1]
    files = last.files
    return DayBench(
        riders=last.riders, orders=last.orders, lines=sum(one.lines for one in files),
        files=len(files), fares_fen=sum(one.fares_fen for one in files),
        charges_fen=sum(one.charges_fen for one in files), mib=last.mib,
        steps=tuple(stage for day in days for stage in (*day.stages, day.total)),
        bars=tuple(_bars(days)),
    )  # fmt: skip


def _bars(days: "Sequence[_Day]") -> Iterator[Bar]:
    total = days[-1].total
    yield Bar.at_most("CPU µs a ride", total.us, US_MOST)
    yield Bar.at_least("rides a second", total.rides / total.wall_s, PER_S_LEAST)
    yield Bar.at_most("MiB in all processes", days[-1].mib, MIB_MOST)
    growth = total.us / days[0].total.us
    yield Bar.at_most("CPU a ride, largest ÷ smallest", growth, GROWTH_MOST)


class _Day:
    """One size: stored rides are priced, booked, charged, and the day is closed and filed."""

    def __init__(self, cell: Cell, rides: int, folder: Path) -> None:
        self._cell, self._folder, self._private = cell, folder, clearing.new_key()
        self._pack = measured_pack()
        self._ends = self._pack.calendar.starts(_DAY + 1)
        self.riders = fill_day(cell, self._pack, rides, _DAY)
        self._begin()
        self.stages: list[Stage] = []
        self.mib = 0.0
        self._paces = [hash_ns(_HASHES)]
        """Now, and at every look."""
        self._paced = 0
        """How many of them were before the stage."""
        with db.watching(cell.dsn) as conn, self._watched(cell.dsn):
            self._laps = Laps(conn)
            self._run()

    def _begin(self) -> None:
        """Every rider has an agreement, every other one money in the wallet."""
        ledger, starts = Ledger(self._pack.card_company.id), self._pack.calendar.starts(_DAY)
        for at in range(0, self.riders, _RIDERS):
            accounts = [filled_account(n) for n in range(at, min(at + _RIDERS, self.riders))]
            with self._cell.connection() as conn:
                for channel, own in ((Wallet, accounts[::2]), (_Batches, accounts[1::2])):
                    channels.add_bench_agreements(
                        conn, own, channel.id, channel.purse, "tencent", starts - 1
                    )
                ledger.post(conn, [_topped_up(one) for one in accounts[::2]], starts - 1)
        assert ledger.posted.keys() == {Outcome.POSTED}, ledger.posted
        close_day(self._cell, self._pack, _DAY - 1, self._folder, self._private, starts)

    def _run(self) -> None:
        cell, pack, now = self._cell, self._pack, self._ends - 1
        self._rides = rate_all(cell, read_tariffs(pack), now, unseen).rated
        self._lap("rate")
        spawn = get_context("spawn")
        booked = spawn.Event()
        working = [
            spawn.Process(target=_work, args=(cell.dsn, now, booked)) for _ in range(_WORKERS)
        ]
        for one in working:
            one.start()
        try:
            self.orders = book_fares(cell, pack, now).orders
        finally:
            booked.set()
            for one in working:
                one.join()
        assert not any(one.exitcode for one in working), "or what they had leased is left over"
        self._lap("book and work")
        closed = close_day(cell, pack, _DAY, self._folder, self._private, self._ends, self._stepped)
        self._lap("file and seal")
        self.files = closed.files

    def _stepped(self, step: Step) -> Progress:
        """Told as a step begins: the files and the seal are written side by side."""
        if step is Step.SEAL:
            self._lap("close")
        return unseen

    def _lap(self, stage: str) -> None:
        lap, rides = self._laps.lap(), self._rides
        self.stages.append(
            Stage(
                rides, stage, lap.wall_s, lap.own_cpu_s / rides * MICROS,
                lap.server_cpu_s / rides * MICROS, lap.cpu_s / rides * MICROS,
                self._pace(self._paced),
            )
        )  # fmt: skip
        self._paced = len(self._paces)

    def _pace(self, first: int) -> int:
        """The mean of all from one on, or the last where there was none since."""
        return round(fmean(self._paces[first:] or self._paces[-1:]))

    @property
    def total(self) -> Stage:
        own, server = (
            sum(of)
            for of in zip(*((one.own_us, one.server_us) for one in self.stages), strict=True)
        )
        wall = sum(one.wall_s for one in self.stages)
        return Stage(self._rides, "all", wall, own, server, own + server, self._pace(0))

    @contextmanager
    def _watched(self, dsn: str) -> Iterator[None]:
        """Look now and then how fast a core is, and at the memory of all processes."""
        done = threading.Event()

        def look() -> None:
            with db.watching(dsn) as conn:
                for nth in cycle(range(_LOOKS)):
                    self._paces.append(hash_ns(_HASHES))
                    if nth == 0:
                        self.mib = max(self.mib, memory_mib(conn))
                    if done.wait(_LOOK_S):
                        return

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield
        finally:
            done.set()
            looking.join()


def _work(dsn: str, now: int, booked: Event) -> None:
    """Work off the channel's orders until all are booked and nothing is due."""
    end_with_parent()
    pack, cell = measured_pack(), Cell("bench", dsn)
    ledger, rides = Ledger(pack.card_company.id), carried_by(cell, pack)
    with cell:
        is_last = False
        while not is_last:
            is_last = booked.is_set()
            if not channels.work(cell, pack.calendar, ledger, _Batches(), rides, lambda: now).sent:
                booked.wait(_PAUSE_S)


def _topped_up(account: str) -> Journal:
    paid = derived_id(0, account.encode())
    return Journal(paid, Flow.TOPPED_UP, "batches", account, _TOP_UP, _DAY - 1, paid)
