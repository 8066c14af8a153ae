"""Tariffs, rides and carries by chance, for properties of rating."""

from math import prod
from uuid import UUID

from hypothesis import strategies as st

from ridecode.core import MICROS, BusinessCalendar, Ride, RideState, Words
from ridecode.fares import Earlier, Money, Tariff
from ridecode.fares.earlier import Way
from ridecode.fares.rounding import Between, Rounding
from ridecode.fares.rules import (
    DayCap,
    Graded,
    MonthTier,
    Overtime,
    Percent,
    Rule,
    Transfer,
    WeekCap,
)
from ridecode.fares.scope import AccountClass, Scope
from ridecode.fares.shapes import Band, Part, Shape, distance, flat, matrix
from ridecode.fares.tariff import Fare, make_tariff
from ridecode.fares.times import Days, Span, Times
from ridecode.fares.way import Onward, Pays, Since, Until
from ridecode.fares.zones import zones
from tests.fares.world import MINUTE, NOON, ride

CALENDAR = BusinessCalendar(28_800, 14_400)
PRODUCTS = ("metro", "bus", "ferry")
_PAIRS = [(a, b) for a in "abc" for b in "abc"]
NAME = Words(zh="名", en="Name")
_CLASSES = (AccountClass.ORDINARY, AccountClass.STUDENT, AccountClass.SENIOR)

percents = st.integers(0, 100)
amounts = st.integers(1, 2_000)
roundings = st.builds(Rounding, st.sampled_from([1, 5, 10, 100]), st.sampled_from(Between))
some_products = st.sampled_from(
    [("metro",), ("bus",), ("metro", "bus"), ("bus", "ferry"), ("metro", "bus", "ferry")]
)
scopes = st.builds(
    Scope,
    some_products,
    st.sampled_from([(), (AccountClass.ORDINARY,), (AccountClass.STUDENT, AccountClass.SENIOR)]),
    st.sampled_from(
        [(RideState.COMPLETE,), (RideState.COMPLETE, RideState.OVERTIME),
         tuple(state for state in RideState if state.has_price)]
    ),
    st.sampled_from([(), (), (Times("peak", 28_800, (Span(Days(31), 25_200, 50_400),)),)]),
)  # fmt: skip
onwards = st.builds(
    Onward,
    after=st.just(("fare",)),
    within_us=st.one_of(st.none(), st.integers(1, 600).map(lambda minutes: minutes * MINUTE)),
    pays=st.sampled_from(Pays),
    amount=st.integers(0, 300),
    since=st.sampled_from(Since),
    until=st.sampled_from(Until),
    at=st.sampled_from([frozenset[tuple[str, str]](), frozenset({("a", "b"), ("c", "a")})]),
    most=st.integers(0, 2),
)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    kind = draw(st.sampled_from(["flat", "distance", "matrix", "zone"]))
    if kind == "flat":
        return flat("fare", draw(st.integers(0, 2_000)))
    if kind == "matrix":
        fares = draw(st.lists(st.integers(0, 2_000), min_size=9, max_size=9))
        return matrix("fare", dict(zip(_PAIRS, fares, strict=True)))
    if kind == "zone":
        fares = draw(st.lists(st.integers(0, 2_000), min_size=4, max_size=4))
        pairs = [(a, b) for a in "xy" for b in "xy"]
        zones_of = {"a": ("x",), "b": ("y", "x"), "c": ("y",)}
        return zones("fare", ("x", "y"), zones_of, dict(zip(pairs, fares, strict=True)))
    return distance(
        "fare",
        (
            Band(4_000, fare=draw(amounts)),
            Band(12_000, each_m=4_000, adds=draw(amounts)),
            Band(20_000, fare=draw(amounts)),
            Band(0, each_m=3_000, adds=draw(amounts)),
        ),
    )


