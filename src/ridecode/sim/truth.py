"""What really happened on a day, for whoever judges what the road made of its taps.

It never goes the road: no tap carries a word of it. A ride of the road is held against a ride here
by account and moment, a tap by account, reader and moment.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import Struct

from ridecode.core import Progress, Verdict, unseen
from ridecode.sim.city import SimCity
from ridecode.sim.journeys import Rides
from ridecode.sim.kinds import Attack, Fault, Kind, Purpose, Recipe
from ridecode.sim.outages import Outage
from ridecode.sim.readings import Readings
from ridecode.sim.streams import CityDay
from ridecode.sim.thieves import Report


class TrueRide(Struct, frozen=True, gc=False, kw_only=True):
    """Somebody rode. Moments are UTC epoch microseconds."""

    rider: int
    account: str
    kind: Kind
    purpose: Purpose
    product: str
    line: str
    """Of a bus; empty through gates, where any train will do."""
    origin: str
    target: str
    begin: int
    end: int
    """Through the gates, or boarding and alighting."""
    fault: Fault
    party: int
    """How many came along on the same account, where the bus lets them."""


class Misdeed(Struct, frozen=True, gc=False, kw_only=True):
    """A thief showed something."""

    attack: Attack
    victim: int
    """The rider whose phone, key or account it is."""
    account: str
    ts: int
    validator: str
    verdict: Verdict
    """What a lane owes it that knows of no other."""


class Told(Struct, frozen=True):
    """A range of riders' day."""

    rides: tuple[TrueRide, ...]
    misdeeds: tuple[Misdeed, ...]
    reports: tuple[Report, ...]


class Truth:
    """The truth of one day of a city."""

    def __init__(self, city: SimCity, day: int) -> None:
        self._city = city
        self._whole = CityDay(city, day)

    def of(self, riders: Iterable[int]) -> Told:
        """The day of some riders; of one who is away there is nothing."""
        numbers = np.array(sorted(riders), dtype=np.int64)
        foreign = numbers >= 1 << 31
        own, theirs = numbers[~foreign], numbers[foreign] & ~(1 << 31)
        day = self._whole.day.day
        here = np.concatenate((own[self._city.at_home(day, own)], self._city.visitors(day, theirs)))
        return self._told(*self._whole.some(here))

    def told(self, progress: Progress = unseen) -> Iterator[Told]:
        """Everybody's, some ten thousand riders at a time, in the order of their numbers."""
        ranges = self._whole.ranges()
        for done, first in enumerate(ranges):
            progress(done, len(ranges))
            yield self._told(*self._whole.of_range(first))

    def offline(self) -> list[Outage]:
        """Which readers are without network, and when."""
        return self._whole.outages.offline()

    def dark(self) -> list[Outage]:
        """Which gates are without power, and when."""
        return self._whole.outages.dark()

    def _told(self, rides: Rides, readings: Readings, reports: list[Report]) -> Told:
        stolen = readings[readings["attack"] > 0]
        return Told(tuple(self._rides(rides)), tuple(self._misdeeds(stolen)), tuple(reports))

    def _rides(self, rides: Rides) -> Iterator[TrueRide]:
        city, world = self._city, self._city.world
        for row in rides.tolist():
            begin, end, rider, _, course, origin, target, _, purpose, fault, party, kind = row
            if course < 0:
                product, line, stops = world.product, "", world.stops
            else:
                bus = world.buses[course // 2]
                product, line, stops = bus.product, bus.id, world.bus_courses[course].stops
            yield TrueRide(
                rider=rider, account=city.account(rider), kind=Kind(kind),
                purpose=Purpose(purpose), product=product, line=line, origin=stops[origin],
                target=stops[target], begin=begin, end=end, fault=Fault(fault), party=party,
            )  # fmt: skip

    def _misdeeds(self, readings: Readings) -> Iterator[Misdeed]:
        places = self._city.world.readers.places
        for row in readings.tolist():
            ts, _, rider, reader, _, _, verdict, recipe, _, attack, _, _ = row
            yield Misdeed(
                attack=Attack(attack), victim=rider,
                account=self._city.account(rider, int(recipe == Recipe.NEW_ACCOUNT)), ts=ts,
                validator=places[reader].validator, verdict=Verdict(verdict),
            )  # fmt: skip
