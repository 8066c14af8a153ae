"""The seeded city as it moves, for a demonstration to drive: who shows what where, what goes dark.

The city judges nothing and stores nothing: whoever drives it shows the codes to readers. Events
come in order of time, the same from the same seed.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.city import Pack
from ridecode.code import Authority
from ridecode.core import MICROS, Verdict
from ridecode.sim.city import SimCity
from ridecode.sim.habits import by_kind
from ridecode.sim.judged import debtors
from ridecode.sim.kinds import Attack, Fault, Recipe
from ridecode.sim.outages import Outage
from ridecode.sim.phones import Phones
from ridecode.sim.plans import kinds_of
from ridecode.sim.rates import Rates
from ridecode.sim.readings import Readings
from ridecode.sim.streams import CityDay
from ridecode.sim.thieves import Report

RIDERS: Final = 1_500
SPEED_MOST: Final = 120
LIVE: Final = Rates(
    in_debt=20_000, reader_offline=30_000, station_offline=30_000,
    thieves={attack: 1_500 for attack in Attack if attack.of_riders}
    | {Attack.CPU_FLOOD: 150, Attack.DEBTOR_ANEW: 200_000},
)  # fmt: skip
"""A small city has to have its share of trouble on a day."""
_TYPES: Final = by_kind("account_type")


class Shown(Struct, frozen=True):
    """Somebody holds a phone to a reader."""

    ts: int
    place: str
    """`stop:entry`, `stop:exit`, or `line:stop` on a bus."""
    code: bytes
    account: str
    fault: Fault
    attack: Attack
    verdict: Verdict
    """What a lane owes it that denies the accounts of `denied` and knows of no other lane."""


class Cut(Struct, frozen=True):
    """Readers lose their network until a moment; they go on reading, and keep what they read."""

    ts: int
    places: tuple[str, ...]
    until: int


Event = Shown | Cut


class LiveCity:
    """A small city that moves as time goes on, for one thread at a time."""

    def __init__(
        self, pack: Pack, authority: Authority | None = None, *, seed: int = 1179,
        riders: int = RIDERS, speed: int = 1, begins: int = 0,
    ) -> None:  # fmt: skip
        """From the moment `begins`, UTC epoch microseconds. `authority` are the institutions whose
        codes the readers trust; without it those of the seed, `sim_authority(city)`."""
        self.city = SimCity(pack=pack, riders=riders, seed=seed, rates=LIVE, lanes_most=1)
        self.now = begins
        self.speed = speed
        """Seconds of the city in one of the visitor's, 1 to 120; may be changed at any time."""
        self._phones = Phones(self.city, authority)
        self._day = pack.calendar.day(begins)
        self._ahead: list[Readings] = []
        self._cuts: list[Cut] = []
        self._reports: list[Report] = []
        self._plan()

    def advance(self, seconds: float) -> list[Event]:
        """What happens while that much time of the visitor's passes."""
        return self.until(self.now + round(seconds * MICROS) * self.speed)

    def until(self, now: int) -> list[Event]:
        """What happens from the last moment asked about until `now`, in order of time."""
        while self._day < self.city.pack.calendar.day(now):
            self._day += 1
            self._plan()
        shown = [self._shown(row) for row in self._taken(now)]
        cuts = [cut for cut in self._cuts if self.now < cut.ts <= now]
        self._cuts = [cut for cut in self._cuts if cut.ts > now]
        self.now = max(self.now, now)
        return sorted([*cuts, *shown], key=lambda event: event.ts)

    def denied(self) -> list[str]:
        """The accounts that readers with a network deny now: debtors, and what was reported."""
        told = [self.city.account(one.rider) for one in self._reports
                if one.denied_from <= self.now]  # fmt: skip
        return debtors(self.city, self._day) + told

    def reported(self) -> list[Report]:
        """What has been reported by now, stolen phones and copied keys, in order."""
        told = [one for one in self._reports if one.reported <= self.now]
        return sorted(told, key=lambda one: one.reported)

    def _plan(self) -> None:
        whole = CityDay(self.city, self._day)
        _, readings, reports = whole.some(np.arange(self.city.riders))
        self._reports += reports
        order = np.lexsort((readings["n"], readings["rider"], readings["ts"]))
        self._ahead.append(readings[order])
        self._cuts += [self._cut(outage) for outage in whole.outages.offline()]

    def _cut(self, outage: Outage) -> Cut:
        readers = self.city.world.readers
        place = readers.places[outage.reader]
        stops = self.city.pack.lines[place.line].stops if place.vehicle else ()
        places = tuple(f"{place.line}:{stop}" for stop in stops) or (place.validator,)
        return Cut(outage.begin, places, outage.end)

    def _taken(self, now: int) -> list[np.void]:
        """The readings that are due; what is not stays."""
        due: list[np.void] = []
        left: list[Readings] = []
        for readings in self._ahead:
            first, end = np.searchsorted(readings["ts"], (self.now, now), side="right")
            due += list(readings[first:end])
            if end < len(readings):
                left.append(readings[end:])
        self._ahead = left
        return due

    def _shown(self, row: np.void) -> Shown:
        ts, _, rider, reader, age, stop, verdict, recipe, fault, attack, _, _ = row.tolist()
        place = self.city.world.readers.places[reader]
        at = self.city.pack.lines[place.line].stops[stop] if place.vehicle else ""
        kind = int(kinds_of(self.city, np.array([rider]))[0])
        code = self._phones.code(rider, int(_TYPES[kind]), ts // MICROS, age, Recipe(recipe))
        return Shown(
            ts, f"{place.line}:{at}" if at else place.validator, code,
            self.city.account(rider, int(recipe == Recipe.NEW_ACCOUNT)), Fault(fault),
            Attack(attack), Verdict(verdict),
        )  # fmt: skip
