"""A day's readings of a whole city in order, without the city in memory.

Riders are taken a range at a time; what is read of them goes into files by the time by which it is
ordered, and then file by file is sorted and handed out. Memory is that of one range and of the
fullest file, whatever the size of the city; the files take 36 bytes a reading.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from ridecode.core import Progress, unseen
from ridecode.sim.chance import Ints
from ridecode.sim.city import SimCity
from ridecode.sim.journeys import Day, Rides, numbers_of, range_end
from ridecode.sim.kinds import Fault
from ridecode.sim.readings import READING, Reader, Readings
from ridecode.sim.thieves import Report, Thieves

RANGE: Final = 1 << 16
"""Riders worked on at once."""
_SPAN_S: Final = 600
"""A file holds so many seconds."""
_FILES: Final = 32 * 3_600 // _SPAN_S
"""From midnight on; what comes later than 32 hours after is in the last one."""
_HELD_MOST: Final = 1 << 20
"""Readings kept in memory before they are written."""

By = Callable[[Readings], Ints]
"""The time by which readings are ordered, UTC epoch microseconds."""


def by_arrival(readings: Readings) -> Ints:
    """When each arrives at the centre."""
    arrives: Ints = readings["ts"] + readings["wait"].astype(np.int64) * 1_000
    return arrives


def by_moment(readings: Readings) -> Ints:
    """When each is read."""
    moment: Ints = readings["ts"]
    return moment


class CityDay:
    """One business day of a city, for whoever wants its rides, readings or reports."""

    def __init__(self, city: SimCity, day: int) -> None:
        self.city, self.day = city, Day(city, day)
        self.reader = Reader(self.day)
        self.outages = self.reader.outages
        self.reports: list[Report] = []
        """Of phones stolen, once the day has been ordered."""

    def ranges(self) -> range:
        """Where ranges of riders begin."""
        return range(0, range_end(self.city), RANGE)

    def some(self, numbers: Ints) -> tuple[Rides, Readings, list[Report]]:
        """Rides, readings and reports of those riders, who are in the city that day."""
        rides = self.day.rides(numbers)
        riders = rides["rider"].astype(np.int64)
        denied = self.city.in_debt(self.day.day, riders)
        honest = self.reader.readings(rides, denied)
        made = rides[~denied]
        thieves = Thieves(self.reader)
        readings = thieves.readings(made, honest, np.unique(riders[denied]))
        for report in thieves.reports:
            hit = (made["rider"] == report.rider) & (made["end"] >= report.denied_from)
            made["fault"][hit] = Fault.REVOKED
        return made, readings, thieves.reports

    def of_range(self, first: int) -> tuple[Rides, Readings, list[Report]]:
        """The same of everybody in the city whose number is in a range."""
        return self.some(numbers_of(self.city, self.day.day, first, first + RANGE))

    def ordered(self, by: By, progress: Progress = unseen) -> Iterator[Readings]:
        """All readings in order, some thousands at a time."""
        with TemporaryDirectory(prefix="ridecode-sim-") as folder:
            shelf = _Shelf(Path(folder), self.day.midnight, by)
            ranges = self.ranges()
            for done, first in enumerate(ranges):
                progress(done, len(ranges))
                _, readings, reports = self.of_range(first)
                self.reports += reports
                shelf.add(readings)
            progress(len(ranges), len(ranges))
            yield from shelf.files()


class _Shelf:
    """Readings by span of time, in memory as long as they are few, else in files."""

    def __init__(self, folder: Path, midnight: int, by: By) -> None:
        self._folder, self._midnight, self._by = folder, midnight, by
        self._held: list[list[Readings]] = [[] for _ in range(_FILES)]
        self._count = 0

    def add(self, readings: Readings) -> None:
        span = (self._by(readings) - self._midnight) // (_SPAN_S * 1_000_000)
        span = np.clip(span, 0, _FILES - 1)
        order = np.argsort(span, kind="stable")
        readings = readings[order]
        edges = np.searchsorted(span[order], np.arange(_FILES + 1))
        for at in range(_FILES):
            if edges[at] < edges[at + 1]:
                self._held[at].append(readings[edges[at] : edges[at + 1]])
        self._count += len(readings)
        if self._count > _HELD_MOST:
            self._write()

    def _write(self) -> None:
        for at, parts in enumerate(self._held):
            if parts:
                with self._file(at).open("ab") as file:
                    for part in parts:
                        file.write(part.tobytes())
            parts.clear()
        self._count = 0

    def files(self) -> Iterator[Readings]:
        for at in range(_FILES):
            parts = self._held[at]
            self._held[at] = []
            if self._file(at).exists():
                parts.insert(0, np.fromfile(self._file(at), dtype=READING))
                self._file(at).unlink()
            if parts:
                yield self._sorted(np.concatenate(parts))

    def _sorted(self, readings: Readings) -> Readings:
        keys = (readings["n"], readings["rider"], readings["ts"], self._by(readings))
        return readings[np.lexsort(keys)]

    def _file(self, at: int) -> Path:
        return self._folder / f"{at:03}"
