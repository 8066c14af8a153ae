"""The printed bounds: by hand on one city, and never passed by whoever rides by the assumptions."""

import random
from functools import cache

import pytest
from msgspec.structs import replace

from ridecode.city import Pack, load_pack
from ridecode.fares import NOTHING_EARLIER, Tariff, price, read_tariffs
from ridecode.validator import (
    Accept,
    Assumed,
    Bound,
    Exposure,
    Peril,
    StateRules,
    exposure,
    read_rules,
)
from ridecode.validator.exposure import _open_s
from ridecode.validator.riding import Riding, _ride

NOW = 1_767_225_600_000_000
ASSUMED = Assumed(
    authorised_s=14_400, validity_s=60, limit=2_000, owed_most=2_000, clones=3, top_speed_kmh=140
)


@cache
def city(name: str) -> tuple[Pack, Tariff, Exposure]:
    pack = load_pack(name)
    tariff = read_tariffs(pack).at(NOW)
    return pack, tariff, exposure(pack, tariff, ASSUMED)


def bound(name: str, peril: Peril) -> Bound:
    return next(one for one in city(name)[2].bounds if one.peril is peril)


def test_a_persons_hour_is_begun_and_then_paid_by_the_second() -> None:
    person = Riding(ride_most=1_000, hour_most=3_601)
    assert [person.costs(s) for s in (0, 1, 3_600, 3_601)] == [1_000, 1_002, 4_601, 4_603]


def test_shenzhen_by_hand() -> None:
    """The dearest ride is one of ¥15 that is paid by one tap, and a minute later the next begins:
    ¥900 an hour. Ten persons with a copied key, for two minutes and one more."""
    found = city("shenzhen")[2]
    assert found.riding == Riding(1_500, 90_000)
    assert bound("shenzhen", Peril.STOLEN_PHONE).online == 1_500 + 1_500
    assert bound("shenzhen", Peril.STOLEN_PHONE).offline == 1_500 + 4 * 90_000
    assert bound("shenzhen", Peril.DEBT).online == 2_000 + 1_500 + 11 * 1_500
    assert bound("shenzhen", Peril.CLONED_KEY).online == 10 * (1_500 + 3 * 1_500) + 2 * 1_500
    assert bound("shenzhen", Peril.SHARED_CODE).online == 15_000
    assert bound("shenzhen", Peril.SHARED_CODE).online_s == 60 + 20 + 2


def test_every_peril_has_a_bound_and_words() -> None:
    assert [one.peril for one in city("guangzhou")[2].bounds] == list(Peril)
    assert all(peril.words.zh and peril.words.en for peril in Peril)


@pytest.mark.parametrize(
    ("change", "perils"),
    [
        ({"deny_s": 61}, {Peril.STOLEN_PHONE, Peril.DEBT, Peril.CLONED_KEY}),
        ({"charge_s": 601}, {Peril.DEBT}),
        ({"seen_s": 121}, {Peril.CLONED_KEY}),
        ({"persons": 11}, {Peril.CLONED_KEY, Peril.SHARED_CODE}),
        ({"owed_most": 2_001}, {Peril.DEBT}),
    ],
)
def test_what_is_assumed_worse_costs_more_and_nothing_else(
    change: dict[str, int], perils: set[Peril]
) -> None:
    pack, tariff, before = city("shenzhen")
    after = exposure(pack, tariff, replace(ASSUMED, **change))
    moved = {a.peril for a, b in zip(after.bounds, before.bounds, strict=True)
             if a.online > b.online}  # fmt: skip
    assert moved == perils


def test_an_authorisation_shorter_than_the_deny_lists_way_is_the_bound() -> None:
    pack, tariff, _ = city("shenzhen")
    found = exposure(pack, tariff, replace(ASSUMED, authorised_s=30))
    assert found.bounds[0].online_s == found.bounds[0].offline_s == 30


def test_a_pack_that_lets_an_expired_bundle_open_has_no_bound_without_a_network() -> None:
    rules = read_rules(city("shenzhen")[0])
    lax = replace(rules, freshness=replace(rules.freshness, expired=StateRules(Accept.HOME)))
    assert _open_s(rules) == rules.freshness.expired_s
    assert _open_s(lax) is None


@pytest.mark.parametrize("name", ["shenzhen", "guangzhou"])
@pytest.mark.parametrize("seed", range(40))
def test_nobody_who_rides_by_the_assumptions_passes_the_bound(name: str, seed: int) -> None:
    """A thief on the network: one ride after another at top speed, sometimes leaving without a tap;
    the dear ones, the short ones, or any."""
    pack, tariff, found = city(name)
    dice = random.Random(seed)
    taste = dice.choice(["near", "far", "any"])
    for seconds in (0, 60, 660, 3_600, 14_400):
        assert _ridden(pack, tariff, dice, taste, seconds) <= found.riding.costs(seconds)


def _ridden(pack: Pack, tariff: Tariff, dice: random.Random, taste: str, seconds: int) -> int:
    """What a thief's rides that begin within so many seconds cost."""
    lines = [line for line in pack.lines.values() if line.product == "metro"]
    line = dice.choice(lines)
    stop, now_s, spent = dice.choice(line.stops), 0.0, 0
    while now_s <= seconds:
        line = dice.choice([one for one in lines if stop in one.stops])
        others = [one for one in line.stops if one != stop]
        ways = {one: pack.network.distance_m(stop, one, "metro") or 0 for one in others}
        by_way = sorted(others, key=ways.__getitem__)
        target = {"near": by_way[0], "far": by_way[-1]}.get(taste) or dice.choice(others)
        ride = _ride(pack, line, stop, target, tariff.valid_from, ways[target])
        spent += tariff.full_fare(price(tariff, NOTHING_EARLIER, ride)[0])
        now_s += ways[target] * 3.6 / 140 + 60
        stop = target
    return spent
