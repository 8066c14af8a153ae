"""The ground on which a city's riders move, made once of its pack and seed.

Stations differ: some are where people live, some where they work, a few are seen by everybody.
How much of each, the seed says; what lies in the middle of the network works more and sleeps less.
From one station another is chosen by what it has and how far it is (a gravity model).
"""

from typing import Final

import numpy as np

from ridecode.city import Line, Pack
from ridecode.core import RefusedError, TapKind
from ridecode.sim.chance import Ints, Rows, below, draws, key
from ridecode.sim.kinds import Purpose
from ridecode.sim.readers import Readers
from ridecode.sim.ways import Course, Ways, courses
from ridecode.validator import read_rules

_BUS_MM_PER_S: Final = 6_500
_BUS_STAND_S: Final = 22
_NEAR_M: Final = 6_000
"""At this distance a place draws half as many as it would next door."""
_WALKED_M: Final = 1_000
"""Nobody takes a train for so short a way, or hardly anybody."""
_DRAW: Final = 100_000
"""The largest pull of one station on another."""


class World:
    """Stations, ways, courses and readers; arrays are indexed as their comments say."""

    def __init__(self, pack: Pack, seed: int, lanes_most: int) -> None:
        self.pack = pack
        kinds = read_rules(pack).places
        gated = [
            product
            for product in pack.products
            if (product, TapKind.ENTRY) in kinds and (product, TapKind.EXIT) in kinds
        ]
        lines = list(pack.lines.values())
        self.trains = [line for line in lines if line.product in gated[:1]]
        self.buses = [line for line in lines if (line.product, TapKind.SINGLE) in kinds]
        if not self.trains:
            raise RefusedError(
                f"{pack.name.en} has no line with readers at entry and exit.",
                "Add [[validator.place]] tables of a product for both to validator.toml.",
            )
        self.product = gated[0]
        self.stops = tuple(dict.fromkeys(stop for line in self.trains for stop in line.stops))
        """Stations of gates, by number."""
        self.train_courses = _both(self.trains)
        self.bus_courses = _both(self.buses, _BUS_MM_PER_S, _BUS_STAND_S)
        self.ways = Ways(self.stops, self.train_courses)
        self.metres = self._metres()
        """[from, to]; 0 where there is no way."""
        busy = self._masses(seed)
        self.homes: Ints = np.cumsum(busy[Purpose.HOME])
        self.choice = {purpose: Rows(self._pulls(mass)) for purpose, mass in busy.items()}
        """Where to go for a purpose, given where one is."""
        whole = busy[Purpose.HOME] + busy[Purpose.WORK]
        lanes = 2 + whole * lanes_most // (whole.max() + 1)
        fleets = [_fleet(course) for course in self.bus_courses[::2]]
        self.readers = Readers(
            pack, self.trains, self.stops, np.minimum(lanes, lanes_most), self.buses, fleets
        )

    def bus_metres(self, line: int, a: int, b: int) -> int:
        """Metres between two stops of a bus line."""
        metres = self.buses[line].track_m
        return sum(metres[min(a, b) : max(a, b)])

    def _metres(self) -> Ints:
        network, stops = self.pack.network, self.stops
        rows = [[network.distance_m(a, b, self.product) or 0 for b in stops] for a in stops]
        return np.array(rows, dtype=np.int64)

    def _masses(self, seed: int) -> dict[Purpose, Ints]:
        """How many have a station for a purpose, by purpose and station."""
        n = len(self.stops)
        numbers = np.arange(n)
        middle = np.argsort(np.argsort(self.metres.sum(axis=1), kind="stable"), kind="stable")
        outward = middle * 1_000 // max(n - 1, 1)
        """0 in the middle of the network, 1,000 at its edge."""
        lines = np.array([sum(stop in line.stops for line in self.trains) for stop in self.stops])

        def uneven(name: str, flat: int) -> Ints:
            """A few large and many small: 1 / (rank + flat), the ranks by the seed."""
            order = draws(key(seed, self.pack.id, name), numbers)
            rank = np.argsort(np.argsort(order, kind="stable"), kind="stable")
            return np.asarray(1_000_000 // (rank + flat) * (3 + lines) // 4, dtype=np.int64)

        homes = uneven("homes", 9) * (500 + outward) // 1_000
        works = uneven("works", 9) * (1_900 - outward * 3 // 2) // 1_000
        fun = uneven("leisure", 8) * (1_600 - outward) // 1_000
        return {
            Purpose.HOME: homes,
            Purpose.WORK: works,
            Purpose.SCHOOL: uneven("schools", 20),
            Purpose.ERRAND: homes + works,
            Purpose.LEISURE: fun,
            Purpose.SIGHTS: uneven("sights", 6),
        }

    def _pulls(self, mass: Ints) -> Ints:
        far = _NEAR_M * _NEAR_M * 1_000 // (_NEAR_M * _NEAR_M + self.metres**2)
        near = np.where(self.metres < _WALKED_M, 120, far)
        pulls = np.maximum(mass[None, :] * near // 1_000, 1)
        pulls[(self.ways.trains == 0).reshape(pulls.shape)] = 0
        most = pulls.sum(axis=1, keepdims=True)
        if not most.all():
            raise RefusedError(
                f"{self.pack.name.en} has a station from which no other can be reached.",
                "Give every line two stops and more.",
            )
        pulls = np.where(pulls > 0, np.maximum(pulls * _DRAW * 20 // most, 1), 0)
        return np.asarray(pulls, dtype=np.int64)


def _both(lines: list[Line], *pace: int) -> list[Course]:
    return [course for line in lines for course in courses(line, *pace)]


def _fleet(course: Course) -> int:
    """Vehicles of one direction: enough for one every seven minutes, there and back."""
    return 2 * course.offset_s[-1] // 420 + 4


def static(world: World, seed: int, name: str, riders: Ints, most: int) -> Ints:
    """A whole number below `most` that stays with each rider for life."""
    return below(draws(key(seed, world.pack.id, name), riders), most)
