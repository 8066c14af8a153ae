"""Every real feed with fares: each ride costs what the rows of the feed say, read here once more
and without the importer, or is refused by name."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest

from ridecode.core import MICROS, RefusedError, Ride
from ridecode.fares import NOTHING_EARLIER, AccountClass, Tariff, Tariffs, price, rate
from ridecode.fares.gtfs import Choices, Imported, Why, import_gtfs
from ridecode.fares.gtfs.facts import Leg
from ridecode.fares.gtfs.offers_v2 import joined, offers, prices
from ridecode.fares.gtfs.places import read_places
from ridecode.fares.gtfs.reading_v2 import read_v2
from ridecode.fares.gtfs.tables import open_feed
from ridecode.fares.zones import Zones
from tests.fares.world import MINUTE, ride
from tests.shared import shared

pytestmark = pytest.mark.shared


class Count(NamedTuple):
    """Pairs that have a price, pairs that are refused, and refusals of the feed by reason."""

    priced: int
    refused: int
    why: dict[Why, int]


OTHER_RIDERS = {Why.RIDERS: 4}
FEEDS = [
    ("v1/utsunomiya_lrt", Choices(), Count(342, 0, {})),
    ("v1/caltrain_2009_zones", Choices(), Count(52, 0, {})),
    ("v1/caltrain_2017_route_zone", Choices(), Count(52, 0, {})),
    ("v1/bart_2018_od", Choices(), Count(2_402, 0, {})),
    ("v1/kcm_transfers", Choices(), Count(0, 4, {Why.UNKNOWN_COLUMN: 19})),
    ("v1/marin_transit_2026_noshapes", Choices(), Count(0, 0, {Why.RIDERS: 5})),
    ("v1/marin_transit_2026_noshapes", Choices(riders={AccountClass.ORDINARY: "1"}),
     Count(1, 0, OTHER_RIDERS)),
    ("v2/nigiri_simple_fares", Choices(medium="app"), Count(18, 0, OTHER_RIDERS)),
    ("v2/nigiri_simple_fares", Choices(medium="paper-card"), Count(21, 0, OTHER_RIDERS)),
    ("v2/nigiri_area_sets", Choices(medium="HSL_app"), Count(0, 25, OTHER_RIDERS)),
    ("v2/mbta_2024_fares_only", Choices(medium="cash"),
     Count(1_500, 1_158, {Why.UNKNOWN_COLUMN: 93, Why.DANGLING: 185})),
    ("v2/mbta_2024_fares_only", Choices(medium="charlieticket"),
     Count(968, 1_476, {Why.UNKNOWN_COLUMN: 93, Why.DANGLING: 185})),
    ("v2/metro_lisboa_2026_nostoptimes", Choices(), Count(0, 0, {Why.DANGLING: 3})),
    ("v2/metro_lisboa_2026_nostoptimes", Choices(version=1), Count(8, 0, {})),
    ("v2/transcollines_2022_transfer_rule", Choices(), Count(8, 0, {})),
    ("v2/transcollines_2026", Choices(), Count(8, 0, {})),
    ("v2/zakroczym_2025", Choices(), Count(9, 0, OTHER_RIDERS)),
    ("v2/ctran_flex_rider_categories", Choices(), Count(1, 0, OTHER_RIDERS)),
]  # fmt: skip


_IMPORTED: dict[str, Imported] = {}


def imported(name: str, choices: Choices | None = None) -> Imported:
    """Once for all tests: Boston's feed takes some seconds."""
    key = f"{name} {choices}"
    if key not in _IMPORTED:
        _IMPORTED[key] = import_gtfs(shared(f"gtfs_fares/{name}.zip"), choices)
    return _IMPORTED[key]


@pytest.mark.parametrize(("name", "choices", "count"), FEEDS, ids=[case[0] for case in FEEDS])
def test_so_much_of_each_feed_is_answered_and_refused(
    name: str, choices: Choices, count: Count
) -> None:
    found = imported(name, choices)

    refused = sum(number for _, number in found.unpriced)
    why = Counter(refusal.why for refusal in found.refused)
    assert Count(found.priced, refused, dict(why)) == count
    assert all(".txt:" in reason for reason, _ in found.unpriced)


# What the rows say, read without the importer -----------------------------------------------------


def table(name: str, file: str) -> list[dict[str, str]]:
    with ZipFile(shared(f"gtfs_fares/{name}.zip")) as archive:
        text = archive.read(f"{file}.txt").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def ways(tariff: Tariff, most: int | None = None) -> Iterator[tuple[str, str, str, str]]:
    """Product, route and two stops: for each route (of each fare at most so many) one stop of each
    of its zones; no stop where every ride costs the same."""
    seen = set()
    for fare in tariff.fares:
        one_of: dict[tuple[str, ...], str] = {("",): ""}
        if isinstance(fare.shape, Zones):
            one_of = {zones: stop for stop, zones in fare.shape.zones_of.items()}
        for route in fare.lines[:most]:
            for start, end in itertools.product(one_of.values(), repeat=2):
                way = fare.scope.products[0], route, start, end
                if way not in seen:
                    seen.add(way)
                    yield way


