"""Two shapes of a fare by where a ride leads: from zone to zone, and by stages along a line."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ridecode.core import Line, RefusedError, Ride
from ridecode.fares.earlier import Earlier
from ridecode.fares.shapes import Full, Part, unknown

NOT_SOLD: Final = "the tariff sells no such ride"


class Zones(Struct, frozen=True):
    """By the zones of entry and exit, in the direction of the ride.

    A stop on a border is in several zones: then the cheapest pair counts, and of equal ones the
    first.
    """

    rule: str
    zones_of: Mapping[str, tuple[str, ...]]
    fares: Mapping[tuple[str, str], Full]
    refused: Mapping[tuple[str, str], str]
    """Pairs that have no fare, and why."""

    def knows(self, ride: Ride) -> bool:
        """Whether a pair of the ride's zones stands here, with a fare or without."""
        return any(
            (origin, destination) in self.fares or (origin, destination) in self.refused
            for origin in self.zones_of.get(ride.entry_stop, ())
            for destination in self.zones_of.get(ride.exit_stop, ())
        )

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002
        found: Full | None = None
        why = "leads from or to a stop that is in no zone"
        for origin in self.zones_of.get(ride.entry_stop, ()):
            for destination in self.zones_of.get(ride.exit_stop, ()):
                pair = origin, destination
                fare = self.fares.get(pair)
                if fare is None:
                    why = f"leads from zone {origin} to {destination}: {self._why(pair)}"
                elif found is None or fare[0] < found[0]:
                    found = fare
        if found is None:
            raise unknown(self.rule, ride, why)
        return found

    def _why(self, pair: tuple[str, str]) -> str:
        return self.refused.get(pair, NOT_SOLD)


def zones(
    rule: str,
    names: tuple[str, ...],
    zones_of: Mapping[str, tuple[str, ...]],
    fares: Mapping[tuple[str, str], int],
    refused: Mapping[tuple[str, str], str] | None = None,
) -> Zones:
    """The shape of a table of directed pairs of zones; `names` are the zones in order."""
    at = {name: number for number, name in enumerate(names)}
    return Zones(
        rule, zones_of,
        {
            pair: (amount, (Line(rule, amount, (Part.ZONES, at[pair[0]], at[pair[1]])),))
            for pair, amount in fares.items()
        },
        refused or {},
    )  # fmt: skip


class Stages(Struct, frozen=True):
    """By how many stages of its line a ride goes through; on a loop the shorter way round."""

    rule: str
    stages_of: Mapping[str, Mapping[str, int]]
    """By line, then by stop."""
    loops: Mapping[str, int]
    """How many stages a line that is a loop has."""
    ends: tuple[int, ...]
    """The number up to and including which each amount is asked."""
    amounts: tuple[int, ...]

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002
        of_line = self.stages_of.get(ride.line)
        if of_line is None:
            raise unknown(self.rule, ride, f"is on line {ride.line!r}, which has no stages")
        if ride.entry_stop not in of_line or ride.exit_stop not in of_line:
            raise unknown(self.rule, ride, f"leads to a stop without stage of line {ride.line}")
        count = abs(of_line[ride.exit_stop] - of_line[ride.entry_stop])
        if ride.line in self.loops:
            count = min(count, self.loops[ride.line] - count)
        at = bisect_left(self.ends, count)
        if at == len(self.amounts):
            raise unknown(self.rule, ride, f"is {count} stages long, which is beyond the last")
        amount = self.amounts[at]
        return amount, (Line(self.rule, amount, (Part.STAGES, count)),)


class Refusing(Struct, frozen=True):
    """The shape of rides that must not be priced, and why."""

    rule: str
    why: str

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002
        raise RefusedError(f"Fare {self.rule} is refused: {self.why}")