@st.composite
def rules(draw: st.DrawFn, number: int) -> Rule:
    at, scope = f"rule-{number}", draw(scopes)
    kind = draw(
        st.sampled_from(["percent", "graded", "transfer", "overtime", "cap", "week", "tier"])
    )
    if kind == "percent":
        by_class = dict(zip(_CLASSES, draw(st.tuples(percents, percents, percents)), strict=True))
        return Percent(id=at, name=NAME, scope=scope, percent=by_class, rounding=draw(roundings))
    if kind == "graded":
        parts = ((300, draw(percents)), (600, draw(percents)), (0, draw(percents)))
        return Graded(id=at, name=NAME, scope=scope, parts=parts, rounding=draw(roundings))
    if kind == "transfer":
        return Transfer(
            id=at, name=NAME, scope=scope, after=draw(some_products), amount=draw(amounts),
            window_us=draw(st.integers(1, 600)) * 60 * MICROS, most=draw(st.integers(0, 2)),
        )  # fmt: skip
    if kind == "overtime":
        only = Scope(scope.products, (), (RideState.OVERTIME,))
        return Overtime(id=at, name=NAME, scope=only, amount=draw(amounts))
    if kind in ("cap", "week"):
        return (DayCap if kind == "cap" else WeekCap)(
            id=at, name=NAME, scope=scope, counts=draw(some_products), amount=draw(amounts)
        )
    tiers = ((0, draw(percents)), (1_000, draw(percents)), (3_000, draw(percents)))
    return MonthTier(
        id=at, name=NAME, scope=scope, counts=draw(some_products), tiers=tiers,
        rounding=draw(roundings),
    )  # fmt: skip


def made(
    *rules: Rule, shape: Shape, name: str = "made", since: int = 0, onward: tuple[Onward, ...] = ()
) -> Tariff:
    """A tariff of one fare for every product."""
    fare = Fare(
        id="fare", name=NAME, scope=Scope(PRODUCTS, (), tuple(RideState)), lines=(),
        shape=shape, maximum=flat("fare", 3_000, Part.MAXIMUM), zones=("x", "y"), onward=onward,
    )  # fmt: skip
    return make_tariff(
        id=name, valid_from=since, source=NAME, money=Money("CNY", 2, "¥"),
        calendar=CALENDAR, fares=(fare,), rules=rules,
    )  # fmt: skip


@st.composite
def tariffs(draw: st.DrawFn, name: str = "any", since: int = 0, most: int = 5) -> Tariff:
    """A few rules of any kind in any order."""
    drawn = [draw(rules(number)) for number in range(draw(st.integers(0, most)))]
    onward = tuple(draw(st.lists(onwards, max_size=2)))
    return made(*drawn, shape=draw(shapes()), name=name, since=since, onward=onward)


_PRICED = tuple(state for state in RideState if state.has_price)
_RADIXES = (14_400, 181, len(_PRICED), 3, 2, 7, 40_001, 3, 3)


def rides(number: int = 1) -> st.SearchStrategy[Ride]:
    """Within ten days around the end of a month, of any class and state that has a price.

    Drawn as one number, which is many times faster than a draw for each field.
    """
    return st.integers(0, prod(_RADIXES) - 1).map(lambda drawn: _ride(number, drawn))


def _ride(number: int, drawn: int) -> Ride:
    digits = []
    for radix in _RADIXES:
        drawn, digit = divmod(drawn, radix)
        digits.append(digit)
    minute, long, state_at, sold, line, account, metres, origin, destination = digits
    start, state = NOON + (minute - 7_200) * MINUTE, _PRICED[state_at]
    return ride(
        number, product=PRODUCTS[sold], line="xy"[line], account_type=account, state=state,
        entry_ts=None if state is RideState.MISSING_ENTRY else start,
        exit_ts=None if state is RideState.MISSING_EXIT else start + long * MINUTE,
        distance_m=metres, entry_stop="abc"[origin], exit_stop="abc"[destination],
    )  # fmt: skip


@st.composite
def rides_of_an_account(draw: st.DrawFn, most: int = 10) -> list[Ride]:
    """In any order; ids differ."""
    return [draw(rides(number)) for number in range(1, draw(st.integers(0, most)) + 1)]


@st.composite
def carries(draw: st.DrawFn, one: Ride) -> Earlier:
    """What some earlier ride may have left to this one."""
    day = CALENDAR.day(one.start_ts) - draw(st.integers(0, 1))
    metro, bus, ago = draw(st.tuples(amounts, amounts, st.integers(-1, 360)))
    totals = (("metro", metro), ("bus", bus))
    return Earlier(
        day, CALENDAR.month(CALENDAR.starts(day)), totals, totals,
        draw(st.sampled_from(PRODUCTS)), draw(st.sampled_from("xy")),
        one.start_ts - ago * MINUTE if ago >= 0 else None, draw(st.integers(0, 2)), totals,
        _way(one, ago, metro) if ago >= 0 and bus % 2 else None,
    )  # fmt: skip


def _way(one: Ride, ago: int, full: int) -> Way:
    """One ride of half an hour that ended so many minutes ago."""
    ended = one.start_ts - ago * MINUTE
    begun = ended - 30 * MINUTE
    return Way("fare", begun, ended, begun, ended, 0, "c", "a", 4_000, full)


def order(one: Ride) -> tuple[int, UUID]:
    return one.start_ts, one.ride_id
