"""Whole fare tables of other cities, as data in the same shapes: every pair, to the unit."""

import re
from pathlib import Path

import pytest

from ridecode.core import Ride
from ridecode.fares import NOTHING_EARLIER, AccountClass, Tariff, price
from tests.fares.real import matrix_fare, rows, smallest_unit, tariff, write_matrix
from tests.fares.world import MINUTE, NOON, ride

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


SINGAPORE = {
    "Adult card fare": "ordinary",
    "Student card fare": "student",
    "Senior citizen card fare": "senior",
    "Workfare transport concession card fare": "soldier",
    "Persons with diabilities card fare": "test",
}
"""The two last have no class of their own here; any will do to hold their table."""
EARLY = """
[[tariff.time]]
id = "early"
spans = [{ days = ["mon", "tue", "wed", "thu", "fri"], to = "07:45" }]
"""
SGD = 'code = "SGD"\nminor_digits = 2\nsymbol = "S$"'


def test_every_row_of_singapore_by_distance_hour_and_card(tmp_path: Path) -> None:
    """Distances are told to 0.1 km, so a band ends 49 m beyond; early on a Friday, and at noon."""
    table = rows("singapore_lta_fare_bands_20241228.csv")
    assert len(table) == 390
    fares = EARLY
    for kind, account in SINGAPORE.items():
        for early in (True, False):
            of_card = [row for row in table if row["fare_type"] == kind and _early(row) is early]
            fares += _distance_fare(account, early, of_card)
    read = tariff(tmp_path, ["a", "b"], ["bus", "ferry"], SGD, fares + OTHERS)

    for row in table:
        card = AccountClass[SINGAPORE[row["fare_type"]].upper()]
        start = NOON - 5 * 60 * MINUTE if _early(row) else NOON
        for metres in _either_end(row["distance"]):
            one = ride(start=start, account_type=card, distance_m=metres)
            assert costs(read, one) == int(row["fare_per_ride"]), row


OTHERS = """
[[tariff.fare]]
id = "others"
name = { zh = "票价", en = "Fare" }
products = ["bus", "ferry"]
shape = "flat"
amount = 200
"""


def _early(row: dict[str, str]) -> bool:
    return row["applicable_time"].startswith("Before 7.45am")


def _either_end(distance: str) -> tuple[int, int]:
    """The first and last metre of a band such as `3.3 km - 4.2 km`."""
    ends = [smallest_unit(km, 3) for km in re.findall(r"\d+\.\d", distance)]
    if distance.startswith("Up to"):
        return 0, ends[0] + 49
    return (ends[0] - 50, ends[1] + 49) if len(ends) > 1 else (ends[0] + 50, 99_000)


def _distance_fare(account: str, early: bool, table: list[dict[str, str]]) -> str:
    bands = ", ".join(
        (
            "{ fare = %s }"
            if row["distance"].startswith("Over")
            else f"{{ to_m = {last}, fare = %s }}"
        )
        % row["fare_per_ride"]
        for row in table
        for _, last in [_either_end(row["distance"])]
    )
    return f"""
[[tariff.fare]]
id = "{account}{"-early" if early else ""}"
name = {{ zh = "票价", en = "Fare" }}
products = ["metro"]
accounts = ["{account}"]
{'when = ["early"]' if early else ""}
shape = "distance"
bands = [{bands}]
maximum = {max(int(row["fare_per_ride"]) for row in table)}
"""
