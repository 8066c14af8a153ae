"""Rides that go on where the last one ended: out-of-station transfers and tickets for a time.

A fare says after which fares, how soon and where a ride counts as going on, and what it then pays.
It is part of the full fare, so that percentages are of what is really asked for.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ridecode.core import MICROS, Line, Ride, RideState
from ridecode.fares.earlier import Earlier, Way
from ridecode.fares.shapes import Full, Part, Shape, unknown

_MINUTE: Final = 60 * MICROS


class Pays(IntEnum):
    """What a ride that goes on costs."""

    REST = 1
    """What the whole way costs, from where the first ride began, less what was paid for it."""
    MORE = 2
    """By how much its own fare is above what was paid: one pays the dearest of the rides."""
    AMOUNT = 3
    """So much, where its own fare is more; 0 for nothing."""


class Since(IntEnum):
    """From when the time runs."""

    LAST_EXIT = 1
    LAST_ENTRY = 2
    FIRST_ENTRY = 3
    """Of the first ride of those that went on."""
    FIRST_EXIT = 4


class Until(IntEnum):
    """By when the time must not have run out."""

    ENTRY = 1
    EXIT = 2


class Onward(Struct, frozen=True, kw_only=True):
    """When a ride goes on, and what it then pays. `within_us` is inclusive."""

    after: tuple[str, ...]
    """The fares of the last ride."""
    within_us: int | None
    """None where no time is set."""
    pays: Pays
    amount: int = 0
    since: Since = Since.LAST_EXIT
    until: Until = Until.ENTRY
    at: frozenset[tuple[str, str]] = frozenset()
    """Pairs of the stop that was left and the stop that was entered; empty for any."""
    most: int = 0
    """How many rides may go on, one after another; 0 for any number."""
    refused: str = ""
    """Why what such a ride costs cannot be told; empty where it can."""

    def takes(self, way: Way, ride: Ride) -> bool:
        if way.fare not in self.after or (self.most and way.onward >= self.most):
            return False
        if self.at and (way.stop, ride.entry_stop) not in self.at:
            return False
        if ride.start_ts < way.last_end:
            return False
        return self.within_us is None or self._waited(way, ride) <= self.within_us

    def _waited(self, way: Way, ride: Ride) -> int:
        until = ride.start_ts if self.until is Until.ENTRY else ride.end_ts
        return until - (
            way.last_end if self.since is Since.LAST_EXIT
            else way.last_start if self.since is Since.LAST_ENTRY
            else way.first_start if self.since is Since.FIRST_ENTRY
            else way.first_end
        )  # fmt: skip


class GoingOn(Struct, frozen=True):
    """The full fares of a shape whose rides may go on; of the ways that fit, the first."""

    rule: str
    shape: Shape
    onward: tuple[Onward, ...]

    def full(self, ride: Ride, earlier: Earlier) -> Full:
        way = earlier.way
        if way is not None and ride.state is RideState.COMPLETE:
            for onward in self.onward:
                if onward.takes(way, ride):
                    return self._further(onward, way, ride, earlier)
        return self.shape.full(ride, earlier)

    def _further(self, onward: Onward, way: Way, ride: Ride, earlier: Earlier) -> Full:
        """Where the ride alone costs less than what is left of the whole way, it is on its own."""
        if onward.refused:
            raise unknown(self.rule, ride, f"may be a transfer: {onward.refused}")
        alone = own, lines = self.shape.full(ride, earlier)
        metres = _together(way.metres, ride.distance_m)
        if onward.pays is Pays.REST:
            whole = replace(
                ride, entry_stop=way.origin, entry_ts=way.first_start, distance_m=metres
            )
            own, lines = self.shape.full(whole, earlier)
        off = max(0, own - onward.amount) if onward.pays is Pays.AMOUNT else min(own, way.full)
        if own - off > alone[0]:
            return alone
        waited = (ride.start_ts - way.last_end) // _MINUTE
        facts = (Part.ONWARD, onward.pays, waited, way.full, metres or 0)
        return own - off, (*lines, Line(self.rule, -off, facts))


def way_after(earlier: Earlier, ride: Ride, fare: int, lines: tuple[Line, ...]) -> Way:
    """What a complete ride leaves for one that goes on from it; `lines` are those of its fare."""
    before = earlier.way
    rule = lines[0].rule
    if before is not None and lines[-1].facts[0] == Part.ONWARD:
        return Way(
            rule, before.first_start, before.first_end, ride.start_ts, ride.end_ts,
            before.onward + 1, before.origin, ride.exit_stop,
            _together(before.metres, ride.distance_m), before.full + fare,
        )  # fmt: skip
    return Way(
        rule, ride.start_ts, ride.end_ts, ride.start_ts, ride.end_ts, 0, ride.entry_stop,
        ride.exit_stop, ride.distance_m, fare,
    )  # fmt: skip


def _together(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before + now
