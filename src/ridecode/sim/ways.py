"""The quickest way between any two stations of gates: which trains, from where, how long.

One search a station over (station, train's direction), in whole seconds: a train runs at 50 km/h
and stands half a minute at each station; a change costs four minutes, the wait included.
"""

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.city import Line
from ridecode.sim.chance import Ints

SEGMENTS: Final = 4
"""Trains of one ride at the most; a longer way counts what is left to the last one."""
_MM_PER_S: Final = 13_900
_STAND_S: Final = 30
_CHANGE_S: Final = 240
_LAST_M: Final = 1_000
"""Between neighbours of which the pack tells no distance."""


def run_s(metres: int, mm_per_s: int = _MM_PER_S, stand_s: int = _STAND_S) -> int:
    """From leaving one station to leaving the next."""
    return metres * 1_000 // mm_per_s + stand_s


class Course(Struct, frozen=True):
    """One direction of a line: its stops in order, and when a vehicle is there."""

    line: str
    stops: tuple[str, ...]
    offset_s: tuple[int, ...]
    """Seconds from leaving the first stop to leaving each."""
    around_s: int
    """Of a loop: seconds from the first stop around to it again; else 0."""


def courses(line: Line, mm_per_s: int = _MM_PER_S, stand_s: int = _STAND_S) -> tuple[Course, ...]:
    """Both directions of a line."""
    metres = line.track_m or (_LAST_M,) * (len(line.stops) - 1)
    runs = [run_s(length, mm_per_s, stand_s) for length in metres]
    ahead = _course(line, line.stops, runs)
    turned = runs[: len(line.stops) - 1][::-1] + runs[len(line.stops) - 1 :]
    return ahead, _course(line, line.stops[::-1], turned)


def _course(line: Line, stops: tuple[str, ...], runs: Sequence[int]) -> Course:
    offsets = [0]
    for run in runs[: len(stops) - 1]:
        offsets.append(offsets[-1] + run)
    around = offsets[-1] + runs[-1] if line.loop and len(runs) == len(stops) else 0
    return Course(line.id, stops, tuple(offsets), around)


class _Label(Struct, frozen=True):
    """How a station was reached: by which course, boarded where, after which other train."""

    before: "_Label | None"
    course: int
    board_s: int
    """The offset at which the course was boarded."""
    run_s: int


class Ways:
    """For every ordered pair of stations (row `from * n + to`) the trains of the quickest way.

    `trains` counts them, 0 where there is no way; `course`, `board_s` and `run_s` have one column
    a train.
    """

    def __init__(self, stops: Sequence[str], found: Sequence[Course]) -> None:
        n = len(stops)
        index = {stop: at for at, stop in enumerate(stops)}
        self.trains = np.zeros(n * n, dtype=np.int8)
        self.course = np.zeros((n * n, SEGMENTS), dtype=np.int16)
        self.board_s = np.zeros((n * n, SEGMENTS), dtype=np.int32)
        self.run_s = np.zeros((n * n, SEGMENTS), dtype=np.int32)
        graph = _Graph(index, found)
        for origin in range(n):
            for target, label in graph.search(origin):
                self._write(origin * n + target, label)
        self.seconds: Ints = self.run_s.sum(axis=1, dtype=np.int64) + _CHANGE_S * np.maximum(
            self.trains.astype(np.int64) - 1, 0
        )

    def _write(self, row: int, label: _Label) -> None:
        chain: list[_Label] = []
        step: _Label | None = label
        while step is not None:
            chain.append(step)
            step = step.before
        chain.reverse()
        left = sum(more.run_s + _CHANGE_S for more in chain[SEGMENTS:])
        for at, train in enumerate(chain[:SEGMENTS]):
            self.course[row, at] = train.course
            self.board_s[row, at] = train.board_s
            self.run_s[row, at] = train.run_s + (left if at == SEGMENTS - 1 else 0)
        self.trains[row] = min(len(chain), SEGMENTS)


class _Graph:
    """Positions of courses; a node is the number of a position."""

    def __init__(self, index: dict[str, int], found: Sequence[Course]) -> None:
        self.stop: list[int] = []
        self.course: list[int] = []
        self.offset: list[int] = []
        self.next: list[tuple[int, int] | None] = []
        self.at: dict[int, list[int]] = {stop: [] for stop in index.values()}
        for number, course in enumerate(found):
            first = len(self.stop)
            for place, stop in enumerate(course.stops):
                self.at[index[stop]].append(len(self.stop))
                self.stop.append(index[stop])
                self.course.append(number)
                self.offset.append(course.offset_s[place])
                last = place == len(course.stops) - 1
                if not last:
                    run = course.offset_s[place + 1] - course.offset_s[place]
                    self.next.append((len(self.stop), run))
                else:
                    around = course.around_s - course.offset_s[place]
                    self.next.append((first, around) if course.around_s else None)

    def search(self, origin: int) -> Iterator[tuple[int, _Label]]:
        """Every other station that can be reached, once, by its quickest way."""
        done: set[int] = set()
        told = {origin}
        # The second number is the order of finding: among ways of one length the first counts.
        ahead: list[tuple[int, int, int, _Label]] = [
            (0, -1 - node, node, _Label(None, self.course[node], self.offset[node], 0))
            for node in self.at[origin]
        ]
        found = 0
        while ahead:
            cost, _, node, label = heappop(ahead)
            if node in done:
                continue
            done.add(node)
            if self.stop[node] not in told:
                told.add(self.stop[node])
                yield self.stop[node], label
            for further, to, step in self._steps(cost, node, label):
                if to not in done:
                    found += 1
                    heappush(ahead, (further, found, to, step))

    def _steps(self, cost: int, node: int, label: _Label) -> Iterator[tuple[int, int, _Label]]:
        following = self.next[node]
        if following is not None:
            to, run = following
            moved = _Label(label.before, label.course, label.board_s, label.run_s + run)
            yield cost + run, to, moved
        if label.run_s:
            for other in self.at[self.stop[node]]:
                if self.course[other] != self.course[node]:
                    changed = _Label(label, self.course[other], self.offset[other], 0)
                    yield cost + _CHANGE_S, other, changed
