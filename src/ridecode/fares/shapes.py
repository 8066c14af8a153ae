"""The shapes of a fare: flat, by distance, by pair of stops, by zones, by stages.

A shape tells the full fare of a ride, before any rule takes something off, with the lines that
explain it. The first fact of each line says which part of the fare it is.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from ridecode.core import Line, RefusedError, Ride
from ridecode.fares.earlier import Earlier

Full = tuple[int, tuple[Line, ...]]
"""A full fare and its lines, which sum to it."""


class Part(IntEnum):
    """Which part of a fare a line is; the facts that follow it."""

    FLAT = 1
    PAIR = 2
    BAND = 3
    """from_m, to_m (0: without end)"""
    STEPS = 4
    """from_m, to_m (0: without end), each_m, adds, number of steps"""
    MAXIMUM = 5
    SAME_STATION = 6
    """within minutes"""
    ZONES = 7
    """the zones of entry and exit, by their place in the fare's list"""
    STAGES = 8
    """number of stages"""
    ONWARD = 9
    """what it pays, minutes since the last ride, what was asked for, all metres"""


class Shape(Protocol):
    def full(self, ride: Ride, earlier: Earlier) -> Full: ...


FullFare = Callable[[Ride, Earlier], Full]


class Flat(Struct, frozen=True):
    """One amount a ride, wherever it leads."""

    amount: int
    lines: tuple[Line, ...]

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002  as every shape
        return self.amount, self.lines


def flat(rule: str, amount: int, *facts: int) -> Flat:
    return Flat(amount, (Line(rule, amount, facts or (Part.FLAT,)),))


class Band(Struct, frozen=True):
    """Metres up to and including `to_m` (0: without end).

    Either they cost `fare` for the whole way, or every begun `each_m` beyond the band before
    adds `adds`.
    """

    to_m: int
    fare: int = 0
    each_m: int = 0
    adds: int = 0


class _Piece(Struct, frozen=True):
    """A band made ready: what the bands before it come to."""

    from_m: int
    to_m: int
    each_m: int
    adds: int
    amount: int
    lines: tuple[Line, ...]


class Distance(Struct, frozen=True):
    """By the metres between the stops."""

    rule: str
    ends: tuple[int, ...]
    """`to_m` of every band that ends."""
    pieces: tuple[_Piece, ...]

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002
        metres = ride.distance_m
        if metres is None:
            raise unknown(self.rule, ride, "has no distance")
        at = bisect_left(self.ends, metres)
        if at == len(self.pieces):
            raise unknown(self.rule, ride, f"is {metres} m long, which is beyond the last band")
        piece = self.pieces[at]
        if piece.each_m == 0:
            return piece.amount, piece.lines
        steps = -((piece.from_m - metres) // piece.each_m)
        line = _steps(self.rule, piece, steps)
        return piece.amount + line.amount, (*piece.lines, line)


def distance(rule: str, bands: tuple[Band, ...]) -> Distance:
    """The shape of some bands, of which the first has a fare and only the last may be endless."""
    pieces: list[_Piece] = []
    start, amount, lines = 0, 0, tuple[Line, ...]()
    for band in bands:
        if band.each_m == 0:
            amount = band.fare
            lines = (Line(rule, amount, (Part.BAND, start, band.to_m)),)
        piece = _Piece(start, band.to_m, band.each_m, band.adds, amount, lines)
        pieces.append(piece)
        if band.each_m:
            whole = _steps(rule, piece, -((start - band.to_m) // band.each_m))
            amount, lines = amount + whole.amount, (*lines, whole)
        start = band.to_m
    return Distance(rule, tuple(band.to_m for band in bands if band.to_m), tuple(pieces))


def _steps(rule: str, piece: _Piece, steps: int) -> Line:
    facts = (Part.STEPS, piece.from_m, piece.to_m, piece.each_m, piece.adds, steps)
    return Line(rule, steps * piece.adds, facts)


class Matrix(Struct, frozen=True):
    """By the pair of stops, in the direction of the ride."""

    rule: str
    fares: Mapping[tuple[str, str], Full]

    def full(self, ride: Ride, earlier: Earlier) -> Full:  # noqa: ARG002
        found = self.fares.get((ride.entry_stop, ride.exit_stop))
        if found is None:
            raise unknown(self.rule, ride, "is no pair of the matrix")
        return found


def matrix(rule: str, fares: Mapping[tuple[str, str], int]) -> Matrix:
    """The shape of a table of directed pairs; equal fares share their line."""
    by_amount = {
        amount: (amount, (Line(rule, amount, (Part.PAIR,)),)) for amount in set(fares.values())
    }
    return Matrix(rule, {pair: by_amount[amount] for pair, amount in fares.items()})


class SameStation(Struct, frozen=True):
    """In and out at one station within some time costs an amount of its own."""

    within_us: int
    other: Shape
    same: Flat

    def full(self, ride: Ride, earlier: Earlier) -> Full:
        there_and_out = ride.entry_stop == ride.exit_stop and ride.exit_tap is not None
        if there_and_out and ride.end_ts - ride.start_ts <= self.within_us:
            return self.same.full(ride, earlier)
        return self.other.full(ride, earlier)


def unknown(rule: str, ride: Ride, why: str) -> RefusedError:
    """Names the way and not the ride, so that equal refusals can be counted together."""
    return RefusedError(
        f"Fare {rule} cannot price {ride.entry_stop} – {ride.exit_stop}: it {why}.",
        "Complete the tariff or the network of the city pack.",
    )