def one(way: tuple[str, str, str, str], start: int, minutes: int = 20, number: int = 1) -> Ride:
    product, route, entry, exit_ = way
    return ride(
        number, start, minutes, product=product, line=route, entry_stop=entry, exit_stop=exit_
    )


def cost(tariff: Tariff, single: Ride) -> int | None:
    try:
        return price(tariff, NOTHING_EARLIER, single)[0].amount
    except RefusedError:
        return None


def at(text: str, zone: str) -> int:
    when = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(when.timestamp()) * MICROS


V1 = [
    ("v1/utsunomiya_lrt", Choices(), 0),
    ("v1/caltrain_2009_zones", Choices(), 2),
    ("v1/caltrain_2017_route_zone", Choices(), 2),
    ("v1/bart_2018_od", Choices(), 2),
    ("v2/metro_lisboa_2026_nostoptimes", Choices(version=1), 2),
]


@pytest.mark.parametrize(("name", "choices", "digits"), V1, ids=[case[0] for case in V1])
def test_a_ride_costs_the_fare_whose_rule_names_its_zones(
    name: str, choices: Choices, digits: int
) -> None:
    tariff = imported(name, choices).tariff
    amounts = {
        row["fare_id"]: row["price"].partition(".") for row in table(name, "fare_attributes")
    }
    cents = {
        at: int(whole + part[:digits].ljust(digits, "0"))
        for at, (whole, _, part) in amounts.items()
    }
    named: dict[tuple[str, str, str], list[int]] = {}
    for row in table(name, "fare_rules"):
        key = row.get("route_id", ""), row["origin_id"], row["destination_id"]
        named.setdefault(key, []).append(cents[row["fare_id"]])
    zone_of = {row["stop_id"]: row["zone_id"] for row in table(name, "stops")}
    checked = 0
    for way in ways(tariff):
        _, route, start, end = way
        zones = zone_of[start], zone_of[end]
        said = named.get((route, *zones), []) + named.get(("", *zones), [])
        assert cost(tariff, one(way, 0)) == (min(said) if said else None), way
        checked += 1
    assert checked >= 36


def test_a_ride_in_marin_costs_what_its_rider_pays() -> None:
    riders = {AccountClass.ORDINARY: "1", AccountClass.SENIOR: "2", AccountClass.STUDENT: "5"}
    tariff = imported("v1/marin_transit_2026_noshapes", Choices(riders=riders)).tariff
    routes = [row["route_id"] for row in table("v1/marin_transit_2026_noshapes", "fare_rules")]
    served = [way for way in ways(tariff) if way[1] in routes]

    assert len({route for _, route, _, _ in served}) == 20
    for way in served:
        single = one(way, 0)
        found = [cost(tariff, _of(single, account)) for account in range(1, 6)]
        assert found == [200, 100, 100, None, None]


def _of(single: Ride, account: int) -> Ride:
    from msgspec.structs import replace

    return replace(single, account_type=account)


V2 = [
    ("v2/transcollines_2022_transfer_rule", "2022-10-03 08:00", "America/New_York"),
    ("v2/transcollines_2026", "2026-05-04 08:00", "America/Montreal"),
    ("v2/zakroczym_2025", "2025-12-01 08:00", "Europe/Warsaw"),
]


@pytest.mark.parametrize(("name", "when", "zone"), V2, ids=[case[0] for case in V2])
def test_a_ride_costs_the_product_whose_rule_names_its_areas(
    name: str, when: str, zone: str
) -> None:
    tariff = imported(name).tariff
    amounts = {
        row["fare_product_id"]: int(f"{float(row['amount']) * 100:.0f}")
        for row in table(name, "fare_products")
    }
    said = {
        (row["from_area_id"], row["to_area_id"]): amounts[row["fare_product_id"]]
        for row in table(name, "fare_leg_rules")
    }
    area_of = {row["stop_id"]: row["area_id"] for row in table(name, "stop_areas")}
    start = at(when, zone)
    checked = 0
    for way in ways(tariff):
        areas = area_of.get(way[2], ""), area_of.get(way[3], "")
        assert cost(tariff, one(way, start)) == said.get(areas), way
        checked += 1
    assert checked >= 9


