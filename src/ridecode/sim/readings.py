"""What readers read on a day: of every ride its taps, with the faults of riders and phones.

A reading is a row of few bytes that says what will be shown where, and the verdict that a reader
owes it. `phones` makes the code of it, `taps` the tap.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ridecode.core import MICROS, TapKind, Verdict
from ridecode.sim.chance import Flags, Ints, below, draws
from ridecode.sim.city import SimCity
from ridecode.sim.journeys import Day, Rides
from ridecode.sim.kinds import Fault, Recipe
from ridecode.sim.outages import Outages
from ridecode.sim.readers import IN, OUT
from ridecode.validator import PlaceRules, read_rules

READING: Final = np.dtype([
    ("ts", "i8"), ("wait", "u4"), ("rider", "u4"), ("reader", "u4"), ("age", "i4"), ("stop", "u2"),
    ("verdict", "u1"), ("recipe", "u1"), ("fault", "u1"), ("attack", "u1"), ("leg", "u1"),
    ("n", "u1"),
])  # fmt: skip
"""`ts` UTC epoch microseconds; `wait` milliseconds until it arrives; `age` seconds of the code,
below 0 where the phone is ahead; `stop` of a bus's line; `n` tells a rider's readings of a day
apart. 36 bytes."""
Readings = npt.NDArray[np.void]

VALIDITY_S: Final = 60
"""Field 12 of every code here."""
THIEVES_N: Final = 144
"""Readings of thieves have `n` from here on, those of rides below it."""
_PER_LEG: Final = 24
_BEFORE, _FIRST, _TWICE, _EXIT, _PARTY = 0, 1, 2, 3, 4
_OLD_S: Final = (VALIDITY_S + 15, 600)
_EXTRA: Final[dict[Fault, tuple[int, Verdict, Recipe]]] = {
    Fault.OLD_SCREEN: (6, Verdict.CODE_EXPIRED, Recipe.OWN),
    Fault.CLOCK_BEHIND: (40, Verdict.CODE_EXPIRED, Recipe.OWN),
    Fault.CLOCK_AHEAD: (40, Verdict.NOT_YET_VALID, Recipe.TODAYS_GRANT),
    Fault.CUT_SHORT: (3, Verdict.TOO_SHORT, Recipe.CUT),
}
"""What is refused first: how many seconds before, with which verdict."""


class Reader:
    """Makes the readings of a day's rides."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.city: SimCity = day.city
        self.outages = Outages(day.city, day.day)
        rules = read_rules(day.city.pack)
        self._debounce = rules.debounce_ms * 1_000
        world = day.city.world
        self._parties = np.array(
            [_party(rules.at(line.product, TapKind.SINGLE)) for line in world.buses] or [0]
        )

    def readings(self, rides: Rides, denied: Flags) -> Readings:
        """Of all rides; of a rider in debt (`denied`, by ride) the first attempt alone."""
        first = np.ones(len(rides), dtype=np.bool_)
        first[1:] = rides["rider"][1:] != rides["rider"][:-1]
        turned = self._first(rides[denied & first])
        turned["verdict"], turned["fault"] = Verdict.DENIED, Fault.IN_DEBT
        turned["recipe"] = Recipe.OWN
        rides = rides[~denied]
        entries = self._first(rides)
        let_in = rides["fault"] == Fault.LET_IN
        left = (rides["course"] < 0) & (rides["fault"] != Fault.DEAD_BATTERY)
        parts = [turned, entries[~let_in], self.exits(rides[left])]
        parts += [self._extra(entries, fault) for fault in _EXTRA]
        parts.append(self._twice(entries))
        parts += [self._companions(rides, entries, nth) for nth in (1, 2)]
        return self.arriving(np.concatenate(parts))

    def arriving(self, readings: Readings) -> Readings:
        """The same with the time of arrival filled in."""
        number = readings["rider"].astype(np.int64) * 256 + readings["n"]
        bits = draws(self.city.key("upload", self.day.day), number)
        readers = readings["reader"].astype(np.int64)
        readings["wait"] = self.outages.wait_ms(readers, readings["ts"], bits)
        return readings

    def gate(self, direction: int, station: Ints, riders: Ints, leg: Ints, ts: Ints) -> Ints:
        """The lane that somebody takes."""
        readers = self.city.world.readers
        number = riders * 16 + leg * 2 + direction
        bits = draws(self.city.key("lane", self.day.day), number)
        lane = readers.gate[direction, station] + below(bits, readers.lanes[station])
        return self.outages.lit(lane, ts)

    def _blank(self, rides: Rides, ts: Ints, n: int, name: str) -> Readings:
        made = np.zeros(len(rides), dtype=READING)
        riders = rides["rider"].astype(np.int64)
        made["ts"], made["rider"], made["leg"] = ts, riders, rides["leg"]
        made["n"] = rides["leg"].astype(np.int64) * _PER_LEG + n
        slow = draws(self.city.key("code age", name, self.day.day), riders * 8 + rides["leg"])
        drift = below(draws(self.city.key("drift"), riders), 20) - 4
        made["age"] = 1 + below(slow, 20) + drift
        return made

    def _first(self, rides: Rides) -> Readings:
        """The entry, or the single tap."""
        made = self._blank(rides, rides["begin"], _FIRST, "in")
        made["fault"] = rides["fault"]
        bus = rides["course"] >= 0
        station = np.where(bus, 0, rides["origin"])
        riders, leg = rides["rider"].astype(np.int64), rides["leg"].astype(np.int64)
        gate = self.gate(IN, station, riders, leg, rides["begin"])
        made["reader"] = np.where(bus, rides["reader"], gate)
        made["stop"] = np.where(bus, self._bus_stop(rides), 0)
        return made

    def exits(self, rides: Rides) -> Readings:
        """Of rides that left through gates."""
        made = self._blank(rides, rides["end"], _EXIT, "out")
        riders, leg = rides["rider"].astype(np.int64), rides["leg"].astype(np.int64)
        made["reader"] = self.gate(OUT, rides["target"].astype(np.int64), riders, leg, rides["end"])
        made["fault"] = np.where(rides["fault"] == Fault.LET_IN, rides["fault"], 0)
        return made

    def _bus_stop(self, rides: Rides) -> Ints:
        """The place of the boarding stop in the line's own order."""
        course = rides["course"].astype(np.int64)
        lengths = np.array([len(one.stops) for one in self.city.world.bus_courses] or [1])
        back = lengths[np.maximum(course, 0)] - 1 - rides["origin"]
        return np.where(course % 2, back, rides["origin"]).astype(np.int64)

    def _extra(self, entries: Readings, fault: Fault) -> Readings:
        """What the reader refuses before the good code comes."""
        ahead_s, verdict, recipe = _EXTRA[fault]
        made: Readings = entries[entries["fault"] == fault].copy()
        number = made["rider"].astype(np.int64) * 8 + made["leg"]
        bits = draws(self.city.key("extra", int(fault), self.day.day), number)
        made["ts"] -= ahead_s * MICROS
        made["n"] -= _FIRST - _BEFORE
        made["verdict"], made["recipe"] = verdict, recipe
        if fault in (Fault.OLD_SCREEN, Fault.CLOCK_BEHIND):
            made["age"] = _OLD_S[0] + below(bits, _OLD_S[1])
        elif fault is Fault.CLOCK_AHEAD:
            made["age"] = -30 - below(bits, 600)
        return made

    def _twice(self, entries: Readings) -> Readings:
        """The same bytes again, while the rider is still there."""
        made: Readings = entries[entries["fault"] == Fault.READ_TWICE].copy()
        number = made["rider"].astype(np.int64) * 8 + made["leg"]
        bits = draws(self.city.key("twice", self.day.day), number)
        ts = made["ts"] + 1 + below(bits, max(self._debounce * 3 // 4, 1))
        made["age"] += ts // MICROS - made["ts"] // MICROS
        made["ts"] = ts
        made["n"] += _TWICE - _FIRST
        made["verdict"] = Verdict.DEBOUNCED
        return made if self._debounce else made[:0]

    def _companions(self, rides: Rides, entries: Readings, nth: int) -> Readings:
        """A family follows on the bus with a fresh code each, where the bus lets it."""
        line = np.maximum(rides["course"].astype(np.int64), 0) // 2
        allowed = np.minimum(self._parties[line], rides["party"])
        made: Readings = entries[(rides["course"] >= 0) & (allowed >= nth)].copy()
        made["ts"] += 4 * nth * MICROS
        made["n"] += _PARTY + nth - _FIRST
        return made


def _party(rules: PlaceRules) -> int:
    """How many may follow within ten seconds."""
    return rules.companions if rules.companion_s > 10 else 0
