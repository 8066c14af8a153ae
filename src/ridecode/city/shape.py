"""Where the stops of a run lie along the shape that is drawn for it."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import cos, hypot, inf, radians

from ridecode.city.track import Position, great_circle_m

_SLACK_M = 100.0
"""Beyond the nearest point, how much farther another point of the shape may lie and still be the
one meant: where a shape passes a stop twice, only the order of the stops decides."""

_METRES_A_DEGREE = 111_195.0

Spot = tuple[float, float]
"""Metres from the shape's beginning, and metres from the stop to that point."""


def stretches(stops: Sequence[Position], shape: Sequence[Position]) -> list[list[Position]]:
    """For each pair of neighbouring stops, the piece of the shape between them.

    Each stop is laid on the shape so that the order of the stops is kept and the sum of squared
    distances from the shape is least. A stop at or beyond an end of the shape is itself the end
    of its piece. A piece is empty where two stops fall on one point, or there is no shape.
    """
    if len(shape) < 2:
        return [[] for _ in pairwise(stops)]
    marks = [0.0, *accumulate(great_circle_m(a, b) for a, b in pairwise(shape))]
    places = _in_order([_candidates(stop, shape, marks) for stop in stops])
    pieces = [_between(shape, marks, a, b) for a, b in pairwise(places)]
    for piece, (a, b), (start, end) in zip(pieces, pairwise(stops), pairwise(places), strict=True):
        if piece and start <= marks[0]:
            piece.insert(0, a)
        if piece and end >= marks[-1]:
            piece.append(b)
    return pieces


def _candidates(stop: Position, shape: Sequence[Position], marks: Sequence[float]) -> list[Spot]:
    """The nearest points of the shape's pieces, as far as they may be meant, in order."""
    narrow = cos(radians(stop[0]))
    spots = [
        _nearest(stop, a, b, narrow, start, end)
        for (a, b), (start, end) in zip(pairwise(shape), pairwise(marks), strict=True)
    ]
    limit = min(away for _, away in spots) + _SLACK_M
    return [spot for spot in spots if spot[1] <= limit]


def _nearest(
    stop: Position, a: Position, b: Position, narrow: float, start: float, end: float
) -> Spot:
    """The point of the piece from `a` to `b` that is nearest to the stop, on a flat map."""
    y, x = b[0] - a[0], (b[1] - a[1]) * narrow
    v, u = stop[0] - a[0], (stop[1] - a[1]) * narrow
    square = x * x + y * y
    part = min(1.0, max(0.0, (x * u + y * v) / square)) if square else 0.0
    away = hypot(u - part * x, v - part * y) * _METRES_A_DEGREE
    return start + part * (end - start), away


def _in_order(choices: Sequence[Sequence[Spot]]) -> list[float]:
    """One spot a stop, never going back, with the least sum of squared distances."""
    cost = [away * away for _, away in choices[0]]
    came: list[list[int]] = []
    for before, now in pairwise(choices):
        best = _best_so_far(cost)
        at = [mark for mark, _ in before]
        steps = [bisect_right(at, mark) - 1 for mark, _ in now]
        came.append([best[step] if step >= 0 else -1 for step in steps])
        cost = [
            away * away + (cost[way] if way >= 0 else inf)
            for (_, away), way in zip(now, came[-1], strict=True)
        ]
    if min(cost) == inf:
        return [min(spots, key=lambda spot: spot[1])[0] for spots in choices]
    index = cost.index(min(cost))
    indexes = [index]
    for way in reversed(came):
        index = way[index]
        indexes.append(index)
    return [spots[at][0] for spots, at in zip(choices, reversed(indexes), strict=True)]


def _best_so_far(cost: Sequence[float]) -> list[int]:
    """For each place in a list, where the least value up to it stands."""
    best: list[int] = []
    for at, value in enumerate(cost):
        best.append(at if not best or value < cost[best[-1]] else best[-1])
    return best


def _between(
    shape: Sequence[Position], marks: Sequence[float], start: float, end: float
) -> list[Position]:
    """The shape from one mark to the next, its two cut ends included."""
    if end <= start:
        return []
    inner = [point for point, mark in zip(shape, marks, strict=True) if start < mark < end]
    return [_at(shape, marks, start), *inner, _at(shape, marks, end)]


def _at(shape: Sequence[Position], marks: Sequence[float], mark: float) -> Position:
    piece = min(bisect_right(marks, mark), len(marks) - 1)
    length = marks[piece] - marks[piece - 1]
    part = (mark - marks[piece - 1]) / length if length else 0.0
    (lat_a, lon_a), (lat_b, lon_b) = shape[piece - 1], shape[piece]
    return lat_a + part * (lat_b - lat_a), lon_a + part * (lon_b - lon_a)
