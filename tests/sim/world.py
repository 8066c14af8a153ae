"""Small cities for the tests, each made once."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from ridecode.city import load_pack
from ridecode.core import Tap
from ridecode.sim import HONEST, Attack, Rates, SimCity, two_cities

DAY: Final = 17_774
"""2018-08-31, a Friday."""
SATURDAY: Final = DAY + 1

WILD: Final = Rates(
    in_debt=400_000, away=60_000, dead_battery=10_000, let_in=10_000, clock_ahead=10_000,
    clock_behind=10_000, cut_short=15_000,
    thieves=dict.fromkeys(Attack, 25000) | {Attack.DEBTOR_ANEW: 700_000},
)  # fmt: skip
"""Every fault and every attack on a day of some hundred riders."""


_MADE: Final[dict[tuple[int, int, int], SimCity]] = {}


def city(riders: int = 500, seed: int = 7, rates: Rates = HONEST) -> SimCity:
    """Shenzhen; its ground is laid once."""
    name = riders, seed, id(rates)
    if name not in _MADE:
        _MADE[name] = SimCity(pack=load_pack("shenzhen"), riders=riders, seed=seed, rates=rates)
    return _MADE[name]


@cache
def wild_pair() -> tuple[SimCity, SimCity]:
    """Shenzhen and Guangzhou, each with riders of the other."""
    here = SimCity(pack=load_pack("shenzhen"), riders=400, seed=7, rates=WILD)
    there = SimCity(pack=load_pack("guangzhou"), riders=300, seed=8, rates=WILD)
    return two_cities(here, there)


def flat(days: Iterable[list[Tap]]) -> list[Tap]:
    """All taps of a stream."""
    return [tap for some in days for tap in some]
