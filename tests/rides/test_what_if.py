"""What other tariffs would have done to stored rides, and that asking writes nothing."""

import pytest
from msgspec.structs import replace

from ridecode.core import BadInputError
from ridecode.fares import Tariffs
from ridecode.rides import WhatIf, what_if
from ridecode.store import Cell
from ridecode.taps import record
from tests.rides.city import (
    DAY,
    LATER,
    MIDNIGHT,
    city_taps,
    in_one_pass,
    matched,
    pack,
    rows,
    settled,
    tariffs,
    tariffs_with,
)
from tests.rides.taps import at

WEEK = 7 * DAY
DEARER = ("amount = 200", "amount = 250")


def asked(cell: Cell, by: Tariffs, since: int = MIDNIGHT, until: int = MIDNIGHT + WEEK) -> WhatIf:
    return what_if(cell, pack(), by, since, until)


def test_a_dearer_bus_by_product(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 20:00 metro+a, 20:20 metro-b, 32:00 bus."))
    settled(cell, city_taps(cell, "8:00 bus.", "2", 10))
    found = asked(cell, tariffs_with(*DEARER))
    assert (found.riders, found.rides) == (2, 4)
    assert (found.before, found.after, found.difference) == (800, 950, 150)
    assert [
        (one.product, one.rides, one.dearer, one.cheaper, one.difference) for one in found.products
    ] == [("bus", 3, 3, 0, 150), ("metro", 1, 0, 0, 0)]
    assert found.refused == ()
    assert found.digest == tariffs_with(*DEARER).digest.hex()


def test_the_tariff_in_force_changes_nothing(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 metro-b, 9:00 bus., 20:00 metro+a, 20:20 metro-c"))
    found = asked(cell, tariffs())
    assert found.difference == 0
    assert all((one.dearer, one.cheaper) == (0, 0) for one in found.products)


def test_a_cap_is_reached_within_the_span_and_tiers_count_from_before_it(cell: Cell) -> None:
    """8 yuan a day: of five buses at 2.50 the fourth costs 0.50. On the day after, the month's
    total of before is at 8 yuan, as it was paid."""
    buses = "8:00 bus., 10:00 bus., 12:00 bus., 14:00 bus., 16:00 bus., 32:00 bus."
    settled(cell, city_taps(cell, buses))
    first = asked(cell, tariffs_with(*DEARER), until=MIDNIGHT + DAY)
    assert (first.rides, first.before, first.after) == (5, 800, 800)
    assert (first.products[0].dearer, first.products[0].cheaper) == (3, 1)
    second = asked(cell, tariffs_with(*DEARER), since=MIDNIGHT + DAY)
    assert (second.rides, second.before, second.after) == (1, 200, 250)


def test_the_newest_version_is_judged_as_if_it_had_been_in_force(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus."))
    (now,) = tariffs()
    (dearer,) = tariffs_with(*DEARER)
    coming = replace(dearer, id="next", valid_from=LATER)
    found = asked(cell, Tariffs([coming, now]))
    assert (found.tariff, found.difference) == ("next", 50)


def test_the_span_is_that_of_starts_its_end_not_in_it(cell: Cell) -> None:
    settled(cell, city_taps(cell, "6:00 bus., 9:00 metro+a, 9:20 metro-b, 12:00 bus."))
    found = asked(cell, tariffs(), MIDNIGHT + at("9:00"), MIDNIGHT + at("12:00"))
    assert [(one.product, one.rides, one.before) for one in found.products] == [("metro", 1, 200)]


def test_rides_without_price_are_counted_and_a_lacking_fare_is_told(cell: Cell) -> None:
    """A tram has no fare here: while its ride is open nobody asks for one."""
    record(cell, city_taps(cell, "8:00 bus., 11:00 tram+b"))
    in_one_pass(cell, MIDNIGHT + at("12:00"))
    found = asked(cell, tariffs_with(*DEARER))
    assert (found.rides, found.before, found.after) == (2, 200, 250)
    assert found.refused == ()
    in_one_pass(cell, LATER)
    ((reason, count),) = asked(cell, tariffs_with(*DEARER)).refused
    assert (count, "'tram'" in reason) == (1, True)


def test_rides_that_are_matched_and_not_yet_priced_count_as_free(cell: Cell) -> None:
    record(cell, city_taps(cell, "8:00 bus."))
    matched(cell)
    assert (asked(cell, tariffs()).before, asked(cell, tariffs()).after) == (0, 200)


def test_nothing_is_written(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 20:00 metro+a, 20:20 metro-b"))
    before = rows(cell, "rides", ""), rows(cell, "prices", "")
    asked(cell, tariffs_with(*DEARER))
    assert (rows(cell, "rides", ""), rows(cell, "prices", "")) == before
    assert rows(cell, "price_history", "") == []


def test_many_accounts_are_spread_over_workers(cell: Cell) -> None:
    record(cell, [tap for n in range(2_100) for tap in city_taps(cell, "8:00 bus.", f"{n}", n + 1)])
    in_one_pass(cell)
    found = asked(cell, tariffs_with(*DEARER))
    assert (found.riders, found.rides, found.difference) == (2_100, 2_100, 105_000)


def test_an_empty_span_and_an_empty_tariff_are_refused(cell: Cell) -> None:
    with pytest.raises(BadInputError, match="span"):
        asked(cell, tariffs(), MIDNIGHT, MIDNIGHT)
    with pytest.raises(BadInputError, match="empty"):
        asked(cell, Tariffs([]))


def test_a_city_without_rides_in_the_span(cell: Cell) -> None:
    found = asked(cell, tariffs())
    assert (found.riders, found.rides, found.before, found.after, found.products) == (
        0, 0, 0, 0, (),
    )  # fmt: skip
