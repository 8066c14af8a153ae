"""Which readers are without network or without power on a day, and what that delays.

A reader without network goes on judging; what it has read arrives when the network is back.
A gate without power is dark: riders take the next lane.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.core import MICROS
from ridecode.sim.chance import Bits, Ints, below, draws, happens
from ridecode.sim.city import SimCity

_FROM_S: Final = 5 * 3_600
_UNTIL_S: Final = 24 * 3_600
_UPLOAD_MS: Final = (150, 5_000)
"""How long after a reading it arrives, from and to, with a network."""
_BACKLOG_MS: Final = (2_000, 60_000)
"""How long after the network is back."""
_TRIES: Final = 3
"""So many lanes on somebody looks for one with power."""


class Outage(Struct, frozen=True):
    """A reader is without something from a moment until another, UTC epoch microseconds."""

    reader: int
    begin: int
    end: int


class Outages:
    """The outages of a day: at most one of each sort a reader."""

    def __init__(self, city: SimCity, day: int) -> None:
        self._city, self._day = city, day
        self._midnight = city.midnight(day)
        readers = city.world.readers
        n, rates = len(readers), city.rates
        self._own = self._drawn("offline", n, rates.reader_offline, 600, 28_800)
        stations = len(city.world.stops)
        at = self._drawn("station", stations, rates.station_offline, 600, 10_800)
        of = np.maximum(readers.station, 0)
        gated = readers.station >= 0
        self._all = (np.where(gated, at[0][of], 0), np.where(gated, at[1][of], 0))
        down = self._drawn("down", n, rates.reader_down, 300, 14_400)
        self._down = (np.where(gated, down[0], 0), np.where(gated, down[1], 0))

    def _drawn(self, name: str, n: int, ppm: int, least_s: int, most_s: int) -> tuple[Ints, Ints]:
        """Begin and end for each number, 0 and 0 where nothing happens."""
        numbers = np.arange(n)

        def bits(what: str) -> Bits:
            return draws(self._city.key(name, what, self._day), numbers)

        begin_s = _FROM_S + below(bits("begin"), _UNTIL_S - _FROM_S)
        begin = self._midnight + begin_s * MICROS
        end = begin + (least_s + below(bits("lasts"), most_s - least_s)) * MICROS
        struck = happens(bits("struck"), ppm)
        return np.where(struck, begin, 0), np.where(struck, end, 0)

    def lit(self, readers: Ints, ts: Ints) -> Ints:
        """The lane that has power then: the one wanted, or one of the next three."""
        lanes = self._city.world.readers
        for _ in range(_TRIES):
            dark = (ts >= self._down[0][readers]) & (ts < self._down[1][readers])
            if not dark.any():
                break
            readers = np.where(dark, lanes.others(readers, dark.astype(np.int64)), readers)
        return readers

    def wait_ms(self, readers: Ints, ts: Ints, bits: Bits) -> Ints:
        """How long after its moment each reading arrives at the centre."""
        wait = _UPLOAD_MS[0] + below(bits, _UPLOAD_MS[1] - _UPLOAD_MS[0])
        back = np.zeros(len(ts), dtype=np.int64)
        for begin, end in (self._own, self._all):
            cut = (ts >= begin[readers]) & (ts < end[readers])
            back = np.maximum(back, np.where(cut, end[readers], 0))
        late = (back - ts) // 1_000 + _BACKLOG_MS[0] + below(bits, _BACKLOG_MS[1])
        return np.where(back > 0, late, wait)

    def known(self, readers: Ints, ts: Ints) -> Ints:
        """Until when each reader has heard of the centre: its moment, or since when it is cut."""
        since = ts
        for begin, end in (self._own, self._all):
            cut = (ts >= begin[readers]) & (ts < end[readers])
            since = np.where(cut, np.minimum(since, begin[readers]), since)
        return since

    def offline(self) -> list[Outage]:
        """Every reader that is without network at some time, in order of reader and time."""
        return self._listed(self._own) + self._listed(self._all)

    def dark(self) -> list[Outage]:
        """Every gate that is without power at some time."""
        return self._listed(self._down)

    @staticmethod
    def _listed(spans: tuple[Ints, Ints]) -> list[Outage]:
        begin, end = spans
        struck = np.flatnonzero(end > 0).tolist()
        return [Outage(reader, int(begin[reader]), int(end[reader])) for reader in struck]
