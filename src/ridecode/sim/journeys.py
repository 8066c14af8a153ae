"""The rides that come of a day's plans: through gates and trains, or on a bus. This is the truth.

Riders board the first vehicle that comes, and the next leg begins when the one before has ended.
Who finds no vehicle any more stays where he is, and walks.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ridecode.core import MICROS
from ridecode.sim.chance import Ints, below, draws
from ridecode.sim.city import SimCity
from ridecode.sim.kinds import Fault, Kind, Purpose
from ridecode.sim.plans import LEGS, Plan, plan
from ridecode.sim.timetable import BUSES, TRAINS, Timetable
from ridecode.sim.ways import SEGMENTS

RIDE: Final = np.dtype([
    ("begin", "i8"), ("end", "i8"), ("rider", "u4"), ("reader", "u4"), ("course", "i2"),
    ("origin", "u2"), ("target", "u2"), ("leg", "u1"), ("purpose", "u1"), ("fault", "u1"),
    ("party", "u1"), ("kind", "u1"),
])  # fmt: skip
"""A ride as it was. `begin` and `end` are UTC epoch microseconds: through the gates, or boarding
and alighting. `course` is that of a bus, −1 of a ride through gates; `origin` and `target` are
station numbers, on a bus stops of the course; `reader` is the bus's own, 0 of gates."""
Rides = npt.NDArray[np.void]

BEFORE, FIRST, AFTER = 0, 1, 5
"""Numbers of legs: the bus to the train, the first of the chain, the bus from the train."""
_PAUSE_S: Final = 420
_PATIENCE_S: Final = 900
"""Nobody waits longer on a platform: who must, comes later."""


