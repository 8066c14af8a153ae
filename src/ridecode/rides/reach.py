"""How soon, at the earliest, anybody can be at another place.

It is the straight line at the city's top speed: whatever way is taken is longer, so nobody is ever
said to be in two places who could have been there.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, cos, hypot, radians

from ridecode.city import Line, Stop
from ridecode.core import MICROS, Tap

_EARTH_M = 6_371_000
_METRES_A_DEGREE = radians(1) * _EARTH_M
_ON_LINE = "on "

Spot = tuple[float, float]
"""Metres east and north of the city's middle."""


class Reach:
    """The stops of a city, and its lines for readings of which only the line is known."""

    def __init__(
        self, stops: Mapping[str, Stop], lines: Iterable[Line], top_speed_kmh: int
    ) -> None:
        self._us_a_metre = 3.6 * MICROS / top_speed_kmh
        self._spots: dict[str, Sequence[Spot]] = {}
        """By place: the stop's own, or those of the line's stops."""
        self._away: dict[str, int] = {}
        """By place: how far from its spots, at most, one may be on the line; of a stop 0."""
        self._soonest: dict[tuple[str, str], int] = {}
        middle = sum(stop.lat for stop in stops.values()) / max(len(stops), 1)
        east = _METRES_A_DEGREE * cos(radians(middle))
        for stop in stops.values():
            self._spots[stop.id] = [(stop.lon * east, stop.lat * _METRES_A_DEGREE)]
            self._away[stop.id] = 0
        for line in lines:
            known = [spot for stop in line.stops for spot in self._spots.get(stop, ())]
            if known and len(known) == len(line.stops):
                self._spots[_ON_LINE + line.id] = known
                self._away[_ON_LINE + line.id] = max(line.track_m, default=0) // 2
        self.longest = self._across()
        """Microseconds in which every place can be reached from everywhere."""

    def place(self, tap: Tap) -> str:
        """Where a reading was, for `soonest`; empty where it cannot be known."""
        place = tap.stop or _ON_LINE + tap.line
        return place if place in self._spots else ""

    def soonest(self, a: str, b: str) -> int:
        """Microseconds that the way between two known places takes at least."""
        found = self._soonest.get((a, b))
        if found is None:
            found = self._soonest[a, b] = self._soonest[b, a] = self._shortest(a, b)
        return found

    def _shortest(self, a: str, b: str) -> int:
        metres = min(
            hypot(east - other_east, north - other_north)
            for east, north in self._spots[a]
            for other_east, other_north in self._spots[b]
        )
        return max(0, int((metres - self._away[a] - self._away[b]) * self._us_a_metre))

    def _across(self) -> int:
        spots = [spot for spots in self._spots.values() for spot in spots]
        if not spots:
            return 0
        east, north = zip(*spots, strict=True)
        return ceil(hypot(max(east) - min(east), max(north) - min(north)) * self._us_a_metre)