def test_outside_the_dates_of_its_service_nothing_is_sold() -> None:
    tariff = imported("v2/transcollines_2026").tariff
    way = next(ways(tariff))
    zone = "America/Montreal"

    assert cost(tariff, one(way, at("2026-08-23 23:59:59", zone))) is not None
    with pytest.raises(RefusedError, match="for no fare at this hour"):
        price(tariff, NOTHING_EARLIER, one(way, at("2026-08-24 00:00:00", zone)))


def test_hours_are_those_of_the_feed_s_own_clock_in_summer_and_winter() -> None:
    tariff = imported("v2/nigiri_simple_fares", Choices(medium="app")).tariff
    way = "bus", "line1", "A", "B"

    for day in ("2022-01-12", "2022-07-13"):
        found = [
            cost(tariff, one(way, at(f"{day} {clock}", "Europe/Berlin")))
            for clock in ("04:59:59", "05:00:00", "09:29:59", "09:30:00", "23:59:59")
        ]
        assert found == [250, 500, 500, 250, 250]
    assert cost(tariff, one(way, at("2022-07-16 08:00:00", "Europe/Berlin"))) == 250


# Transfers ----------------------------------------------------------------------------------------


def amounts(tariff: Tariff, *rides: tuple[tuple[str, str, str, str], int, int]) -> list[int]:
    """What rides cost one after another: way, start and length in minutes."""
    some = [
        one(way, start * MINUTE, minutes, number)
        for number, (way, start, minutes) in enumerate(rides)
    ]
    return [told.amount for told, _ in rate(Tariffs([tariff]), NOTHING_EARLIER, some)]


def test_marin_lets_two_rides_follow_within_two_hours() -> None:
    choices = Choices(riders={AccountClass.ORDINARY: "1"})
    tariff = imported("v1/marin_transit_2026_noshapes", choices).tariff
    way = next(ways(tariff))

    assert amounts(tariff, (way, 0, 20), (way, 60, 20), (way, 120, 20)) == [200, 0, 0]
    assert amounts(tariff, (way, 0, 20), (way, 121, 20)) == [200, 200]
    four = [(way, start, 5) for start in (0, 10, 20, 30)]
    assert amounts(tariff, *four) == [200, 0, 0, 200]


def test_caltrain_s_whole_way_is_one_fare_within_four_hours() -> None:
    """Zones 1 to 2 cost 6.00, 1 to 3 cost 8.25, 2 to 3 cost 6.00."""
    tariff = imported("v1/caltrain_2017_route_zone").tariff
    stops = table("v1/caltrain_2017_route_zone", "stops")
    zone_of = {row["zone_id"]: row["stop_id"] for row in stops if row["location_type"] != "1"}
    first = "metro", "Lo-130", zone_of["1"], zone_of["2"]
    second = "metro", "Lo-130", zone_of["2"], zone_of["3"]

    assert amounts(tariff, (first, 0, 30), (second, 240, 30)) == [600, 225]
    assert amounts(tariff, (first, 0, 30), (second, 241, 30)) == [600, 600]


def test_a_transfer_without_a_limit_of_time_is_refused_until_the_city_sets_one() -> None:
    name = "v1/bart_2018_od"
    way, back = ("metro", "01", "12TH", "MCAR"), ("metro", "01", "MCAR", "12TH")

    with pytest.raises(RefusedError, match=r"fare_attributes.txt:2: .* a limit of time"):
        amounts(imported(name).tariff, (way, 0, 10), (back, 600, 10))
    limited = imported(name, Choices(transfer_s=1_800)).tariff
    assert amounts(limited, (way, 0, 10), (back, 31, 10)) == [250, 250]


def test_lisbon_by_version_1_is_free_again_within_an_hour() -> None:
    tariff = imported("v2/metro_lisboa_2026_nostoptimes", Choices(version=1)).tariff
    way = next(way for way in ways(tariff) if cost(tariff, one(way, 0)) is not None)
    way = way[0], way[1], way[2], way[2]

    assert amounts(tariff, (way, 0, 20), (way, 60, 20), (way, 61, 20)) == [190, 0, 190]


def test_c_tran_is_free_again_within_two_and_a_half_hours() -> None:
    riders = {AccountClass.SENIOR: "HONORED_CITIZEN", AccountClass.STUDENT: "YOUTH"}
    tariff = imported("v2/ctran_flex_rider_categories", Choices(riders=riders)).tariff
    way = next(ways(tariff))

    assert amounts(tariff, (way, 0, 20), (way, 150, 20), (way, 151, 20)) == [125, 0, 125]
    assert cost(tariff, _of(one(way, 0), 3)) == 60
    assert cost(tariff, _of(one(way, 0), 4)) is None


