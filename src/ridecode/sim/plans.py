"""Who intends to go where on a day, and when: the chain of a rider's stations, before any train.

All riders of a range at once. A rider's homes and habits stay for life; the day adds its whims.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.sim.chance import Bits, Flags, Ints, below, draws, happens, key, pick
from ridecode.sim.city import FOREIGN, SimCity
from ridecode.sim.habits import (
    FROM_NIGHT_SHIFT,
    HABITS,
    SLOT_S,
    WEEKEND,
    Hours,
    by_kind,
)
from ridecode.sim.kinds import Kind, Purpose

LEGS: Final = 4
"""Rides of a chain at the most, feeders not counted."""
_SHARES: Final = np.cumsum(by_kind("share"))
_JITTER_S: Final = 720
"""Up to so much before or after the usual time, less likely the further."""
_NEVER: Final = -1


class Riders(Struct, frozen=True):
    """What stays with riders for life, all by position."""

    number: Ints
    kind: Ints
    home: Ints
    """Station number; of a visitor that of the hotel."""
    work: Ints
    """Where working days lead."""
    bus: Ints
    """The bus line next to the home; 0 where there is none."""


class Plan(Struct, frozen=True):
    """The intentions of one day, by position of the rider."""

    riders: Riders
    station: Ints
    """[rider, 0 … LEGS]: from where, then to where each leg leads."""
    at_s: Ints
    """[rider, leg]: seconds after midnight, or `_NEVER`."""
    purpose: Ints
    """[rider, leg]"""
    by_bus: Flags
    before: Flags
    """A bus to the first train."""
    after: Flags
    """A bus from the last one."""

    def goes(self, leg: int) -> Flags:
        made: Flags = self.at_s[:, leg] > _NEVER
        return made


def kinds_of(city: SimCity, numbers: Ints) -> Ints:
    """Of which kind the riders of those numbers are; every visitor is a tourist."""
    kind = pick(_SHARES, draws(key(city.seed, city.pack.id, "kind"), numbers))
    return np.where(numbers & FOREIGN, int(Kind.TOURIST), kind)


def riders_of(city: SimCity, numbers: Ints) -> Riders:
    """The riders of those numbers."""
    world, seed = city.world, city.seed

    def bits(name: str) -> Bits:
        return draws(key(seed, city.pack.id, name), numbers)

    kind = kinds_of(city, numbers)
    home = pick(world.homes, bits("home"))
    work = np.zeros(len(numbers), dtype=np.int64)
    for one in Kind:
        of = np.flatnonzero(kind == one)
        if one is not Kind.FAMILY and one is not Kind.TOURIST:
            work[of] = world.choice[HABITS[one].works].pick(home[of], bits("work")[of])
    bus = below(bits("bus"), max(len(world.buses), 1))
    return Riders(numbers, kind, home, work, bus)


def plan(city: SimCity, day: int, numbers: Ints) -> Plan:
    """The day of those riders, visitors among them."""
    return _Planner(city, day, riders_of(city, numbers)).made()


class _Planner:
    def __init__(self, city: SimCity, day: int, riders: Riders) -> None:
        self.city, self.day, self.riders = city, day, riders
        n = len(riders.number)
        self.station = np.repeat(riders.home[:, None], LEGS + 1, axis=1)
        self.at_s = np.full((n, LEGS), _NEVER, dtype=np.int64)
        self.purpose = np.zeros((n, LEGS), dtype=np.int64)
        self.off = (day + 3) % 7 >= 5
        """Saturday or Sunday; 1970-01-01 was a Thursday."""

    def made(self) -> Plan:
        kind = self.riders.kind
        out = happens(self.bits("out"), by_kind("out")[kind, int(self.off)] * 1_000)
        for one in Kind:
            of = np.flatnonzero(kind == one)
            goes = of[out[of]]
            if one is Kind.NIGHT_WORKER:
                self._night(of, goes)
            elif one is Kind.TOURIST:
                self._tour(goes)
            else:
                self._day(one, goes)
        buses = bool(self.city.world.buses)
        by_bus = happens(self.bits("by bus"), by_kind("by_bus")[kind] * 1_000) & buses
        feeder = by_kind("feeder")[kind] * 1_000
        before = happens(self.bits("before"), feeder) & ~by_bus & buses
        after = happens(self.bits("after"), feeder) & ~by_bus & buses
        return Plan(
            self.riders, self.station, self.at_s, self.purpose, by_bus,
            before & (self.at_s[:, 0] > _NEVER), after & (self.at_s.max(axis=1) > _NEVER),
        )  # fmt: skip

    def bits(self, name: str) -> Bits:
        return draws(self.city.key(name, self.day), self.riders.number)

    def _day(self, kind: Kind, goes: Ints) -> None:
        """There and back, by way of a whim at times."""
        habit, working = HABITS[kind], not self.off
        purpose = habit.works if working else Purpose.LEISURE
        home = self.riders.home[goes]
        if purpose in (Purpose.LEISURE, Purpose.ERRAND):
            there = self._choose(goes, home, purpose, "there")
        else:
            there = self.riders.work[goes]
        usual = working and habit.back is not None
        go_s = (
            self._usual(goes, habit.go, "go")
            if usual
            else self._today(goes, habit.go if working else WEEKEND, "go")
        )
        if habit.back is not None and working:
            back_s = np.maximum(self._usual(goes, habit.back, "back"), go_s + 7_200)
        else:
            back_s = go_s + self._stay(goes, habit.stay_s, "stay")
        self._leg(goes, 0, there, go_s, purpose)
        whim = happens(self.bits("whim")[goes], habit.whim * 1_000)
        home_s = back_s + self._stay(goes, (4_200, 10_800), "whim stay")
        fun = self._choose(goes, there, Purpose.LEISURE, "whim where")
        self._leg(goes, 1, np.where(whim, fun, home), back_s, Purpose.HOME)
        self.purpose[goes[whim], 1] = Purpose.LEISURE
        again = whim & (fun != home)
        self._leg(goes[again], 2, home[again], home_s[again], Purpose.HOME)

    def _night(self, of: Ints, goes: Ints) -> None:
        """Home in the morning, whoever worked the night before; out again in the evening."""
        before = draws(self.city.key("out", self.day - 1), self.riders.number[of])
        share = HABITS[Kind.NIGHT_WORKER].out[int((self.day + 2) % 7 >= 5)]
        ends = of[happens(before, share * 1_000)]
        self.station[ends, 0] = self.riders.work[ends]
        back_s = self._usual(ends, FROM_NIGHT_SHIFT, "back")
        self._leg(ends, 0, self.riders.home[ends], back_s, Purpose.HOME)
        go_s = self._usual(goes, HABITS[Kind.NIGHT_WORKER].go, "go")
        self.station[goes, 1] = self.riders.home[goes]
        self._leg(goes, 1, self.riders.work[goes], go_s, Purpose.WORK)

    def _tour(self, goes: Ints) -> None:
        """From sight to sight, two or three of them, and to the hotel."""
        habit = HABITS[Kind.TOURIST]
        here, at_s = self.riders.home[goes], self._today(goes, habit.go, "go")
        more = happens(self.bits("whim")[goes], habit.whim * 1_000)
        for leg in range(LEGS - 1):
            goes_on = more if leg == LEGS - 2 else np.ones(len(goes), dtype=np.bool_)
            there = self._choose(goes, here, Purpose.SIGHTS, f"sight {leg}")
            self._leg(goes[goes_on], leg, there[goes_on], at_s[goes_on], Purpose.SIGHTS)
            here = np.where(goes_on, there, here)
            at_s = at_s + np.where(goes_on, self._stay(goes, habit.stay_s, f"stay {leg}"), 0)
        hotel = self.riders.home[goes]
        back = here != hotel
        self.station[goes, LEGS - 1] = here
        self._leg(goes[back], LEGS - 1, hotel[back], at_s[back], Purpose.HOME)

    def _leg(self, of: Ints, leg: int, to: Ints, at_s: Ints, purpose: Purpose) -> None:
        self.station[of, leg + 1] = to
        self.at_s[of, leg] = at_s
        self.purpose[of, leg] = purpose

    def _choose(self, of: Ints, here: Ints, purpose: Purpose, name: str) -> Ints:
        return self.city.world.choice[purpose].pick(here, self.bits(name)[of])

    def _usual(self, of: Ints, hours: Hours, name: str) -> Ints:
        """About the same time every day."""
        numbers = self.riders.number[of]
        always = draws(self.city.key("usual", name), numbers)
        within = below(draws(self.city.key("usual within", name), numbers), SLOT_S)
        today = draws(self.city.key("jitter", name, self.day), numbers)
        again = draws(self.city.key("jitter again", name, self.day), numbers)
        jitter = below(today, _JITTER_S) - below(again, _JITTER_S)
        return hours.slots[pick(hours.sums, always)] + within + jitter

    def _today(self, of: Ints, hours: Hours, name: str) -> Ints:
        """At any time of the hours."""
        numbers = self.riders.number[of]
        slot = pick(hours.sums, draws(self.city.key("today", name, self.day), numbers))
        within = below(draws(self.city.key("within", name, self.day), numbers), SLOT_S)
        return hours.slots[slot] + within

    def _stay(self, of: Ints, stay_s: tuple[int, int], name: str) -> Ints:
        return stay_s[0] + below(self.bits(name)[of], stay_s[1] - stay_s[0])
