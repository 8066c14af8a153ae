"""What thieves show at readers: for each attack its readings, made of an honest rider's day.

`AT_THE_READER` says what a reader can know of each on its own. What it lets pass, the station, the
centre or the clearing must find: the truth keeps who did what.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.core import MICROS, Verdict
from ridecode.sim.chance import Bits, Ints, below, draw, draws, happens
from ridecode.sim.journeys import Rides
from ridecode.sim.kinds import Attack, Fault, Recipe
from ridecode.sim.readers import IN, OUT
from ridecode.sim.readings import READING, THIEVES_N, Reader, Readings

_V = Verdict
AT_THE_READER: Final[Mapping[Attack, Verdict]] = MappingProxyType({
    Attack.SCREENSHOT: _V.ACCEPTED,
    Attack.LAST_BYTE: _V.SAME_CODE,
    Attack.TOMORROW: _V.NOT_YET_VALID,
    Attack.MADE_AHEAD: _V.AUTHORISATION_EXPIRED,
    Attack.CLOCK_BACK: _V.AUTHORISATION_EXPIRED,
    Attack.CLONED_KEY: _V.ACCEPTED,
    Attack.NO_KEY: _V.USER_SIGNATURE,
    Attack.RELAY: _V.ACCEPTED,
    Attack.DEBTOR_ANEW: _V.ACCEPTED,
    Attack.WRONG_ISSUER: _V.ACCOUNT_NOT_OF_ISSUER,
    Attack.TEST_ROOT: _V.ROOT_UNKNOWN,
    Attack.CACHE_POISON: _V.AUTHORISATION_SIGNATURE,
    Attack.CPU_FLOOD: _V.USER_SIGNATURE,
    Attack.STOLEN_PHONE: _V.ACCEPTED,
})  # fmt: skip
"""What a lane answers that knows of no other; of a stolen phone until the report has come."""

DENY_S: Final = 60
"""From a report to the readers that have a network."""
SEEN_S: Final = 120
"""From a tap to what the centre finds about it."""
SUSPICIOUS: Final = 3
"""Taps in two places that revoke an account."""
SHOWING_MOST: Final = 8
"""Who share one picture of a code."""
CLONES_MOST: Final = 5
"""Who share one key, the rider not counted."""
_PASSING: Final = (_V.ACCEPTED, _V.DEBOUNCED, _V.SAME_CODE)
"""What a reader may say to a code that is good and not denied."""
_FLOOD: Final = 40
_FLOOD_APART: Final = 400_000
_STEP: Final = 8 * MICROS
_PAUSE: Final = 480 * MICROS
_STOLEN_RIDES: Final = 3
_CLONE_RIDES: Final = 2


class Report(Struct, frozen=True):
    """An account was reported; readers with a network know it from `denied_from` on. Moments are
    UTC epoch microseconds."""

    rider: int
    why: Attack
    """STOLEN_PHONE or CLONED_KEY."""
    since: int
    """When the theft was, or the first tap of a copied key."""
    reported: int
    denied_from: int


class Thieves:
    """The attacks of a day on the riders of a range."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self._city = reader, reader.city
        self.day = reader.day.day
        self.reports: list[Report] = []
        """Of the riders that were asked about so far."""

    def readings(self, rides: Rides, readings: Readings, debtors: Ints) -> Readings:
        """The honest readings of some riders' rides, with what thieves add, and what comes of it
        for who is robbed."""
        found: list[tuple[int, ...]] = []
        rates = self._city.rates
        whole = rides[(rides["course"] < 0) & (rides["fault"] == Fault.NONE)]
        victims, at = np.unique(whole["rider"].astype(np.int64), return_index=True)
        first_tap = readings[(readings["n"] % 24 == 1) & (readings["attack"] == 0)]
        last_end = _last_end(rides)
        for attack, work in _WORK.items():
            struck = happens(self._bits(attack, victims), rates.of(attack))
            for rider, row in zip(victims[struck].tolist(), at[struck].tolist(), strict=True):
                taps = first_tap[first_tap["rider"] == rider]
                entry = taps[taps["leg"] == whole[row]["leg"]]
                case = _Case(self, attack, rider, whole[row], entry[0], last_end[rider])
                found += work(case)
        found += self._debtors_anew(debtors, readings, rates.of(Attack.DEBTOR_ANEW))
        made = np.concatenate((readings, self.reader.arriving(np.array(found, dtype=READING))))
        self._deny(made)
        return made

    def _deny(self, readings: Readings) -> None:
        """Of an account that was reported nothing passes any more where the reader knows of it."""
        passes = np.isin(readings["verdict"], _PASSING) & (readings["recipe"] != Recipe.NEW_ACCOUNT)
        for report in self.reports:
            rows = np.flatnonzero(passes & (readings["rider"] == report.rider))
            readers, ts = readings["reader"][rows].astype(np.int64), readings["ts"][rows]
            told = self.reader.outages.known(readers, ts) >= report.denied_from
            readings["verdict"][rows[told]] = _V.DENIED

    def _bits(self, attack: Attack, riders: Ints) -> Bits:
        return draws(self._city.key("attack", int(attack), self.day), riders)

    def _debtors_anew(
        self, debtors: Ints, readings: Readings, ppm: int
    ) -> Iterator[tuple[int, ...]]:
        """Turned away, then let in with another account."""
        struck = debtors[happens(self._bits(Attack.DEBTOR_ANEW, debtors), ppm)]
        turned = readings[readings["fault"] == Fault.IN_DEBT]
        for tap in turned[np.isin(turned["rider"], struck)]:
            yield _row(
                tap, tap["ts"] + 90 * MICROS, Attack.DEBTOR_ANEW, 0, recipe=Recipe.NEW_ACCOUNT,
                verdict=_V.ACCEPTED, age=4,
            )  # fmt: skip