def test_youth_of_c_tran_ride_free_but_not_by_ticket() -> None:
    """A medium must be chosen where prices or sale depend on it."""
    riders = {AccountClass.STUDENT: "YOUTH"}
    for medium, amount in (("4", 0), ("1", None)):
        choices = Choices(riders=riders, medium=medium)
        tariff = imported("v2/ctran_flex_rider_categories", choices).tariff
        way = next(ways(tariff))
        assert cost(tariff, _of(one(way, 0), 2)) == amount


def test_transcollines_lets_one_ride_follow_within_seven_minutes_of_leaving() -> None:
    tariff = imported("v2/transcollines_2022_transfer_rule").tariff
    area = {row["area_id"]: row["stop_id"] for row in table(
        "v2/transcollines_2022_transfer_rule", "stop_areas")}  # fmt: skip
    out = next(way for way in ways(tariff) if way[2:] == _stops(tariff, area, "GAT", "COL"))
    on = *out[:2], out[3], out[3]

    assert amounts(tariff, (out, 0, 30), (on, 37, 20)) == [450, 0]
    assert amounts(tariff, (out, 0, 30), (on, 38, 20)) == [450, 450]
    assert amounts(tariff, (on, 0, 30), (out, 31, 20)) == [450, 450]


def _stops(tariff: Tariff, area: dict[str, str], *names: str) -> tuple[str, ...]:
    shape = tariff.fares[0].shape
    assert isinstance(shape, Zones)
    one_of = {zones: stop for stop, zones in shape.zones_of.items()}
    return tuple(one_of[(name,)] for name in names)


# Boston -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("medium", "way", "amount"), [
    ("cash", ("bus", "1", "1", "10"), 170),
    ("cash", ("ferry", "Boat-F1", "Boat-Hingham", "Boat-Long"), 975),
    ("cash", ("ferry", "Boat-F4", "Boat-Charlestown", "Boat-Long-South"), 370),
    ("charlieticket", ("metro", "Blue", "70038", "70040"), 240),
    ("charlieticket", ("metro", "Red", "70061", "70063"), None),
    ("charlieticket", ("bus", "1", "1", "10"), 240),
])  # fmt: skip
def test_boston(medium: str, way: tuple[str, str, str, str], amount: int | None) -> None:
    tariff = imported("v2/mbta_2024_fares_only", Choices(medium=medium)).tariff
    assert cost(tariff, one(way, at("2024-10-02 08:00", "America/New_York"))) == amount


def test_boston_s_commuter_rail_is_refused_for_hours_that_the_feed_does_not_tell() -> None:
    tariff = imported("v2/mbta_2024_fares_only", Choices(medium="cash")).tariff
    way = "metro", "CR-Fitchburg", "BNT-0000", "FR-0034-01"

    with pytest.raises(RefusedError, match="timeframe group 'timeframe_systemwide_free'"):
        price(tariff, NOTHING_EARLIER, one(way, at("2024-10-02 08:00", "America/New_York")))


def test_boston_s_transfers_are_refused_by_the_columns_that_gtfs_does_not_know() -> None:
    tariff = imported("v2/mbta_2024_fares_only", Choices(medium="charlieticket")).tariff
    way, airport = ("metro", "Blue", "70038", "70040"), ("metro", "Blue", "70047", "70040")
    start = at("2024-10-02 08:00", "America/New_York")
    _, earlier = price(tariff, NOTHING_EARLIER, one(way, start))

    with pytest.raises(RefusedError, match="filter_fare_product_id"):
        price(tariff, earlier, one(airport, start + 120 * MINUTE, number=2))
    later, _ = price(tariff, earlier, one(airport, start + 121 * MINUTE, number=2))
    assert later.amount == 240


@pytest.mark.parametrize("medium", ["cash", "charlieticket"])
def test_the_tariff_of_boston_says_what_its_rules_say(medium: str) -> None:
    """Two ways to one answer: pairs compiled, and the leg rules asked for each ride."""
    tables = open_feed(shared("gtfs_fares/v2/mbta_2024_fares_only.zip"))
    places = read_places(tables)
    fares = read_v2(tables, places)
    tariff = imported("v2/mbta_2024_fares_only", Choices(medium=medium)).tariff
    start = at("2024-10-02 08:00", "America/New_York")
    compared: Counter[bool] = Counter()
    for way in itertools.islice(ways(tariff, 1), 0, None, 29):
        single = one(way, start)
        fare_legs = joined(fares, [Leg(way[1], way[2:], start, single.end_ts)])
        try:
            some = offers(fares, fare_legs, medium, "")[0]
            said = min((min(prices(fares, o.product, medium, "")) for o in some), default=None)
        except RefusedError:
            said = None
        assert cost(tariff, single) == said, way
        compared[said is None] += 1
    assert min(compared.values()) > 15, compared
