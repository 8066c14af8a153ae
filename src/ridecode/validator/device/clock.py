"""The device's clock: its own count of time since it started, and the rules by which it is healed.

While the process runs, time is counted by the machine's steady clock, so that nobody who moves the
machine's wall clock moves the device's. Whether a clock is trusted is judged by `decide` alone: by
when it was last set. It is set by what a source says (the centre's `Date`, an NTP server):

1. an answer that took longer than 5 s says nothing (TOO_VAGUE)
2. no time before the bundle was made is believed (BEFORE_THE_BUNDLE): whoever sits on the wire may
   not turn the clock back to when an old code was good
3. a clock within the answer's uncertainty, or 2 s, is CONFIRMED as it stands
4. a step of more than a minute is believed when two answers in a row agree (UNCONFIRMED, then SET)
5. a smaller one at once (SET)

The time that comes over plain HTTP or NTP is only as honest as the network: rule 2 and the lane's
own memory (no time before the last rider is trusted) bound what it can do. Use https.
"""

import time
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS

SLOW_US: Final = 5 * MICROS
NEAR_US: Final = 2 * MICROS
STEP_US: Final = 60 * MICROS
_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on counting while the machine sleeps."""


class Said(Struct, frozen=True):
    """What a source said the time is."""

    ts: int
    """UTC epoch microseconds, of the moment in the middle of the question."""
    within: int
    """The true time lies at most so many microseconds away from it, if the source is right."""
    took: int
    """Microseconds from question to answer."""


class Healing(IntEnum):
    """What became of a source's answer."""

    CONFIRMED = 1
    SET = 2
    UNCONFIRMED = 3
    TOO_VAGUE = 4
    BEFORE_THE_BUNDLE = 5

    @property
    def believed(self) -> bool:
        return self in (Healing.CONFIRMED, Healing.SET)


def judge(now: int, said: Said, bundle_made: int, before: int | None) -> Healing:
    """What to make of an answer.

    `now` is the device's time in the middle of the question; `before` by how much the last answer
    that was UNCONFIRMED differed from the device's time, None where there was none.
    """
    if said.took > SLOW_US:
        return Healing.TOO_VAGUE
    if said.ts + said.within < bundle_made:
        return Healing.BEFORE_THE_BUNDLE
    step = said.ts - now
    if abs(step) <= max(said.within, NEAR_US):
        return Healing.CONFIRMED
    agrees = before is not None and abs(step - before) <= said.within + NEAR_US
    return Healing.SET if abs(step) <= STEP_US or agrees else Healing.UNCONFIRMED


class Clock:
    """Time as the device has it. For any threads."""

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        steady: Callable[[], int] = lambda: time.clock_gettime_ns(_BOOT),
    ) -> None:
        self._wall, self._steady = wall, steady
        self._start_steady = steady()
        self._start_wall = wall()
        self._ahead_us = 0
        self._unconfirmed: int | None = None

    def now(self) -> int:
        """UTC epoch microseconds."""
        return self._start_wall // 1_000 + self.elapsed_us() + self._ahead_us

    def elapsed_us(self) -> int:
        """Microseconds since the start; never runs back."""
        return (self._steady() - self._start_steady) // 1_000

    def moved_us(self) -> int:
        """By how much somebody moved the machine's own clock since the start."""
        return (self._wall() - self._start_wall) // 1_000 - self.elapsed_us()

    def hear(self, said: Said, bundle_made: int) -> Healing:
        """Follow an answer that was just given, as far as the rules allow."""
        middle = self.now() - said.took // 2
        healing = judge(middle, said, bundle_made, self._unconfirmed)
        self._unconfirmed = said.ts - middle if healing is Healing.UNCONFIRMED else None
        if healing is Healing.SET:
            self._ahead_us += said.ts - middle
        return healing
