"""Full fares by shape, and what a shape refuses to price."""

from pathlib import Path

import pytest

from ridecode.core import RideState
from ridecode.fares import NOTHING_EARLIER, price
from tests.fares.world import FLAT, NOON, head, ride, tariffs

DISTANCE = """
[[tariff.fare]]
id = "metro"
name = { zh = "地铁票价", en = "Metro fare" }
products = ["metro"]
shape = "distance"
bands = [
    { to_m = 4000, fare = 200 },
    { to_m = 12000, each_m = 4000, adds = 100 },
    { to_m = 24000, each_m = 6000, adds = 100 },
    { each_m = 8000, adds = 100 },
]
maximum = 1400
"""


@pytest.mark.parametrize(
    ("metres", "lines"),
    [
        (0, [200]), (1, [200]), (4_000, [200]), (4_001, [200, 100]), (8_000, [200, 100]),
        (8_001, [200, 200]), (12_000, [200, 200]), (12_001, [200, 200, 100]),
        (18_000, [200, 200, 100]), (18_001, [200, 200, 200]), (24_000, [200, 200, 200]),
        (24_001, [200, 200, 200, 100]), (32_000, [200, 200, 200, 100]),
        (32_001, [200, 200, 200, 200]), (86_472, [200, 200, 200, 800]),
    ],
)  # fmt: skip
def test_steps_begin_one_metre_beyond_a_limit(
    tmp_path: Path, metres: int, lines: list[int]
) -> None:
    tariff = tariffs(tmp_path, head() + DISTANCE + FLAT).at(NOON)

    priced, _ = price(tariff, NOTHING_EARLIER, ride(distance_m=metres))

    assert [line.amount for line in priced.lines] == lines
    assert priced.amount == sum(lines) == tariff.full_fare(priced)


@pytest.mark.parametrize("state", [RideState.MISSING_ENTRY, RideState.MISSING_EXIT])
def test_a_missing_tap_costs_the_maximum(tmp_path: Path, state: RideState) -> None:
    tariff = tariffs(tmp_path, head() + DISTANCE + FLAT).at(NOON)

    priced, _ = price(tariff, NOTHING_EARLIER, ride(distance_m=None, state=state))

    assert priced.amount == 1400
