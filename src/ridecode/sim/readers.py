"""Every reader of the city, by number, and the `Place` where each stands.

At a station of gates there are lanes in and lanes out; a bus carries a reader of its own. With one
lane a direction the readers have the names that a demonstration gives them.
"""

from collections.abc import Sequence

import numpy as np

from ridecode.city import Line, Pack
from ridecode.core import TapKind
from ridecode.sim.chance import Ints
from ridecode.validator import Place

IN, OUT = 0, 1


class Readers:
    """Numbers of readers: `gate[direction, station] + lane`, `bus[line] + vehicle`."""

    def __init__(
        self, pack: Pack, trains: Sequence[Line], stops: Sequence[str], lanes: Ints,
        buses: Sequence[Line], fleets: Sequence[int],
    ) -> None:  # fmt: skip
        of = {stop: line for line in trains for stop in line.stops}
        self.pack = pack
        self.lanes = lanes
        """Lanes in and as many out, by station."""
        self.places: list[Place] = []
        """By number; of a bus without its stop."""
        self.gate = np.zeros((2, len(stops)), dtype=np.int64)
        for direction, kind in ((IN, TapKind.ENTRY), (OUT, TapKind.EXIT)):
            for at, stop in enumerate(stops):
                self.gate[direction, at] = len(self.places)
                self.places += [
                    _gate(of[stop], stop, kind, lane, int(lanes[at])) for lane in range(lanes[at])
                ]
        self.gates = len(self.places)
        """Readers below this number are gates."""
        self.bus = np.zeros(len(buses), dtype=np.int64)
        self.fleet = np.array([2 * fleet for fleet in fleets], dtype=np.int64)
        """Vehicles of a line: the first half goes one way, the second half the other."""
        for at, line in enumerate(buses):
            self.bus[at] = len(self.places)
            self.places += [_bus(line, number) for number in range(self.fleet[at])]
        self.station = np.full(len(self.places), -1, dtype=np.int64)
        """The station of a gate, by reader; -1 of a bus."""
        for direction in (IN, OUT):
            for at in range(len(stops)):
                first = self.gate[direction, at]
                self.station[first : first + lanes[at]] = at
        self.first = np.arange(len(self.places))
        """The first lane beside each reader."""
        gated = self.station[: self.gates]
        split = int(self.gate[OUT, 0])
        self.first[:split] = self.gate[IN, gated[:split]]
        self.first[split : self.gates] = self.gate[OUT, gated[split:]]

    def __len__(self) -> int:
        return len(self.places)

    def others(self, readers: Ints, by: Ints) -> Ints:
        """The lane so many further on, of gates; a bus has none but its own."""
        station = self.station[readers]
        lanes = np.where(station >= 0, self.lanes[station], 1)
        first = self.first[readers]
        return first + (readers - first + by) % lanes


def _gate(line: Line, stop: str, kind: TapKind, lane: int, lanes: int) -> Place:
    name = f"{stop}:{kind.name.lower()}"
    return Place(
        kind=kind, mode=line.mode, product=line.product, operator=line.operator, line=line.id,
        stop=stop, validator=name if lanes == 1 else f"{name}:{lane + 1}",
    )  # fmt: skip


def _bus(line: Line, number: int) -> Place:
    return Place(
        kind=TapKind.SINGLE, mode=line.mode, product=line.product, operator=line.operator,
        line=line.id, stop="", validator=f"{line.id}-{number + 1:03}",
        vehicle=f"{line.id}-{number + 1:03}",
    )  # fmt: skip
