"""What pricing a ride costs here, beside building the bare price, in the same run.

A *bare* price is the `Price` struct built with lines that are there already. Each shape is timed on
the same rides, slice by slice in turn, so that a machine that changes its pace does not favour
one; figures are medians of the slices, in microseconds of CPU time of one thread.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.core import (
    MICROS,
    Bar,
    BusinessCalendar,
    Line,
    Mode,
    Price,
    Progress,
    Ride,
    RideState,
    Words,
    unseen,
)
from ridecode.fares.earlier import NOTHING_EARLIER
from ridecode.fares.explain import explain
from ridecode.fares.money import Money
from ridecode.fares.rating import price, rate
from ridecode.fares.rounding import TO_THE_UNIT
from ridecode.fares.rules import DayCap, MonthTier, Percent, Rule, Transfer, WeekCap
from ridecode.fares.scope import AccountClass, Scope
from ridecode.fares.shapes import Band, Part, Shape, distance, flat, matrix
from ridecode.fares.tariff import Fare, Tariff, Tariffs, make_tariff
from ridecode.fares.times import Days, Span, Times
from ridecode.fares.way import Onward, Pays
from ridecode.fares.zones import zones

PRICE_MOST_US: Final = 30.0
"""One price costs at most so much CPU time, whatever its shape and rules."""
_IN_WORDS: Final = "distance, four rules"
"""The tariff whose prices are also put into words, which is done when somebody asks for them: it
has no bar."""
_RIDES: Final = 1_000
_SLICES: Final = 9
_STOPS: Final = 96
_START: Final = 1_535_688_000 * MICROS
_NAME: Final = Words(zh="票价", en="Fare")
_PRODUCTS: Final = ("metro", "bus")


class PriceCost(Struct, frozen=True):
    """What one kind of tariff costs a ride: CPU µs, and how many bare prices that is."""

    name: str
    cpu_us: float
    bare_prices: float


class PricesBench(Struct, frozen=True, kw_only=True):
    """What `bench_prices` found. Times are CPU microseconds a ride of one thread."""

    rides: int
    slices: int
    bare_us: float
    costs: tuple[PriceCost, ...]
    bars: tuple[Bar, ...]


def bench_prices(progress: Progress = unseen) -> PricesBench:
    """Measure for a few seconds on this thread; the same rides each time it is called."""
    rides = _rides(random.Random(300))
    works = dict(_works(rides))
    slices = []
    for done in range(_SLICES):
        progress(done, _SLICES)
        slices.append({name: _timed(work) for name, work in works.items()})
    medians = {name: statistics.median(part[name] for part in slices) for name in works}
    bare = medians.pop("bare")
    ratios = {
        name: statistics.median(part[name] / part["bare"] for part in slices) for name in medians
    }
    return PricesBench(
        rides=_RIDES, slices=_SLICES, bare_us=bare,
        costs=tuple(PriceCost(name, us, ratios[name]) for name, us in medians.items()),
        bars=tuple(
            Bar.at_most(f"CPU µs a price, {name}", us, PRICE_MOST_US)
            for name, us in medians.items()
            if not name.endswith("in words")
        ),
    )  # fmt: skip


def _works(rides: list[Ride]) -> Iterable[tuple[str, Callable[[], None]]]:
    yield "bare", partial(_build, rides)
    for name, tariff in _tariffs():
        yield name, partial(_rate, Tariffs([tariff]), rides)
        if name == _IN_WORDS:
            yield f"{name}, in words", partial(_tell, tariff, rides)


def _build(rides: list[Ride]) -> None:
    lines = (Line("fare", 200, (Part.FLAT,)),)
    for ride in rides:
        Price(ride.ride_id, "bare", 200, lines)


def _rate(tariffs: Tariffs, rides: list[Ride]) -> None:
    for _ in rate(tariffs, NOTHING_EARLIER, rides):
        pass


def _tell(tariff: Tariff, rides: list[Ride]) -> None:
    earlier = NOTHING_EARLIER
    for ride in rides:
        priced, earlier = price(tariff, earlier, ride)
        explain(tariff, priced, ride)


def _timed(work: Callable[[], None]) -> float:
    """CPU µs of this thread for one ride."""
    start = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - start) / 1_000 / _RIDES


def _tariffs() -> Iterable[tuple[str, Tariff]]:
    bands = (
        Band(4_000, fare=200), Band(12_000, each_m=4_000, adds=100),
        Band(24_000, each_m=6_000, adds=100), Band(0, each_m=8_000, adds=100),
    )  # fmt: skip
    pairs = {(str(a), str(b)): 100 + a + b for a in range(_STOPS) for b in range(_STOPS)}
    yield "flat", _tariff(flat("fare", 200))
    yield "distance", _tariff(distance("fare", bands))
    yield "matrix", _tariff(matrix("fare", pairs))
    yield _IN_WORDS, _tariff(distance("fare", bands), *_rules())
    yield "zones by the hour, going on, five rules", _by_the_hour()


def _rules() -> tuple[Rule, ...]:
    scope = Scope(_PRODUCTS)
    return (
        Percent(id="code", name=_NAME, scope=scope, percent={AccountClass.ORDINARY: 95},
                rounding=TO_THE_UNIT),
        Transfer(id="transfer", name=_NAME, scope=scope, after=_PRODUCTS, amount=40,
                 window_us=5_400 * MICROS, most=0),
        MonthTier(id="month", name=_NAME, scope=scope, counts=_PRODUCTS, rounding=TO_THE_UNIT,
                  tiers=((0, 100), (5_000, 90), (10_000, 80))),
        DayCap(id="cap", name=_NAME, scope=scope, counts=_PRODUCTS, amount=1_500),
    )  # fmt: skip


def _by_the_hour() -> Tariff:
    """Each stop in two zones, two fares by hours, any ride may go on, and a cap for the week."""
    names = tuple(str(zone) for zone in range(9))
    zones_of = {str(stop): (names[stop % 9], names[(stop + 1) % 9]) for stop in range(_STOPS)}
    pairs = {(a, b): 100 + int(a) + int(b) for a in names for b in names}
    shape = zones("fare", names, zones_of, pairs)
    weekdays = Days(31)
    peak = Times("peak", 28_800, (Span(weekdays, 25_200, 34_200), Span(weekdays, 61_200, 72_000)))
    onward = Onward(after=("fare",), within_us=7_200 * MICROS, pays=Pays.MORE)
    cap = WeekCap(
        id="week", name=_NAME, scope=Scope(_PRODUCTS), counts=_PRODUCTS, amount=100_000
    )  # fmt: skip
    return _made((_fare(shape, (peak,), (onward,)), _fare(shape, (), (onward,))), (*_rules(), cap))


def _tariff(shape: Shape, *rules: Rule) -> Tariff:
    return _made((_fare(shape, (), ()),), rules)


def _fare(shape: Shape, when: tuple[Times, ...], onward: tuple[Onward, ...]) -> Fare:
    return Fare(
        id="fare", name=_NAME, scope=Scope(_PRODUCTS, when=when), lines=(), shape=shape,
        maximum=flat("fare", 1_400, Part.MAXIMUM), onward=onward,
    )  # fmt: skip


def _made(fares: tuple[Fare, ...], rules: tuple[Rule, ...]) -> Tariff:
    return make_tariff(
        id="bench", valid_from=0, source=_NAME, money=Money("CNY", 2, "¥"),
        calendar=BusinessCalendar(28_800, 14_400), fares=fares, rules=rules,
    )  # fmt: skip


def _rides(dice: random.Random) -> list[Ride]:
    """One account's rides, about four a day, half of them on the bus."""
    rides, start = [], _START
    for number in range(_RIDES):
        start += dice.randrange(3_600, 36_000) * MICROS
        at = dice.randrange(2)
        rides.append(
            Ride(
                ride_id=UUID(int=number), city="bench", account="3104870000000000001",
                account_type=1, mode=(Mode.METRO, Mode.BUS)[at], product=_PRODUCTS[at],
                operator="operator", line=f"line-{dice.randrange(20)}",
                entry_tap=UUID(int=number), exit_tap=UUID(int=number + _RIDES),
                entry_stop=str(dice.randrange(_STOPS)), exit_stop=str(dice.randrange(_STOPS)),
                entry_ts=start, exit_ts=start + 1_800 * MICROS,
                distance_m=dice.randrange(40_000), state=RideState.COMPLETE,
                journey_id=UUID(int=number), leg=0,
            )
        )  # fmt: skip
    return rides
