"""Whole fare tables of other cities, as data in the same shapes: every pair, to the unit."""

from pathlib import Path

import pytest

from ridecode.core import Ride
from ridecode.fares import NOTHING_EARLIER, Tariff, price
from tests.fares.real import matrix_fare, rows, smallest_unit, tariff, write_matrix
from tests.fares.world import ride

pytestmark = pytest.mark.shared

JPY = 'code = "JPY"\nminor_digits = 0\nsymbol = "¥"'
HKD = 'code = "HKD"\nminor_digits = 2\nsymbol = "HK$"'
MYR = 'code = "MYR"\nminor_digits = 2\nsymbol = "RM"'

TOKYO = """
[[tariff.fare]]
id = "ic"
name = { zh = "交通卡票价", en = "IC card fare" }
products = ["metro"]
shape = "distance"
bands = [
    { to_m = 6000, fare = 178 },
    { to_m = 11000, fare = 209 },
    { to_m = 19000, fare = 252 },
    { to_m = 27000, fare = 293 },
    { to_m = 40000, fare = 324 },
]
maximum = 324

[[tariff.fare]]
id = "ticket"
name = { zh = "单程票价", en = "Ticket fare" }
products = ["ticket"]
shape = "distance"
bands = [
    { to_m = 6000, fare = 180 },
    { to_m = 11000, fare = 210 },
    { to_m = 19000, fare = 260 },
    { to_m = 27000, fare = 300 },
    { to_m = 40000, fare = 330 },
]
maximum = 330
"""

HONG_KONG = (
    "OCT_ADT_FARE", "OCT_STD_FARE", "OCT_JOYYOU_SIXTY_FARE", "SINGLE_ADT_FARE",
    "OCT_CON_CHILD_FARE", "OCT_CON_ELDERLY_FARE", "OCT_CON_PWD_FARE", "SINGLE_CON_CHILD_FARE",
    "SINGLE_CON_ELDERLY_FARE",
)  # fmt: skip


def costs(tariff: Tariff, one: Ride) -> int:
    """What a ride costs, once it is sure that its lines sum to it."""
    priced, _ = price(tariff, NOTHING_EARLIER, one)
    assert sum(line.amount for line in priced.lines) == priced.amount
    return priced.amount


def test_tokyo_by_its_published_kilometres(tmp_path: Path) -> None:
    """9,045 pairs, each by card and by ticket; the bands are the operator's of 2023-03-18."""
    table = rows("tokyo_metro_od_km_fare_2023.csv")
    tokyo = tariff(tmp_path, ["a", "b"], ["ticket"], JPY, TOKYO)

    wrong = []
    for row in table:
        one = ride(distance_m=smallest_unit(row["shortest_km"], 3))
        found = (costs(tokyo, one), costs(tokyo, _by(one, "ticket")))
        if found != (int(row["fare_ic_jpy"]), int(row["fare_ticket_jpy"])):
            wrong.append((row, found))

    assert len(table) == 9_045
    assert wrong == []


def test_hong_kong_by_pairs(tmp_path: Path) -> None:
    """9,216 pairs of each of the nine kinds of fare, all from one file."""
    table = rows("hk_mtr_lines_fares_2026.csv")
    write_matrix(tmp_path / "matrix.csv", [
        {"from": row["SRC_STATION_ID"], "to": row["DEST_STATION_ID"]}
        | {kind: smallest_unit(row[kind]) for kind in HONG_KONG}
        for row in table
    ])  # fmt: skip
    stops = dict.fromkeys(row["SRC_STATION_ID"] for row in table)
    products = {kind: kind.lower().replace("_", "-") for kind in HONG_KONG}
    fares = matrix_fare("metro", "OCT_ADT_FARE", 6_080)
    fares += "".join(matrix_fare(product, kind, 6_080) for kind, product in products.items())
    hong_kong = tariff(tmp_path, stops, products.values(), HKD, fares)

    wrong = [
        (row, kind)
        for row in table
        for kind, product in products.items()
        if costs(hong_kong, _between(row["SRC_STATION_ID"], row["DEST_STATION_ID"], product))
        != smallest_unit(row[kind])
    ]

    assert len(table) == 9_216
    assert wrong == []


def test_kuala_lumpur_by_directed_pairs(tmp_path: Path) -> None:
    """4,624 pairs, of which 115 cost another fare on the way back."""
    table = rows("kl_rapidrail_od_fare_2025.csv")
    names = dict.fromkeys(row["from_station"] for row in table)
    ids = {name: f"kl-{at}" for at, name in enumerate(names)}
    write_matrix(tmp_path / "matrix.csv", [
        {
            "from": ids[row["from_station"]],
            "to": ids[row["to_station"]],
            "fare": smallest_unit(row["fare_myr"]),
        }
        for row in table
    ])  # fmt: skip
    fares = matrix_fare("metro", "fare", 730)
    kuala_lumpur = tariff(tmp_path, ids.values(), (), MYR, fares)

    found = {}
    for row in table:
        pair = (ids[row["from_station"]], ids[row["to_station"]])
        found[pair] = costs(kuala_lumpur, _between(*pair, "metro"))
        assert found[pair] == smallest_unit(row["fare_myr"]), row

    assert len(found) == 4_624
    assert sum(found[a, b] != found[b, a] for a, b in found if a < b) == 115


def _by(one: Ride, product: str) -> Ride:
    return ride(distance_m=one.distance_m, product=product)


def _between(origin: str, destination: str, product: str) -> Ride:
    return ride(product=product, entry_stop=origin, exit_stop=destination, distance_m=None)