class Day:
    """One business day of a city: its timetable, once for all riders."""

    def __init__(self, city: SimCity, day: int) -> None:
        self.city, self.day = city, day
        self.midnight = city.midnight(day)
        world, late = city.world, city.rates.train_late
        self.trains = Timetable(world.train_courses, TRAINS, late, city.key("trains", day))
        self.buses = (
            Timetable(world.bus_courses, BUSES, late, city.key("buses", day))
            if world.buses
            else None
        )
        self._stops = np.array([len(course.stops) for course in world.bus_courses] or [2])
        longest = int(self._stops.max())
        self._offset = np.zeros((max(len(world.bus_courses), 1), longest), dtype=np.int64)
        for at, course in enumerate(world.bus_courses):
            self._offset[at, : len(course.stops)] = course.offset_s

    def rides(self, numbers: Ints) -> Rides:
        """The rides of those riders, faults of theirs included, in order of (rider, leg)."""
        made = plan(self.city, self.day, numbers)
        n = len(numbers)
        free_s = np.zeros(n, dtype=np.int64)
        rounds: list[Rides] = []
        if self.buses is not None and made.before.any():
            rounds.append(self._feeder(made, BEFORE, np.flatnonzero(made.before), free_s))
        last_s = np.zeros(n, dtype=np.int64)
        for leg in range(LEGS):
            goes = made.goes(leg)
            rail = np.flatnonzero(goes & ~made.by_bus)
            rounds.append(self._by_train(made, leg, rail, free_s, last_s))
            if self.buses is not None:
                bus = np.flatnonzero(goes & made.by_bus)
                rounds.append(self._by_bus(made, leg, bus, free_s))
        if self.buses is not None:
            homeward = np.flatnonzero(made.after & (last_s > 0))
            free_s[homeward] = last_s[homeward] + 90
            rounds.append(self._feeder(made, AFTER, homeward, free_s))
        rides = np.concatenate(rounds)
        rides = rides[np.lexsort((rides["leg"], rides["rider"]))]
        self._faults(rides)
        return rides

    def _bits(self, name: str, riders: Ints, leg: int) -> npt.NDArray[np.uint64]:
        return draws(self.city.key(name, self.day, leg), riders)

    def _by_train(self, made: Plan, leg: int, of: Ints, free_s: Ints, last_s: Ints) -> Rides:
        world, riders = self.city.world, made.riders.number[of]
        origin, target = made.station[of, leg], made.station[of, leg + 1]
        way = origin * len(world.stops) + target
        begin = np.maximum(made.at_s[of, leg], free_s[of])
        walk = 45 + below(self._bits("walk in", riders, leg), 100)
        at_s, trains = begin + walk, world.ways.trains[way]
        rides = np.ones(len(of), dtype=np.bool_)
        for segment in range(SEGMENTS):
            on = np.flatnonzero((trains > segment) & rides)
            course = world.ways.course[way[on], segment].astype(np.int64)
            board_s = world.ways.board_s[way[on], segment].astype(np.int64)
            boarded = self.trains.board(course, board_s, at_s[on])
            rides[on[~boarded.runs]] = False
            if segment == 0:
                self._come_later(on, begin, boarded.at_s - at_s[on], riders[on])
            at_s[on] = boarded.at_s + world.ways.run_s[way[on], segment]
            changes = on[trains[on] > segment + 1]
            at_s[changes] += 60 + below(self._bits(f"change {segment}", riders[changes], leg), 120)
        end = at_s + 40 + below(self._bits("walk out", riders, leg), 110)
        kept = np.flatnonzero(rides & (origin != target))
        free_s[of[kept]] = end[kept] + _PAUSE_S
        last_s[of[kept]] = end[kept]
        return self._table(
            made, of[kept], begin[kept], end[kept], leg + FIRST, made.purpose[of[kept], leg],
            origin=origin[kept], target=target[kept],
        )  # fmt: skip

    def _come_later(self, on: Ints, begin: Ints, waits: Ints, riders: Ints) -> None:
        """Whoever would wait too long comes two to seven minutes before the train."""
        slack = 120 + below(draws(self.city.key("slack", self.day), riders), 300)
        late = waits > _PATIENCE_S
        of = on[late]
        begin[of] += waits[late] - slack[late]

    def _by_bus(self, made: Plan, leg: int, of: Ints, free_s: Ints) -> Rides:
        """All the way by the bus next to home: odd legs go one way, even legs the other."""
        wanted = np.maximum(made.at_s[of, leg], free_s[of])
        return self._bus(made, of, wanted, leg + FIRST, made.purpose[of, leg], free_s)

    def _feeder(self, made: Plan, leg: int, of: Ints, free_s: Ints) -> Rides:
        first = np.where(made.at_s > 0, made.at_s, 1 << 40).min(axis=1)
        wanted = first[of] - 900 if leg == BEFORE else free_s[of]
        home = np.full(len(of), int(Purpose.HOME))
        return self._bus(made, of, wanted, leg, home, free_s)

    def _bus(
        self, made: Plan, of: Ints, wanted: Ints, leg: int, purpose: Ints, free_s: Ints
    ) -> Rides:
        assert self.buses is not None
        world, riders = self.city.world, made.riders.number[of]
        line = made.riders.bus[of]
        course = 2 * line + leg % 2
        stops = self._stops[course]
        board = below(self._bits("board", riders, leg), stops - 1)
        alight = board + 1 + below(self._bits("alight", riders, leg), stops - 1 - board)
        boarded = self.buses.board(course, self._offset[course, board], wanted)
        begin = boarded.at_s + below(self._bits("queue", riders, leg), 15)
        end = boarded.at_s + self._offset[course, alight] - self._offset[course, board]
        half = world.readers.fleet[line] // 2
        reader = world.readers.bus[line] + leg % 2 * half + boarded.trip % half
        kept = np.flatnonzero(boarded.runs)
        free_s[of[kept]] = end[kept] + 150
        return self._table(
            made, of[kept], begin[kept], end[kept], leg, purpose[kept], course=course[kept],
            reader=reader[kept], origin=board[kept], target=alight[kept],
        )  # fmt: skip

    def _table(
        self, made: Plan, of: Ints, begin: Ints, end: Ints, leg: int, purpose: Ints,
        *, origin: Ints, target: Ints, course: Ints | None = None, reader: Ints | None = None,
    ) -> Rides:  # fmt: skip
        riders = made.riders.number[of]
        rides = np.zeros(len(of), dtype=RIDE)
        rides["begin"] = self._moment(begin, riders, leg, "begin")
        rides["end"] = self._moment(end, riders, leg, "end")
        rides["rider"], rides["leg"], rides["purpose"] = riders, leg, purpose
        rides["origin"], rides["target"] = origin, target
        rides["course"] = -1 if course is None else course
        rides["reader"] = 0 if reader is None else reader
        rides["kind"] = made.riders.kind[of]
        return rides

    def _moment(self, at_s: Ints, riders: Ints, leg: int, name: str) -> Ints:
        """To the microsecond."""
        return self.midnight + at_s * MICROS + below(self._bits(name, riders, leg), MICROS)

    def _faults(self, rides: Rides) -> None:
        """At most one a ride; and companions on buses."""
        rates, gated = self.city.rates, rides["course"] < 0
        ride = rides["rider"].astype(np.int64) * 8 + rides["leg"]
        roll = below(draws(self.city.key("fault", self.day), ride), 1_000_000)
        edge = np.zeros(len(rides), dtype=np.int64)
        for fault, ppm, of in (
            (Fault.DEAD_BATTERY, rates.dead_battery, gated),
            (Fault.LET_IN, rates.let_in, gated),
            (Fault.OLD_SCREEN, rates.old_screen, True),
            (Fault.READ_TWICE, rates.read_twice, True),
            (Fault.CLOCK_AHEAD, rates.clock_ahead, True),
            (Fault.CLOCK_BEHIND, rates.clock_behind, True),
            (Fault.CUT_SHORT, rates.cut_short, True),
        ):
            rides["fault"][(roll >= edge) & (roll < edge + ppm) & of] = fault
            edge += ppm
        family = (rides["kind"] == Kind.FAMILY) & ~gated & (rides["fault"] == Fault.NONE)
        bits = draws(self.city.key("party", self.day), ride)
        rides["party"][family] = below(bits, 3)[family]


def numbers_of(city: SimCity, day: int, first: int, end: int) -> Ints:
    """The riders of a range who are in the city that day: its own, and the neighbour's."""
    riders = np.arange(first, min(end, city.riders))
    here = riders[city.at_home(day, riders)]
    if city.neighbour is None:
        return here
    theirs = np.arange(first, min(end, city.neighbour.riders))
    return np.concatenate((here, city.visitors(day, theirs)))


def range_end(city: SimCity) -> int:
    """Where ranges of riders end that hold everybody of the city and its visitors."""
    return max(city.riders, city.neighbour.riders if city.neighbour else 0)
