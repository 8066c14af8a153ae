"""What one tap tells of a price: the flat fares, by line, and nothing else."""

from pathlib import Path

from ridecode.city import load_pack
from ridecode.fares import read_tariffs, tap_fare
from tests.fares.world import FLAT, NOON, head, tariffs

ONE_LINE = """
[[tariff.fare]]
id = "students"
name = { zh = "学生票价", en = "Student fare" }
products = ["bus"]
accounts = ["student"]
shape = "flat"
amount = 50

[[tariff.fare]]
id = "line-1"
name = { zh = "1路票价", en = "Fare of bus 1" }
products = ["bus"]
lines = ["b1"]
shape = "flat"
amount = 350
"""


def test_a_flat_fare_is_known_at_the_tap_and_no_other() -> None:
    tariff = read_tariffs(load_pack("shenzhen")).at(NOON)

    assert tap_fare(tariff, "bus", "sz-b-331") == 200
    assert tap_fare(tariff, "ferry", "sz-f-shekou-jiuzhou") == 1500
    assert tap_fare(tariff, "metro", "sz-m1") is None
    assert tap_fare(tariff, "airship", "") is None


def test_it_is_the_line_s_own_and_that_of_ordinary_riders(tmp_path: Path) -> None:
    tariff = tariffs(tmp_path, head() + ONE_LINE + FLAT).at(NOON)

    assert tap_fare(tariff, "bus", "b1") == 350
    assert tap_fare(tariff, "bus", "b2") == 200
