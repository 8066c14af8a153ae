"""Order does not matter: late rides end in the prices that they would have had at once."""

import os
import pickle
import sys
from subprocess import run
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from ridecode.core import MICROS, NotFoundError, Price, Ride
from ridecode.fares import NOTHING_EARLIER, Earlier, Tariffs, differences, price, rate
from ridecode.fares.shapes import flat
from ridecode.fares.times import Days, Span, Times
from ridecode.fares.way import Onward, Pays
from tests.fares.strategies import carries, made, order, rides, rides_of_an_account
from tests.fares.strategies import tariffs as any_tariff
from tests.fares.world import NOON, ride

SETTINGS: Final = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
Rated = dict[object, tuple[Price, Earlier]]


@st.composite
def versions(draw: st.DrawFn) -> Tariffs:
    """Two versions, the second in force from the middle of the rides' days."""
    return Tariffs([draw(any_tariff("old", most=3)), draw(any_tariff("new", NOON, most=3))])


@SETTINGS
@given(versions(), rides_of_an_account(), st.data())
def test_any_arrival_order_ends_in_the_same_prices(
    tariffs: Tariffs, all_rides: list[Ride], data: st.DataObject
) -> None:
    """Rides come one by one; each is put in its place, and rating begins again just there."""
    expected = _at_once(tariffs, all_rides)
    arrived: list[Ride] = []
    stored: Rated = {}
    for late in data.draw(st.permutations(all_rides)):
        arrived = sorted([*arrived, late], key=order)
        _settle(tariffs, arrived, arrived.index(late), stored)

    assert stored == expected


@SETTINGS
@given(versions(), rides_of_an_account())
def test_rating_may_begin_behind_any_ride(tariffs: Tariffs, some: list[Ride]) -> None:
    ordered = sorted(some, key=order)
    whole = list(rate(tariffs, NOTHING_EARLIER, ordered))

    for at in range(1, len(ordered)):
        carry = json.decode(json.encode(whole[at - 1][1]), type=Earlier)
        assert list(rate(tariffs, carry, ordered[at:])) == whole[at:]


@SETTINGS
@given(versions(), rides_of_an_account(), st.data())
def test_differences_lead_from_the_old_prices_to_the_new(
    tariffs: Tariffs, some: list[Ride], data: st.DataObject
) -> None:
    late = data.draw(rides(number=99))
    before = [priced for priced, _ in rate(tariffs, NOTHING_EARLIER, sorted(some, key=order))]
    ordered = sorted([*some, late], key=order)
    after = [priced for priced, _ in rate(tariffs, NOTHING_EARLIER, ordered)]

    found = differences(before, after)

    assert sum(one.amount for one in found) == _total(after) - _total(before)
    assert late.ride_id in {one.ride_id for one in found}
    patched = {priced.ride_id: priced for priced in before}
    patched |= {one.ride_id: one.after for one in found if one.after is not None}
    assert patched == {priced.ride_id: priced for priced in after}


@SETTINGS
@given(st.data())
def test_a_carry_is_small_and_comes_back_from_json(data: st.DataObject) -> None:
    carry = data.draw(carries(ride()))

    assert json.decode(json.encode(carry), type=Earlier) == carry
    assert len(json.encode(carry)) < 400


def test_differences_name_new_changed_and_vanished_prices() -> None:
    same, old, new = (Price(ride(1).ride_id, "t", amount, ()) for amount in (100, 200, 150))
    gone, come = Price(ride(2).ride_id, "t", 70, ()), Price(ride(3).ride_id, "t", 30, ())

    assert differences([same], [same]) == ()
    assert [one.amount for one in differences([old, gone], [new, come])] == [-50, 30, -70]
    assert [one.after for one in differences([old, gone], [new, come])] == [new, come, None]


@SETTINGS
@given(versions())
def test_tariffs_travel_to_other_processes(tariffs: Tariffs) -> None:
    there = pickle.loads(pickle.dumps(tariffs))

    assert there.digest == tariffs.digest
    one = ride(distance_m=9_000)
    ours, theirs = tariffs.at(NOON), there.at(NOON)
    assert price(ours, NOTHING_EARLIER, one) == price(theirs, NOTHING_EARLIER, one)


def test_a_version_is_chosen_by_the_start() -> None:
    old = made(shape=flat("fare", 200), name="old")
    new = made(shape=flat("fare", 300), name="new", since=NOON)
    tariffs = Tariffs([new, old])

    found = [tariffs.at(NOON + micros).id for micros in (-MICROS, -1, 0, 1)]

    assert found == ["old", "old", "new", "new"]
    assert tariffs.by_id("old") is old
    with pytest.raises(NotFoundError, match="the first is in force from 1970-01-01T00:00:00"):
        tariffs.at(-1)
    with pytest.raises(NotFoundError, match="no tariff 'older'"):
        tariffs.by_id("older")


def test_a_digest_tells_what_moves_prices() -> None:
    old = Tariffs([made(shape=flat("fare", 200))])

    assert old.digest == Tariffs([made(shape=flat("fare", 200))]).digest
    assert old.digest != Tariffs([made(shape=flat("fare", 201))]).digest
    assert old.digest != Tariffs([made(shape=flat("fare", 200), since=1)]).digest


def test_a_digest_is_the_same_in_every_process() -> None:
    """Sets of text are in another order in each: with that, prices would be told as moved, and
    all rides rated again, wherever a server starts anew."""
    told = "from tests.fares.test_rating import going_on; print(going_on().digest.hex())"
    found = {
        run(
            [sys.executable, "-c", told], capture_output=True, check=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip

    assert found == {going_on().digest.hex() + "\n"}


def going_on() -> Tariffs:
    """A fare that rides go on with at some pairs of stops, on some dates."""
    pairs = frozenset((f"stop-{n}", f"stop-{n + 1}") for n in range(20))
    days = Days(weekdays=31, never=frozenset(range(20_000, 40_000, 1_024)))
    times = Times(id="days", utc_offset_s=0, spans=(Span(days, 0, 86_400),))
    tariff = made(shape=flat("fare", 200))
    (fare,) = tariff.fares
    onward = Onward(after=("fare",), within_us=None, pays=Pays.AMOUNT, at=pairs)
    scope = replace(fare.scope, when=(times,))
    return Tariffs([replace(tariff, fares=(replace(fare, scope=scope, onward=(onward,)),))])


def _at_once(tariffs: Tariffs, some: list[Ride]) -> Rated:
    ordered = sorted(some, key=order)
    rated = rate(tariffs, NOTHING_EARLIER, ordered)
    return {one.ride_id: found for one, found in zip(ordered, rated, strict=True)}


def _settle(tariffs: Tariffs, ordered: list[Ride], at: int, stored: Rated) -> None:
    """Rate from the late ride on, and stop where price and carry are what they were."""
    carry = stored[ordered[at - 1].ride_id][1] if at else NOTHING_EARLIER
    for one, found in zip(ordered[at:], rate(tariffs, carry, ordered[at:]), strict=False):
        if stored.get(one.ride_id) == found:
            return
        stored[one.ride_id] = found


def _total(prices: list[Price]) -> int:
    return sum(priced.amount for priced in prices)
