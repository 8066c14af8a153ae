"""How far a simulated city is from real ones: when people ride, how far, how long, from where."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from ridecode.core import MICROS, Progress, unseen
from ridecode.sim.city import SimCity
from ridecode.sim.journeys import Rides
from ridecode.sim.shape.real import Real, real_sets
from ridecode.sim.streams import CityDay

Floats = npt.NDArray[np.float64]

_HOUR: Final = 3_600 * MICROS
_HOURS: Final = 24


class Distance(Struct, frozen=True, kw_only=True):
    """One thing of the simulated city beside the same of a real set."""

    what: str
    real: str
    measure: str
    distance: float
    """0 where they are the same."""
    simulated: str
    """In words: the figures themselves."""
    found: str


class Shape(Struct, frozen=True, kw_only=True):
    """A city's shape on a working day and a day off."""

    city: str
    riders: int
    rides: int
    distances: tuple[Distance, ...]
    absent: tuple[str, ...]
    """Why a real set was not used."""


def shape(city: SimCity, day: int, folder: Path, progress: Progress = unseen) -> Shape:
    """Hold the working day and the day off of the week of `day` against the sets in `folder`."""
    monday = day - (day + 3) % 7
    working = _Seen(city, monday + 4, progress)
    off = _Seen(city, monday + 5, progress)
    sets, absent = real_sets(folder, city.pack)
    return Shape(
        city=city.pack.id, riders=city.riders, rides=len(working.rides) + len(off.rides),
        distances=tuple(
            distance for real in sets for distance in _distances(working, off, real)
        ),
        absent=tuple(absent),
    )  # fmt: skip


class _Seen:
    """The rides through gates of a day."""

    def __init__(self, city: SimCity, day: int, progress: Progress) -> None:
        whole = CityDay(city, day)
        ranges = whole.ranges()
        parts: list[Rides] = []
        for done, first in enumerate(ranges):
            progress(done, len(ranges))
            rides = whole.of_range(first)[0]
            parts.append(rides[rides["course"] < 0])
        self.rides = np.concatenate(parts)
        world = city.world
        self.stops = world.stops
        self.km: Floats = world.metres[self.rides["origin"], self.rides["target"]] / 1_000
        self.minutes: Floats = (self.rides["end"] - self.rides["begin"]) / (60 * MICROS)
        self.hour = (self.rides["begin"] - whole.day.midnight) // _HOUR

    def hours(self) -> Floats:
        return np.bincount(self.hour, minlength=_HOURS)[:_HOURS].astype(np.float64)

    def stations(self) -> Floats:
        return np.bincount(self.rides["origin"], minlength=len(self.stops)).astype(np.float64)


def _distances(working: _Seen, off: _Seen, real: Real) -> list[Distance]:
    found: list[Distance] = []
    for what, seen, hours in (
        ("hours of a working day", working, real.hours),
        ("hours of a day off", off, real.day_off_hours),
    ):
        if hours:
            found.append(_hours(what, real.name, seen.hours(), np.array(hours, dtype=float)))
    if real.stations:
        found.append(_shares(real.name, working.stations(), np.array(real.stations, dtype=float)))
    if real.km:
        found += _through_the_file(off, real)
    if real.at_six:
        found += _at_six(off, real)
    return found


def _hours(what: str, real: str, simulated: Floats, found: Floats) -> Distance:
    return Distance(
        what=what, real=real, measure="share of rides at another hour",
        distance=_variation(simulated, found),
        simulated=_peaks(simulated), found=_peaks(found),
    )  # fmt: skip


def _variation(one: Floats, other: Floats) -> float:
    """Half the sum of the differences of shares: 0 the same, 1 nothing in common."""
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def _peaks(hours: Floats) -> str:
    """The busiest hour before noon and after, with their shares."""
    share = hours / hours.sum()
    morning, evening = int(share[:12].argmax()), 12 + int(share[12:].argmax())
    return f"{morning}:00 {share[morning]:.1%}, {evening}:00 {share[evening]:.1%}"


_TENTHS: Final = np.linspace(0, 1, 101)


def _shares(real: str, simulated: Floats, found: Floats) -> Distance:
    """How unequal stations are: the share of riders at the busiest part of them."""
    one, other = _busiest(simulated), _busiest(found)
    return Distance(
        what="shares of stations", real=real, measure="largest gap of concentration",
        distance=float(np.abs(one - other).max()), simulated=_tops(one), found=_tops(other),
    )  # fmt: skip


def _busiest(counts: Floats) -> Floats:
    """The share of all at the busiest 0, 1, … 100 hundredths of the stations."""
    ordered = np.concatenate(([0.0], np.sort(counts)[::-1].cumsum() / counts.sum()))
    return np.interp(_TENTHS, np.linspace(0, 1, len(ordered)), ordered)


def _tops(shares: Floats) -> str:
    return f"top 10 % {shares[10]:.0%}, 25 % {shares[25]:.0%}, 50 % {shares[50]:.0%}"


def _through_the_file(off: _Seen, real: Real) -> list[Distance]:
    """Lengths and times as the file could show them: a ride counts by the share of the file's
    entries after which there was time for it."""
    left = np.sort(np.array(real.left_min))
    shown = 1 - np.searchsorted(left, off.minutes, side="left") / len(left)
    morning = (off.hour >= 6) & (off.hour < 9)
    weights = shown * morning
    return [
        _spread("length of a ride, km", real.name, off.km, weights, real.km),
        _spread("from entry to exit, min", real.name, off.minutes, weights, real.minutes),
    ]


def _spread(
    what: str, name: str, simulated: Floats, weights: Floats, real: Sequence[float]
) -> Distance:
    """The largest gap between the two running shares (Kolmogorov–Smirnov)."""
    order = np.argsort(simulated, kind="stable")
    values, running = simulated[order], weights[order].cumsum() / weights.sum()
    found = np.sort(np.array(real))
    grid = np.linspace(0, max(float(found[-1]), 1.0), 200)
    one = np.interp(grid, values, running)
    other = np.searchsorted(found, grid, side="right") / len(found)
    quartiles = (0.25, 0.5, 0.75)
    ours = [float(values[np.searchsorted(running, part)]) for part in quartiles]
    theirs = [float(found[int(part * (len(found) - 1))]) for part in quartiles]
    return Distance(
        what=what, real=name, measure="largest gap of running shares",
        distance=float(np.abs(one - other).max()), simulated=_quartiles(ours),
        found=f"{_quartiles(theirs)} ({len(real)} rides)",
    )  # fmt: skip


def _quartiles(values: Sequence[float]) -> str:
    low, middle, high = values
    return f"{low:.1f} · {middle:.1f} · {high:.1f}"


def _at_six(off: _Seen, real: Real) -> list[Distance]:
    """Entries of the hour from six of a Saturday, station by station."""
    early = off.rides[off.hour == 6]
    ours = np.bincount(early["origin"], minlength=len(off.stops)).astype(np.float64)
    theirs = np.array([float(real.at_six.get(stop, 0)) for stop in off.stops])
    if not len(early):
        return []
    named = Distance(
        what="stations by name at six", real=real.name, measure="share of rides at another station",
        distance=_variation(ours, theirs), simulated=_tops(_busiest(ours)),
        found=_tops(_busiest(theirs)),
    )  # fmt: skip
    return [named, _shares(f"{real.name} at six", ours, theirs)]
