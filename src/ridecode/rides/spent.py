"""What work has cost: wall clock, and CPU of this process, its workers and the whole server."""

import gc
from collections.abc import Callable

from msgspec import Struct

from ridecode.rides import db
from ridecode.store import Cell, Laps


class Step(Struct, frozen=True):
    """One kind of work on one size of city."""

    rides: int
    name: str
    wall_s: float
    own_cpu_s: float
    server_cpu_s: float
    cpu_us_a_ride: float
    rides_per_s: float


class Spent(Struct, frozen=True):
    """What something has cost, and of how many rides or taps it was."""

    of: int
    wall_s: float
    own_cpu_s: float
    server_cpu_s: float

    @property
    def cpu_s(self) -> float:
        return self.own_cpu_s + self.server_cpu_s

    def step(self, name: str) -> Step:
        cpu_us = self.cpu_s * 1e6 / self.of
        per_s = self.of / self.wall_s
        return Step(self.of, name, self.wall_s, self.own_cpu_s, self.server_cpu_s, cpu_us, per_s)


def timed(cell: Cell, work: Callable[[], int]) -> Spent:
    """The wall clock stops when the work has answered; the CPU's when a checkpoint is through."""
    gc.collect()
    with db.session(cell.dsn) as conn:
        laps = Laps(conn)
        of = work()
        lap = laps.lap()
    return Spent(of, lap.wall_s, lap.own_cpu_s, lap.server_cpu_s)
