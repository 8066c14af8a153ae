"""A city to simulate: the pack, how many riders, the seed, and how often things go wrong."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import MICROS, BadInputError
from ridecode.sim.chance import Flags, Ints, below, draws, happens, key
from ridecode.sim.rates import Rates
from ridecode.sim.world import World

FOREIGN: Final = 1 << 31
"""Added to the number of a rider who is at home in the neighbouring city."""
RIDERS_MOST: Final = FOREIGN - 1
_DEBT_DAYS: Final = 30


class Home(Struct, frozen=True):
    """Where riders come from: enough to know who of them is away on a day."""

    city: str
    seed: int
    riders: int
    away_ppm: int
    iin: str
    issuer: str


class SimCity(Struct, frozen=True, kw_only=True, dict=True):
    """Everything that a day follows from. The same values give the same days, anywhere."""

    pack: Pack
    riders: int
    """Riders at home here, 1 to 2³¹ − 1; on a working day they make about 1.9 rides each."""
    seed: int = 1179
    rates: Rates = Rates()
    lanes_most: int = 12
    """Lanes in, and as many out, of the busiest station; 1 for one reader a direction."""
    neighbour: Home | None = None
    """Where visitors come from, and where riders from here go: their cards work there too."""

    def __post_init__(self) -> None:
        if not 1 <= self.riders <= RIDERS_MOST or not 1 <= self.lanes_most <= 100:
            raise BadInputError("A city has 1 to 2³¹ − 1 riders, and 1 to 100 lanes a station.")

    @cached_property
    def world(self) -> World:
        return World(self.pack, self.seed, self.lanes_most)

    @cached_property
    def home(self) -> Home:
        own = self.pack.issuers[self.pack.card_company.issuer]
        return Home(self.pack.id, self.seed, self.riders, self.rates.away, own.iin, own.number)

    def key(self, *names: int | str) -> int:
        """The key of a stream of chance of this city."""
        return key(self.seed, self.pack.id, *names)

    def midnight(self, day: int) -> int:
        """Local midnight of a business day, UTC epoch microseconds."""
        calendar = self.pack.calendar
        return calendar.starts(day) - calendar.cut_s * MICROS

    def issuer_of(self, rider: int) -> Home:
        """Where a rider is at home."""
        if rider & FOREIGN:
            assert self.neighbour is not None, "only a neighbour sends visitors"
            return self.neighbour
        return self.home

    def account(self, rider: int, variant: int = 0) -> str:
        """The card account of a rider, 19 digits; a debtor who enrols anew has variant 1."""
        return f"{self.issuer_of(rider).iin}{variant + 1}{rider & ~FOREIGN:010}"

    def rider(self, account: str) -> int:
        """The rider of an account that `account` gave."""
        number = int(account[9:])
        return number if account.startswith(self.home.iin) else number | FOREIGN

    def at_home(self, day: int, riders: Ints) -> Flags:
        """Who of the riders of this city is not away that day."""
        if self.neighbour is None:
            return np.ones(len(riders), dtype=np.bool_)
        return ~is_away(self.home, day, riders)

    def visitors(self, day: int, riders: Ints) -> Ints:
        """Who of those riders of the neighbour is here that day, as numbers with `FOREIGN`."""
        if self.neighbour is None:
            return riders[:0]
        return riders[is_away(self.neighbour, day, riders)] | FOREIGN

    def in_debt(self, day: int, riders: Ints) -> Flags:
        """Whose account is denied that day for what is owed."""
        month, today = divmod(day, _DEBT_DAYS)
        found = np.zeros(len(riders), dtype=np.bool_)
        for ago, when in ((0, month), (1, month - 1)):
            owes = happens(draws(self.key("debt", when), riders), self.rates.in_debt)
            since = below(draws(self.key("debt since", when), riders), _DEBT_DAYS)
            lasts = 1 + below(draws(self.key("debt lasts", when), riders), 5)
            age = today + ago * _DEBT_DAYS - since
            found |= owes & (age >= 0) & (age < lasts)
        return found


def is_away(home: Home, day: int, riders: Ints) -> Flags:
    """Who of a city's riders spends the day in the neighbouring one."""
    return happens(draws(key(home.seed, home.city, "away", day), riders), home.away_ppm)


def two_cities(one: SimCity, other: SimCity) -> tuple[SimCity, SimCity]:
    """Both, each the other's neighbour."""
    fields: Mapping[str, object]
    made = []
    for city, beside in ((one, other), (other, one)):
        fields = {name: getattr(city, name) for name in city.__struct_fields__}
        made.append(SimCity(**{**fields, "neighbour": beside.home}))  # type: ignore[arg-type]
    return made[0], made[1]
