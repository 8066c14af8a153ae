"""When vehicles leave on a day: by the timetable, and by what the day makes of it.

A late one is late at every stop of its run, and none overtakes the one before.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.sim.chance import Flags, Ints, below, draws, happens, key
from ridecode.sim.ways import Course

_SPAN: Final = 1 << 18
"""More seconds than any service day has."""
Band = tuple[int, int, int]
"""From and until when, in seconds after midnight, and how many seconds apart."""
_H: Final = 3_600
TRAINS: Final[tuple[Band, ...]] = (
    (21_600, 25_200, 300), (25_200, 34_200, 150), (34_200, 61_200, 300),
    (61_200, 70_200, 150), (70_200, 84_000, 360),
)  # fmt: skip
"""06:00 to 23:20: every 5 minutes, every 2½ in the peaks, every 6 in the evening. Assumed."""
BUSES: Final[tuple[Band, ...]] = (
    (21_600, 25_200, 720), (25_200, 34_200, 420), (34_200, 61_200, 660),
    (61_200, 70_200, 420), (70_200, 81_000, 900),
)  # fmt: skip


class Timetable:
    """The departures of one day from the first stop of each course, delays included."""

    def __init__(
        self, found: Sequence[Course], bands: Sequence[Band], late_ppm: int, *names: int | str
    ) -> None:
        planned = np.concatenate([np.arange(*band) for band in bands])
        n = len(planned)
        numbers = np.arange(len(found) * n)
        bits = draws(key(*names, "late"), numbers)
        late = happens(bits, late_ppm)
        delay = np.where(
            late,
            60 + below(draws(key(*names, "late by"), numbers), 840),
            below(draws(key(*names, "seconds"), numbers), 40),
        ).reshape(len(found), n)
        left = np.maximum.accumulate(planned + delay, axis=1)
        self._trips = n
        self._left = (left + np.arange(len(found))[:, None] * _SPAN).ravel()

    def board(self, course: Ints, offset_s: Ints, at_s: Ints) -> "Boarded":
        """The first vehicle of each course that leaves the stop at that offset from then on."""
        wanted = course * _SPAN + np.maximum(at_s - offset_s, 0)
        row = np.searchsorted(self._left, wanted, side="left")
        runs = row < (course + 1) * self._trips
        row = np.minimum(row, len(self._left) - 1)
        return Boarded(runs, self._left[row] - course * _SPAN + offset_s, row % self._trips)


class Boarded(Struct, frozen=True):
    """Which vehicle was taken."""

    runs: Flags
    """Whether there still was one."""
    at_s: Ints
    trip: Ints
    """Its number among the day's departures of the course."""
