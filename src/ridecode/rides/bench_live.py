"""Whether matching and rating keep up with taps that arrive, and how far behind they are.

Riders have ridden for some days. Then a day's taps arrive at an even pace, in the order of their
time and in sets as a server commits them, while a follower is at work beside it in the same
process. A day passes in a minute, so that most rides are looked at once while they are open, and
again when they have ended. The *baseline* records a day's taps with no follower: what a ride costs
beyond that is the follower's.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Bar, Progress, Tap, TapKind, unseen
from ridecode.fares import read_tariffs
from ridecode.rides import db
from ridecode.rides.bench import BEGINS, measured_pack
from ridecode.rides.follow import Follower
from ridecode.rides.population import Population
from ridecode.rides.settled import settle_all
from ridecode.rides.spent import Spent, timed
from ridecode.store import Cell, open_cell
from ridecode.taps import record

RIDES_PER_S: Final = 1_000
SECONDS: Final = 60
LAG_S_MOST: Final = 5.0
_SETS_PER_S: Final = 20
_DAYS_AHEAD: Final = 2
_DAYS: Final = 7
_DRAINED_WITHIN_S: Final = 600.0


class LiveBench(Struct, frozen=True, kw_only=True):
    """What `bench_live` found; times are seconds, CPU is that of this process and the server."""

    rides: int
    taps: int
    arriving_s: float
    rides_per_s: float
    """As they arrived."""
    passes: int
    versions_a_ride: float
    """2 where every ride was found open first."""
    lag_s_median: float
    lag_s_most: float
    drained_s: float
    """From the last tap to its ride's price."""
    record_cpu_us_a_tap: float
    """Without a follower."""
    follow_cpu_us_a_ride: float
    bars: tuple[Bar, ...]


def bench_live(
    progress: Progress = unseen, seconds: int = SECONDS, rides_per_s: int = RIDES_PER_S
) -> LiveBench:
    """Let so many rides a second arrive for so many seconds; twice that long goes ahead of it."""
    pack = measured_pack()
    people = Population(pack, rides_per_s * seconds * _DAYS, BEGINS, seed=rides_per_s)
    days = people.days()
    # Not under a home: the server of root runs as `nobody`.
    with TemporaryDirectory(prefix="ridecode-bench-") as folder:
        Path(folder).chmod(0o755)
        with open_cell(Path(folder), pack.id) as cell:
            with db.session(cell.dsn) as conn:
                for _ in range(_DAYS_AHEAD):
                    db.add_bench_taps(conn, next(days))
                db.vacuum(conn)
            quiet = next(days)
            size = max(1, len(quiet) // (seconds * _SETS_PER_S))
            alone = timed(cell, lambda: _recorded(cell, quiet, size))
            settle_all(cell, pack, read_tariffs(pack), quiet[-1].ts, unseen)
            with db.session(cell.dsn) as conn:
                db.vacuum(conn)
            live = _Live(cell, pack, next(days), rides_per_s, progress)
            return live.told(timed(cell, live.run), alone)


def _recorded(cell: Cell, taps: Sequence[Tap], size: int) -> int:
    for start in range(0, len(taps), size):
        record(cell, taps[start : start + size])
    return len(taps)


class _Live:
    """A day's taps arrive while a follower is at work."""

    def __init__(
        self, cell: Cell, pack: Pack, taps: Sequence[Tap], rides_per_s: int, progress: Progress
    ) -> None:
        self._cell = cell
        self._pack = pack
        self._progress = progress
        self.rides = sum(tap.kind is not TapKind.EXIT for tap in taps)
        self._taps_per_s = rides_per_s * len(taps) / self.rides
        self._taps = taps
        self._now = taps[0].ts
        self._lags: list[float] = []
        self._ended = threading.Event()

    def run(self) -> int:
        tariffs = read_tariffs(self._pack)
        with Follower(self._cell, self._pack, tariffs, lambda: self._now) as follower:
            if not follower.catch_up(_DRAINED_WITHIN_S):
                raise TimeoutError("the follower did not come to its beginning")
            watch = threading.Thread(target=self._watch, args=(follower,))
            watch.start()
            began = time.perf_counter()
            self._arrive(began)
            self.arriving_s = time.perf_counter() - began
            follower.catch_up(_DRAINED_WITHIN_S)
            self.drained_s = time.perf_counter() - began - self.arriving_s
            self._ended.set()
            watch.join()
            self._followed = follower.followed
        return self.rides

    def _arrive(self, began: float) -> None:
        """Sets of what is due, `_SETS_PER_S` a second."""
        done = 0
        while done < len(self._taps):
            due = min(int((time.perf_counter() - began) * self._taps_per_s), len(self._taps))
            if due > done:
                record(self._cell, self._taps[done:due])
                self._now = self._taps[due - 1].ts
                done = due
            self._progress(done, len(self._taps))
            time.sleep(1 / _SETS_PER_S)

    def _watch(self, follower: Follower) -> None:
        while not self._ended.wait(0.02):
            self._lags.append(follower.lag_s)

    def told(self, spent: Spent, alone: Spent) -> LiveBench:
        record_us = alone.cpu_s * 1e6 / alone.of
        follow_us = (spent.cpu_s * 1e6 - record_us * len(self._taps)) / self.rides
        arrived = self.rides / self.arriving_s
        lag_most = max(self._lags, default=0.0)
        return LiveBench(
            rides=self.rides, taps=len(self._taps), arriving_s=self.arriving_s,
            rides_per_s=arrived, passes=self._followed.passes,
            versions_a_ride=self._followed.rides / self.rides,
            lag_s_median=quantiles(self._lags, n=2)[0] if len(self._lags) > 1 else lag_most,
            lag_s_most=lag_most, drained_s=self.drained_s, record_cpu_us_a_tap=record_us,
            follow_cpu_us_a_ride=follow_us,
            bars=(
                Bar.at_least("rides a second, arriving", round(arrived), RIDES_PER_S * 0.98),
                Bar.at_most("seconds behind at most", lag_most, LAG_S_MOST),
                Bar.at_most("seconds until the last is priced", self.drained_s, LAG_S_MOST),
            ),
        )  # fmt: skip