class _Case:
    """One attack on one rider's day."""

    def __init__(
        self, thieves: Thieves, attack: Attack, rider: int, ride: np.void, entry: np.void, end: int
    ) -> None:
        self.thieves, self.attack, self.rider = thieves, attack, rider
        self.ride, self.entry = ride, entry
        self.last_end = end
        self.reader, self.city = thieves.reader, thieves._city

    def dice(self, name: str, most: int) -> int:
        stream = self.city.key("thief", name, int(self.attack), self.thieves.day)
        return int(below(np.array([draw(stream, self.rider)], dtype=np.uint64), most)[0])

    def elsewhere(self, name: str) -> int:
        """A station that the victim neither enters nor leaves on this ride."""
        n = len(self.city.world.stops)
        at = self.dice(name, n)
        while at in self.own:
            at = (at + 1) % n
        return at

    def gate(self, direction: int, station: int, ts: int, leg: int) -> int:
        one = np.array([0], dtype=np.int64)
        taken = self.reader.gate(direction, one + station, one + self.rider, one + leg, one + ts)
        return int(taken[0])

    def refused(self, age: int, recipe: Recipe) -> Iterator[tuple[int, ...]]:
        """Two minutes before the victim's own entry, at the same lane."""
        ts = int(self.entry["ts"]) - 120 * MICROS
        yield _row(self.entry, ts, self.attack, 0, recipe=recipe, age=age,
                   verdict=AT_THE_READER[self.attack])  # fmt: skip

    def next_lane(self, tap: np.void, nth: int, recipe: Recipe = Recipe.OWN, by: int = 1,
                  after: int = _STEP) -> tuple[int, ...]:  # fmt: skip
        """The same bytes some seconds later."""
        ts = int(tap["ts"]) + after
        lane = int(self.city.world.readers.others(
            np.array([tap["reader"]], dtype=np.int64), np.array([by])
        )[0])  # fmt: skip
        same = lane == tap["reader"]
        verdict = _V.SAME_CODE if same else AT_THE_READER[self.attack]
        return _row(tap, ts, self.attack, nth, recipe=recipe, verdict=verdict, reader=lane,
                    age=_aged(tap, ts))  # fmt: skip

    def way(self, nth: int) -> tuple[int, int, int]:
        """From where to where a thief rides, and how many microseconds it takes."""
        origin, target = self.elsewhere(f"from {nth}"), self.elsewhere(f"to {nth}")
        n = len(self.city.world.stops)
        if origin == target:
            target = next(at for at in range(n) if at not in (origin, *self.own))
        seconds = int(self.city.world.ways.seconds[origin * n + target])
        return origin, target, (seconds + 300 + self.dice(f"takes {nth}", 600)) * MICROS

    def report(self, since: int, reported: int) -> Report:
        """The account is reported, and will be denied."""
        told = Report(self.rider, self.attack, since, reported, reported + DENY_S * MICROS)
        self.thieves.reports.append(told)
        return told

    def rides(
        self, ts: int, nth: int, direction: int, station: int, report: Report | None
    ) -> tuple[int, ...]:
        """A fresh code at a gate; denied where the gate has heard of the report."""
        gate = self.gate(direction, station, ts, 6 + nth)
        known = self.reader.outages.known(np.array([gate]), np.array([ts]))[0]
        denied = report is not None and report.denied_from <= known
        return _row(self.entry, ts, self.attack, nth, recipe=Recipe.OWN, age=3, reader=gate,
                    verdict=_V.DENIED if denied else _V.ACCEPTED)  # fmt: skip

    @property
    def own(self) -> tuple[int, int]:
        """The stations of the victim's ride."""
        return int(self.ride["origin"]), int(self.ride["target"])

    def exit(self) -> np.void:
        """The victim's own exit."""
        found: np.void = self.reader.exits(np.array([self.ride]))[0]
        return found


