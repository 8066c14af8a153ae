"""When a ride goes on from the last one: each way to measure the time, and what it pays."""

import pytest
from msgspec.structs import replace

from ridecode.core import MICROS, Price, RideState
from ridecode.fares import NOTHING_EARLIER, Tariffs, price, rate
from ridecode.fares.shapes import flat
from ridecode.fares.way import Onward, Pays, Since, Until
from tests.fares.strategies import made
from tests.fares.world import MINUTE, NOON, ride

FREE = Onward(after=("fare",), within_us=10 * MINUTE, pays=Pays.AMOUNT)


@pytest.mark.parametrize(
    ("since", "until", "within"),
    [
        # The first ride lasts from 0 to 20, the second from 30 to 60.
        (Since.LAST_EXIT, Until.ENTRY, 10),
        (Since.LAST_EXIT, Until.EXIT, 40),
        (Since.LAST_ENTRY, Until.ENTRY, 30),
        (Since.LAST_ENTRY, Until.EXIT, 60),
        (Since.FIRST_ENTRY, Until.ENTRY, 30),
        (Since.FIRST_EXIT, Until.EXIT, 40),
    ],
)
def test_the_time_is_inclusive_however_it_is_measured(
    since: Since, until: Until, within: int
) -> None:
    rides = [ride(1, NOON, 20), ride(2, NOON + 30 * MINUTE, 30)]
    for limit, amount in ((within * MINUTE, 0), (within * MINUTE - MICROS, 200)):
        onward = replace(FREE, since=since, until=until, within_us=limit)
        tariff = made(shape=flat("fare", 200), onward=(onward,))
        priced = [one.amount for one, _ in rate(Tariffs([tariff]), NOTHING_EARLIER, rides)]
        assert priced == [200, amount]


@pytest.mark.parametrize(
    ("since", "amounts"),
    [(Since.LAST_ENTRY, [200, 0, 0, 0]), (Since.FIRST_ENTRY, [200, 0, 200, 0])],
)
def test_of_several_rides_the_first_or_the_last_counts(since: Since, amounts: list[int]) -> None:
    """Six minutes from ride to ride, ten allowed."""
    rides = [ride(at, NOON + 6 * at * MINUTE, 5) for at in range(4)]
    tariff = made(shape=flat("fare", 200), onward=(replace(FREE, since=since),))

    priced = rate(Tariffs([tariff]), NOTHING_EARLIER, rides)

    assert [one.amount for one, _ in priced] == amounts


@pytest.mark.parametrize(
    ("pays", "amount", "total"),
    [(Pays.AMOUNT, 0, 0), (Pays.AMOUNT, 120, 120), (Pays.AMOUNT, 300, 200), (Pays.MORE, 0, 0),
     (Pays.REST, 0, 0)],
)  # fmt: skip
def test_what_it_pays(pays: Pays, amount: int, total: int) -> None:
    """An amount above the ride's own fare of 200 is not asked for."""
    onward = replace(FREE, pays=pays, amount=amount)
    assert second(made_with(onward)).amount == total


def made_with(*onward: Onward) -> Tariffs:
    return Tariffs([made(shape=flat("fare", 200), onward=onward)])


def second(tariffs: Tariffs) -> Price:
    rides = [ride(1, NOON, 5), ride(2, NOON + 10 * MINUTE, 5)]
    return [one for one, _ in rate(tariffs, NOTHING_EARLIER, rides)][1]


def test_the_first_that_fits_counts() -> None:
    never = replace(FREE, at=frozenset({("a", "c")}), amount=1)
    first, other = replace(FREE, amount=70), replace(FREE, amount=50)
    assert second(made_with(never, first, other)).amount == 70


def test_a_ride_that_began_before_the_last_ended_does_not_go_on() -> None:
    tariff = made_with(FREE).at(NOON)
    _, earlier = price(tariff, NOTHING_EARLIER, ride(1, NOON, 20))
    late, _ = price(tariff, earlier, ride(2, NOON + 10 * MINUTE, 20))
    assert late.amount == 200


def test_what_is_no_complete_ride_leaves_no_way() -> None:
    tariff = made_with(FREE).at(NOON)
    _, earlier = price(tariff, NOTHING_EARLIER, ride(1, NOON, 5))
    assert earlier.way is not None
    _, earlier = price(tariff, earlier, ride(2, NOON + 6 * MINUTE, state=RideState.MISSING_EXIT))
    assert earlier.way is None
