"""What the days of each kind of rider look like, as whole numbers. All of it is assumed.

Hours of a day are weights of half hours. Shares are in thousandths.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.sim.chance import Ints
from ridecode.sim.kinds import Kind, Purpose

SLOT_S: Final = 1_800


class Hours(Struct, frozen=True):
    """When something begins."""

    slots: Ints
    """Seconds after midnight."""
    sums: Ints
    """Running sums of their weights."""


def _hours(first: float, *weights: int) -> Hours:
    slots = [round(first * 3_600) + SLOT_S * at for at in range(len(weights))]
    return Hours(np.array(slots), np.cumsum(np.array(weights)))


TO_WORK: Final = _hours(6, 2, 6, 15, 30, 42, 32, 19, 9, 5, 4, 3, 2)
FROM_WORK: Final = _hours(15.5, 3, 5, 9, 30, 38, 28, 19, 13, 10, 9, 8, 7, 7, 5, 2)
TO_SCHOOL: Final = _hours(6, 4, 12, 24, 20, 12, 8, 6, 5, 3, 3, 2, 2, 3, 4, 4)
FROM_SCHOOL: Final = _hours(11.5, 3, 5, 3, 2, 2, 3, 4, 8, 13, 16, 16, 12, 6, 4, 3, 3, 3, 4, 7, 7, 4)
BY_DAY: Final = _hours(6.5, 3, 5, 8, 10, 12, 12, 10, 9, 8, 7, 7, 7, 7, 6, 5, 4, 3, 2, 2, 2, 1)
WEEKEND: Final = _hours(
    6.5, 6, 13, 16, 16, 15, 13, 11, 9, 8, 8, 9, 9, 9, 8, 7, 7, 7, 9, 10, 10, 8, 7, 5, 4, 3, 2
)
SIGHTSEEING: Final = _hours(8, 3, 6, 10, 11, 9, 7, 6, 5, 5, 5, 5, 4, 3, 2)
TO_NIGHT_SHIFT: Final = _hours(19, 2, 4, 7, 9, 10, 9, 6, 3)
FROM_NIGHT_SHIFT: Final = _hours(6, 6, 10, 12, 9, 5, 3)


class Habit(Struct, frozen=True):
    """One kind of rider; shares in thousandths."""

    share: int
    """Of all riders."""
    account_type: int
    """Field 8."""
    out: tuple[int, int]
    """Rides at all, on a working day and on a day off."""
    whim: int
    """Goes somewhere else before going home."""
    by_bus: int
    """Takes the bus all the way, where there are buses."""
    feeder: int
    """Takes a bus to the train, and as many from it."""
    works: Purpose
    """Where a working day leads."""
    go: Hours
    back: Hours | None
    """When a working day ends; None: `stay_s` after it began."""
    stay_s: tuple[int, int]
    """How long a stay is where no hour ends it."""


HABITS: Final[dict[Kind, Habit]] = {
    Kind.COMMUTER: Habit(470, 1, (880, 330), 170, 70, 110, Purpose.WORK, TO_WORK, FROM_WORK,
                         (5_400, 30_000)),
    Kind.STUDENT: Habit(115, 2, (800, 340), 150, 130, 80, Purpose.SCHOOL, TO_SCHOOL, FROM_SCHOOL,
                        (5_400, 28_800)),
    Kind.SENIOR: Habit(115, 3, (560, 420), 120, 300, 100, Purpose.ERRAND, BY_DAY, None,
                       (3_000, 13_000)),
    Kind.TOURIST: Habit(70, 1, (880, 880), 700, 120, 60, Purpose.SIGHTS, SIGHTSEEING, None,
                        (4_500, 12_600)),
    Kind.NIGHT_WORKER: Habit(40, 1, (760, 760), 0, 80, 100, Purpose.WORK, TO_NIGHT_SHIFT, None,
                             (0, 1)),
    Kind.FAMILY: Habit(190, 1, (520, 620), 220, 120, 110, Purpose.LEISURE, BY_DAY, None,
                       (5_400, 30_000)),
}  # fmt: skip
"""By kind; the shares sum to 1,000."""


def by_kind(name: str) -> Ints:
    """One number of every habit, to be indexed by kind."""
    return np.array([getattr(HABITS[kind], name) for kind in Kind])