def _screenshot(case: _Case) -> Iterator[tuple[int, ...]]:
    """Some persons, one a lane, in and out."""
    out = case.exit()
    lanes = case.city.world.readers.lanes
    beside = int(min(lanes[case.ride["origin"]], lanes[case.ride["target"]])) - 1
    persons = 1 + case.dice("persons", min(max(beside, 1), SHOWING_MOST))
    for person in range(persons):
        after = _STEP + 2 * MICROS * person
        yield case.next_lane(case.entry, 2 * person, by=1 + person, after=after)
        yield case.next_lane(out, 2 * person + 1, by=1 + person, after=after)


def _last_byte(case: _Case) -> Iterator[tuple[int, ...]]:
    yield case.next_lane(case.entry, 0, Recipe.LAST_BYTE, by=0)


def _tomorrow(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(-86_400, Recipe.TODAYS_GRANT)


def _made_ahead(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(5, Recipe.EARLIER_GRANT)


def _clock_back(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(5 * 3_600, Recipe.OWN)


def _no_key(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(5, Recipe.OTHER_KEY)


def _test_root(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(5, Recipe.OTHER_ROOT)


def _cache_poison(case: _Case) -> Iterator[tuple[int, ...]]:
    return case.refused(5, Recipe.OTHER_SIGNATURE)


def _flood(case: _Case) -> Iterator[tuple[int, ...]]:
    begin = int(case.entry["ts"]) - 300 * MICROS
    for nth in range(_FLOOD):
        ts = begin + nth * _FLOOD_APART
        yield _row(case.entry, ts, case.attack, nth, recipe=Recipe.OTHER_KEY, age=nth,
                   verdict=_V.USER_SIGNATURE)  # fmt: skip


def _wrong_issuer(case: _Case) -> Iterator[tuple[int, ...]]:
    station = case.elsewhere("where")
    ts = int(case.entry["ts"]) - 600 * MICROS
    yield _row(case.entry, ts, case.attack, 0, recipe=Recipe.OTHER_ISSUER, age=5,
               verdict=AT_THE_READER[case.attack],
               reader=case.gate(IN, station, ts, 6))  # fmt: skip


def _relay(case: _Case) -> Iterator[tuple[int, ...]]:
    """The victim's codes of entry and exit, five seconds later at other stations."""
    for nth, (direction, tap) in enumerate(((IN, case.entry), (OUT, case.exit()))):
        ts = int(tap["ts"]) + 5 * MICROS
        station = case.elsewhere(f"relay {nth}")
        yield _row(tap, ts, case.attack, nth, recipe=Recipe.OWN, age=_aged(tap, ts),
                   verdict=_V.ACCEPTED, reader=case.gate(direction, station, ts, 6))  # fmt: skip


def _cloned_key(case: _Case) -> Iterator[tuple[int, ...]]:
    """Everybody rides on until some taps in two places have revoked the account."""
    begin, shown = int(case.entry["ts"]) + 75 * MICROS, 0
    stopped: set[int] = set()
    report: Report | None = None
    for ts, person, nth, direction, station in sorted(_clones(case, begin)):
        if person in stopped:
            continue
        made = case.rides(ts, nth, direction, station, report)
        yield made
        if made[6] != _V.ACCEPTED:
            stopped.add(person)
            continue
        shown += 1
        if shown == SUSPICIOUS:
            found = ts + SEEN_S * MICROS
            report = case.report(begin, found)


def _clones(case: _Case, begin: int) -> Iterator[tuple[int, int, int, int, int]]:
    """When who goes through which gates: moment, person, number, direction, station."""
    for person in range(1 + case.dice("persons", CLONES_MOST)):
        ts = begin + case.dice(f"begins {person}", 1_800) * MICROS * min(person, 1)
        for ride in range(_CLONE_RIDES):
            nth = (person * _CLONE_RIDES + ride) * 2
            origin, target, took = case.way(nth)
            yield ts, person, nth, IN, origin
            yield ts + took, person, nth + 1, OUT, target
            ts += took + _PAUSE


def _stolen_phone(case: _Case) -> Iterator[tuple[int, ...]]:
    """From twenty minutes after the victim's last ride until the readers know."""
    ts = case.last_end + 1_200 * MICROS
    report = case.report(ts, ts + (600 + case.dice("report", 4_800)) * MICROS)
    for ride in range(_STOLEN_RIDES):
        origin, target, took = case.way(2 * ride)
        for step, when, direction, station in ((0, ts, IN, origin), (1, ts + took, OUT, target)):
            made = case.rides(when, 2 * ride + step, direction, station, report)
            yield made
            if made[6] != _V.ACCEPTED:
                return
        ts += took + _PAUSE


_WORK: Final[Mapping[Attack, Callable[[_Case], Iterator[tuple[int, ...]]]]] = MappingProxyType({
    Attack.SCREENSHOT: _screenshot,
    Attack.LAST_BYTE: _last_byte,
    Attack.TOMORROW: _tomorrow,
    Attack.MADE_AHEAD: _made_ahead,
    Attack.CLOCK_BACK: _clock_back,
    Attack.CLONED_KEY: _cloned_key,
    Attack.NO_KEY: _no_key,
    Attack.RELAY: _relay,
    Attack.WRONG_ISSUER: _wrong_issuer,
    Attack.TEST_ROOT: _test_root,
    Attack.CACHE_POISON: _cache_poison,
    Attack.CPU_FLOOD: _flood,
    Attack.STOLEN_PHONE: _stolen_phone,
})  # fmt: skip
_TWO: Final = [
    attack for attack in _WORK
    if attack not in (Attack.SCREENSHOT, Attack.CLONED_KEY, Attack.CPU_FLOOD, Attack.STOLEN_PHONE)
]  # fmt: skip
_N: Final = {attack: THIEVES_N + 2 * at for at, attack in enumerate(_TWO)} | {
    Attack.CLONED_KEY: 166, Attack.SCREENSHOT: 186, Attack.STOLEN_PHONE: 206,
    Attack.DEBTOR_ANEW: 214, Attack.CPU_FLOOD: 215,
}  # fmt: skip
"""Where the readings of each attack begin to be told apart: all of a day's may strike one rider."""


def _row(
    tap: np.void, ts: int, attack: Attack, nth: int, *, recipe: Recipe, verdict: Verdict, age: int,
    reader: int | None = None,
) -> tuple[int, ...]:  # fmt: skip
    """A reading like the one given, in the order of READING's fields."""
    lane = int(tap["reader"]) if reader is None else reader
    return (
        int(ts), 0, int(tap["rider"]), lane, age, int(tap["stop"]), int(verdict), int(recipe), 0,
        int(attack), int(tap["leg"]), _N[attack] + nth,
    )  # fmt: skip


def _aged(tap: np.void, ts: int) -> int:
    """How old the bytes of a tap are at another moment: they stay the same."""
    return int(tap["age"]) + int(ts) // MICROS - int(tap["ts"]) // MICROS


def _last_end(rides: Rides) -> dict[int, int]:
    """When each rider's last ride has ended."""
    return dict(zip(rides["rider"].tolist(), rides["end"].tolist(), strict=True))
