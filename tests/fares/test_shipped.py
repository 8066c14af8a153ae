"""The tariffs of the shipped packs: they load, and a forgotten exit costs the highest fare."""

from itertools import combinations

import pytest

from ridecode.city import load_pack
from ridecode.core import RideState
from ridecode.fares import NOTHING_EARLIER, price, read_tariffs
from tests.fares.world import NOON, ride

FULL = 4
"""An account class without any discount."""


@pytest.mark.parametrize(("name", "longest_m", "highest"), [
    ("shenzhen", 86_472, 1_400),
    ("guangzhou", 128_321, 2_000),
])  # fmt: skip
def test_the_maximum_is_the_fare_of_the_longest_way(
    name: str, longest_m: int, highest: int
) -> None:
    pack = load_pack(name)
    tariff = read_tariffs(pack).at(NOON)
    stops = {stop for line in pack.lines.values() if line.product == "metro" for stop in line.stops}
    ways = [pack.network.distance_m(a, b, "metro") or 0 for a, b in combinations(stops, 2)]

    forgotten, _ = price(tariff, NOTHING_EARLIER, ride(state=RideState.MISSING_EXIT))
    longest, _ = price(tariff, NOTHING_EARLIER, ride(distance_m=max(ways), account_type=FULL))

    assert max(ways) == longest_m
    assert forgotten.amount == longest.amount == highest


@pytest.mark.parametrize("name", ["shenzhen", "guangzhou"])
def test_the_source_says_what_is_missing(name: str) -> None:
    source = read_tariffs(load_pack(name)).at(NOON).source

    assert "未查到" in source.zh
    assert "not sourced" in source.en
