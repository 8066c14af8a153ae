"""The network as a graph: how far apart two stops are, and which way leads there."""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Protocol

Leg = tuple[str, tuple[str, ...]]
"""A part of a way on one line: the line's id, then the stops in order, both ends included."""


class Track(Protocol):
    """What the network needs to know of a line."""

    @property
    def id(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def stops(self) -> tuple[str, ...]: ...
    @property
    def track_m(self) -> tuple[int, ...]: ...
    @property
    def loop(self) -> bool: ...


class _Graph:
    """The lines of one product, or of all; shortest ways are kept once they were asked for."""

    def __init__(self, lines: Iterable[Track]) -> None:
        self.edges: dict[str, list[tuple[str, int, str]]] = {}
        """From a stop to each neighbour: its id, metres, line."""
        self._from: dict[str, dict[str, int]] = {}
        for line in lines:
            self._add(line)

    def _add(self, line: Track) -> None:
        ahead = (*line.stops[1:], line.stops[0]) if line.loop else line.stops[1:]
        for stop in line.stops:
            self.edges.setdefault(stop, [])
        for a, b, metres in zip(line.stops, ahead, line.track_m, strict=False):
            self.edges[a].append((b, metres, line.id))
            self.edges[b].append((a, metres, line.id))

    def distances(self, origin: str) -> dict[str, int]:
        """Metres from a stop to every stop that can be reached (Dijkstra), kept."""
        known = self._from.get(origin)
        if known is None:
            known = self._from[origin] = self._search(origin)
        return known

    def _search(self, origin: str) -> dict[str, int]:
        done: dict[str, int] = {}
        ahead = [(0, origin)]
        while ahead:
            metres, stop = heappop(ahead)
            if stop in done:
                continue
            done[stop] = metres
            for neighbour, more, _ in self.edges[stop]:
                if neighbour not in done:
                    heappush(ahead, (metres + more, neighbour))
        return done

    def way(self, origin: str, target: str) -> tuple[Leg, ...]:
        """The shortest way; among ways of one length the one with the fewest changes of line.

        The search state is (stop, line): a change costs no metres, but is counted second.
        """
        best: set[tuple[str, str]] = set()
        ahead: list[tuple[int, int, tuple[Leg, ...], str, str]] = [(0, 0, (), origin, "")]
        while ahead:
            metres, changes, legs, stop, line = heappop(ahead)
            if stop == target:
                return legs
            if (stop, line) in best:
                continue
            best.add((stop, line))
            for neighbour, more, on in self.edges[stop]:
                if (neighbour, on) not in best:
                    step = (
                        metres + more,
                        changes + (on != line),
                        _extended(legs, stop, neighbour, on),
                    )
                    heappush(ahead, (*step, neighbour, on))
        return ()


def _extended(legs: tuple[Leg, ...], stop: str, neighbour: str, line: str) -> tuple[Leg, ...]:
    if legs and legs[-1][0] == line:
        return (*legs[:-1], (line, (*legs[-1][1], neighbour)))
    return (*legs, (line, (stop, neighbour)))


class Network:
    """Distances and ways between stops. Lines run both ways, so both are symmetric.

    Changing lines within a stop costs no metres: operators count kilometres of track. All
    distances from a stop are found at the first question about it and kept.
    """

    def __init__(self, lines: Iterable[Track]) -> None:
        lines = tuple(lines)
        products = dict.fromkeys(line.product for line in lines)
        self._all = _Graph(lines)
        self._graphs = {
            product: _Graph(line for line in lines if line.product == product)
            for product in products
        }

    def distance_m(self, a: str, b: str, product: str | None = None) -> int | None:
        """Metres of the shortest way from `a` to `b`, of any product or by one product alone.

        0 where they are one stop; None where no way is known.
        """
        graph = self._graph(product)
        if graph is None or a not in graph.edges:
            return None
        return graph.distances(a).get(b)

    def route(self, a: str, b: str, product: str | None = None) -> tuple[Leg, ...]:
        """The shortest way, line by line, with the fewest changes among equals; () if none."""
        graph = self._graph(product)
        if graph is None or a not in graph.edges or b not in graph.edges or a == b:
            return ()
        return graph.way(a, b)

    def parts(self, product: str) -> int:
        """In how many unconnected parts the lines of a product lie."""
        graph = self._graphs.get(product)
        left = set(graph.edges) if graph else set()
        found = 0
        while graph and left:
            left -= graph.distances(next(iter(left))).keys()
            found += 1
        return found

    def _graph(self, product: str | None) -> _Graph | None:
        return self._all if product is None else self._graphs.get(product)
