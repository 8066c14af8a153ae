"""Taps of a city without a signature, for sheer volume: what a reader would have said stands in
the plan, no code is made, and a day of ten million rides takes minutes.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import numpy as np

from ridecode.core import MICROS, Progress, Tap, Verdict, unseen
from ridecode.sim.chance import draws
from ridecode.sim.city import FOREIGN, SimCity
from ridecode.sim.habits import by_kind
from ridecode.sim.kinds import Recipe
from ridecode.sim.plans import kinds_of
from ridecode.sim.readings import Readings
from ridecode.sim.streams import By, CityDay, by_arrival, by_moment

BATCH: Final = 5_000
_VERSION_7: Final = 0x7 << 76 | 0b10 << 62
_TYPES: Final = by_kind("account_type")


def taps(city: SimCity, day: int, progress: Progress = unseen) -> Iterator[list[Tap]]:
    """The taps of a business day in order of arrival at the centre, up to 5,000 at a time.

    The same for the same city and day, on every machine. What arrives after the day, from readers
    that had no network, comes at the end.
    """
    return _ordered(city, day, by_arrival, progress)


def taps_in_time(city: SimCity, day: int, progress: Progress = unseen) -> Iterator[list[Tap]]:
    """The same in the order in which they were read, as `Devices.uploads` takes them."""
    return _ordered(city, day, by_moment, progress)


def _ordered(city: SimCity, day: int, by: By, progress: Progress) -> Iterator[list[Tap]]:
    maker = Maker(city, day)
    for readings in CityDay(city, day).ordered(by, progress):
        for first in range(0, len(readings), BATCH):
            yield maker.taps(readings[first : first + BATCH])


class Maker:
    """Makes taps of readings."""

    def __init__(self, city: SimCity, day: int) -> None:
        self._city = city
        self._ids = city.key("tap", day)
        places = city.world.readers.places
        self._head = [
            (place.kind, place.mode, place.product, place.operator, place.line, place.stop,
             place.validator, place.vehicle)
            for place in places
        ]  # fmt: skip
        lines = city.pack.lines
        self._stops = [lines[place.line].stops if place.vehicle else () for place in places]
        own, beside = city.home.iin, city.neighbour.iin if city.neighbour else ""
        self._iin = {0: own, FOREIGN: beside}

    def taps(self, readings: Readings) -> list[Tap]:
        """In the same order."""
        riders = readings["rider"].astype(np.int64)
        types = _TYPES[kinds_of(self._city, riders)].tolist()
        bits = draws(self._ids, riders * 256 + readings["n"]).tolist()
        city, cut = self._city.pack.id, int(Recipe.CUT)
        made = []
        for row, number, kind, bit in zip(
            readings.tolist(), riders.tolist(), types, bits, strict=True
        ):
            ts, _, _, reader, age, stop, verdict, recipe, _, _, _, n = row
            what, mode, product, operator, line, at, validator, vehicle = self._head[reader]
            read = recipe != cut
            variant = 2 if recipe == Recipe.NEW_ACCOUNT else 1
            made.append(Tap(
                tap_id=UUID(int=ts // 1_000 << 80 | _VERSION_7 | (bit >> 60 << 8 | n) << 64
                            | bit & (1 << 62) - 1),
                city=city,
                account=f"{self._iin[number & FOREIGN]}{variant}{number & ~FOREIGN:010}"
                if read else "",
                account_type=kind if read else 0, ts=ts, kind=what, mode=mode, product=product,
                operator=operator, line=line, stop=at or self._stops[reader][stop],
                validator=validator, vehicle=vehicle, verdict=_VERDICTS[verdict],
                code_time=ts // MICROS - age if read else 0,
            ))  # fmt: skip
        return made


_VERDICTS: Final = {int(verdict): verdict for verdict in Verdict}
