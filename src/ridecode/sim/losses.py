"""What thieves really rode for on a day, event by event: to be held against the printed bounds.

Every accepted way in of theirs is a ride, to where they went out, or to nowhere known where they
were turned away at the exit; its fare is the full one. Of a reported phone only rides that began
after the report count, as the bound has it.
"""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

import numpy as np
from msgspec import Struct

from ridecode.core import MICROS, Ride, RideState, Verdict
from ridecode.fares import NOTHING_EARLIER, Tariff, price
from ridecode.sim.city import SimCity
from ridecode.sim.kinds import Attack
from ridecode.sim.readings import Readings
from ridecode.sim.streams import CityDay
from ridecode.sim.thieves import Report
from ridecode.validator import Peril

_PERILS = {
    Attack.STOLEN_PHONE: Peril.STOLEN_PHONE,
    Attack.CLONED_KEY: Peril.CLONED_KEY,
    Attack.SCREENSHOT: Peril.SHARED_CODE,
    Attack.RELAY: Peril.SHARED_CODE,
}
_NOBODY = UUID(int=0)


class Loss(Struct, frozen=True):
    """One event: a phone, a key or a code in thieves' hands."""

    peril: Peril
    victim: int
    rides: int
    amount: int
    """Smallest unit of the currency."""
    offline: bool
    """Whether one of the readers had no network then."""


def losses(city: SimCity, day: int, tariff: Tariff) -> Iterator[Loss]:
    """Every event of a day that cost something or might have."""
    whole = CityDay(city, day)
    for first in whole.ranges():
        _, readings, reports = whole.of_range(first)
        stolen = readings[np.isin(readings["attack"], [int(attack) for attack in _PERILS])]
        yield from _events(whole, stolen, reports, tariff)


def _events(
    whole: CityDay, stolen: Readings, reports: list[Report], tariff: Tariff
) -> Iterator[Loss]:
    known = whole.outages.known(stolen["reader"].astype(np.int64), stolen["ts"])
    since = {one.rider: one.reported for one in reports if one.why is Attack.STOLEN_PHONE}
    taps: dict[tuple[int, int], dict[int, np.void]] = defaultdict(dict)
    offline: dict[tuple[int, int], bool] = defaultdict(bool)
    for tap, heard in zip(stolen, known.tolist(), strict=True):
        event = int(tap["attack"]), int(tap["rider"])
        taps[event][int(tap["n"])] = tap
        offline[event] |= bool(heard < tap["ts"])
    for (attack, rider), shown in taps.items():
        after = since.get(rider, 0) if attack == Attack.STOLEN_PHONE else 0
        fares = [
            _fare(whole.city, entry, shown.get(n + 1), tariff)
            for n, entry in shown.items()
            if n % 2 == 0 and entry["verdict"] == Verdict.ACCEPTED and entry["ts"] >= after
        ]
        yield Loss(_PERILS[Attack(attack)], rider, len(fares), sum(fares), offline[attack, rider])


def _fare(city: SimCity, entry: np.void, left: np.void | None, tariff: Tariff) -> int:
    """In full, of a ride through gates."""
    world = city.world
    place = world.readers.places[entry["reader"]]
    target = ""
    if left is not None and left["verdict"] == Verdict.ACCEPTED:
        target = world.readers.places[left["reader"]].stop
    ts = int(entry["ts"])
    ride = Ride(
        ride_id=_NOBODY, city=city.pack.id, account="", account_type=1, mode=place.mode,
        product=place.product, operator=place.operator, line=place.line, entry_tap=_NOBODY,
        exit_tap=_NOBODY if target else None, entry_stop=place.stop, exit_stop=target,
        entry_ts=ts, exit_ts=ts + 1_800 * MICROS if target else ts,
        distance_m=city.pack.network.distance_m(place.stop, target, place.product)
        if target else None,
        state=RideState.COMPLETE if target else RideState.MISSING_EXIT, journey_id=_NOBODY, leg=0,
    )  # fmt: skip
    return tariff.full_fare(price(tariff, NOTHING_EARLIER, ride)[0])
