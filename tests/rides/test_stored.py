"""What is stored: versions, what a late tap changes and what it leaves alone, reading back."""

from collections.abc import Callable, Iterable
from uuid import UUID

import pytest

from ridecode.core import NotFoundError, Tap
from ridecode.rides import (
    MatchReport,
    Passage,
    RateReport,
    latest_exceptions,
    latest_rides,
    passages_at,
    price_versions,
    prices_of,
    ride,
    ride_versions,
    rides_of,
    totals,
)
from ridecode.rides.db import session
from ridecode.rides.matched import match_chunk, matching
from ridecode.store import Cell
from ridecode.taps import record
from tests.rides.city import (
    DAY,
    LATER,
    MIDNIGHT,
    city_taps,
    matched,
    pack,
    rated,
    rows,
    settled,
    settled_in_one_pass,
    tariffs_with,
)
from tests.rides.taps import HOUR, at

Settle = Callable[[Cell, Iterable[Tap]], tuple[MatchReport, RateReport]]
BOTH_WAYS = pytest.mark.parametrize("settle", [settled, settled_in_one_pass])


def known(cell: Cell, account: str = "1") -> str:
    """An account's rides in order as 'first tap:state amount', with a dash where no price is."""
    found = rides_of(cell, account, 100)[::-1]
    prices = prices_of(cell, found)
    return "; ".join(
        f"{one.ride_id.int}:{one.state.name}"
        f" {prices[one.ride_id].amount if one.ride_id in prices else '-'}"
        for one in found
    )


def amounts(cell: Cell, number: int) -> list[tuple[int, int, bool]]:
    """The versions of a ride's price: number, amount, whether it is the current one."""
    return [
        (one.version, one.price.amount, one.superseded_at is None)
        for one in price_versions(cell, UUID(int=number))
    ]


def test_an_open_ride_becomes_complete_as_its_second_version(cell: Cell) -> None:
    entry, exit_ = city_taps(cell, "8:00 metro+a, 8:20 metro-b")
    now = MIDNIGHT + at("8:10")
    record(cell, [entry])
    assert matched(cell, now).added == 1
    assert rated(cell, now=now).rated == 0
    assert known(cell) == "1:OPEN -"

    record(cell, [exit_])
    report = matched(cell, now + HOUR)
    assert (report.accounts, report.added, report.changed, report.removed) == (1, 0, 1, 0)
    assert rated(cell, now=now + HOUR).difference == 200
    assert known(cell) == "1:COMPLETE 200"
    first, second = ride_versions(cell, UUID(int=1))
    assert (first.version, first.ride.state.name, first.as_of, first.superseded_at) == (
        1, "OPEN", now, now + HOUR,
    )  # fmt: skip
    assert (second.version, second.ride.state.name, second.superseded_at) == (2, "COMPLETE", None)


def test_an_open_ride_runs_out_without_any_new_tap(cell: Cell) -> None:
    record(cell, city_taps(cell, "8:00 metro+a"))
    matched(cell, MIDNIGHT + at("12:00"))
    rated(cell)
    assert known(cell) == "1:OPEN -"

    assert matched(cell, MIDNIGHT + at("12:01")).changed == 1
    rated(cell)
    assert known(cell) == "1:MISSING_EXIT 700"
    assert matched(cell).accounts == 0


@BOTH_WAYS
def test_a_late_entry_takes_in_the_ride_of_its_exit(cell: Cell, settle: Settle) -> None:
    entry, exit_ = city_taps(cell, "8:00 metro+a, 8:20 metro-b")
    settle(cell, [exit_])
    assert known(cell) == "2:MISSING_ENTRY 700"

    match_report, rate_report = settle(cell, [entry])
    assert (match_report.added, match_report.changed, match_report.removed) == (1, 0, 1)
    assert (rate_report.added, rate_report.removed, rate_report.difference) == (1, 1, -500)
    assert known(cell) == "1:COMPLETE 200"
    assert amounts(cell, 2) == [(1, 700, False)]
    with pytest.raises(NotFoundError, match="00000002"):
        ride(cell, UUID(int=2))
    assert [one.superseded_at for one in ride_versions(cell, UUID(int=2))] == [LATER]


@BOTH_WAYS
def test_a_ride_that_comes_back_counts_its_versions_on(cell: Cell, settle: Settle) -> None:
    """The exit of 8:20 is a ride, then part of one, then, for the exit of 8:10, a ride again."""
    entry, between, exit_ = city_taps(cell, "8:00 metro+a, 8:10 metro-b, 8:20 metro-c")
    for tap in (exit_, entry, between):
        settle(cell, [tap])
    assert known(cell) == "1:COMPLETE 200; 3:MISSING_ENTRY 700"
    assert [one.version for one in ride_versions(cell, UUID(int=3))] == [1, 2]
    assert amounts(cell, 3) == [(1, 700, False), (2, 700, True)]


@BOTH_WAYS
def test_a_late_ride_moves_the_day_cap_to_earlier_rides_and_nothing_else(
    cell: Cell, settle: Settle
) -> None:
    """8 yuan a day: four buses of 2 yuan, the fifth is free; a late one ahead frees the fourth."""
    buses = city_taps(cell, "8:00 bus., 10:00 bus., 12:00 bus., 14:00 bus., 16:00 bus.", first=2)
    settle(cell, buses)
    assert known(cell) == (
        "2:COMPLETE 200; 3:COMPLETE 200; 4:COMPLETE 200; 5:COMPLETE 200; 6:COMPLETE 0"
    )

    _, report = settle(cell, city_taps(cell, "6:00 bus."))
    assert known(cell) == (
        "1:COMPLETE 200; 2:COMPLETE 200; 3:COMPLETE 200; 4:COMPLETE 200; 5:COMPLETE 0; 6:COMPLETE 0"
    )
    assert (report.added, report.changed, report.difference) == (1, 1, 0)
    assert amounts(cell, 5) == [(1, 200, False), (2, 0, True)]
    assert amounts(cell, 4) == [(1, 200, True)]


@BOTH_WAYS
def test_rating_stops_where_nothing_differs_any_more(cell: Cell, settle: Settle) -> None:
    """A late ride on Monday: to the end of the week a ride carries another week's total; on the
    next Monday, which is in the month after, nothing of it is left."""
    week = ", ".join(f"{day * 24 + hour}:00 bus." for day in (0, 1, 5, 6, 7) for hour in (8, 12))
    settle(cell, city_taps(cell, week, first=2))
    _, report = settle(cell, city_taps(cell, "6:00 bus."))
    # The late one, eight of that week, and the first of the next, which is as it was.
    assert (report.added, report.rated) == (1, 10)


def test_another_tariff_changes_the_prices_that_it_changes(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 20:00 metro+a, 20:20 metro-b"))
    report = rated(cell, tariffs_with("amount = 200", "amount = 250"))
    assert (report.rated, report.changed, report.difference) == (2, 1, 50)
    assert amounts(cell, 1) == [(1, 200, False), (2, 250, True)]
    assert amounts(cell, 2) == [(1, 200, True)]
    again = rated(cell, tariffs_with("amount = 200", "amount = 250"))
    assert again.rated == 0


def test_a_ride_without_tariff_is_told_and_priced_once_there_is_one(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 9:00 bus."))
    record(cell, city_taps(cell, "10:00 bus.", first=3))
    matched(cell)
    since_september = tariffs_with("from = 2018-01", "from = 2018-09")
    report = rated(cell, since_september)
    assert dict(report.refused) == {"The ride is older than the first tariff of the city.": 3}
    assert (report.removed, report.difference) == (2, -400)
    assert known(cell) == "1:COMPLETE -; 2:COMPLETE -; 3:COMPLETE -"
    assert rated(cell).added == 3
    assert amounts(cell, 1) == [(1, 200, False), (2, 200, True)]


def test_other_rules_match_everything_again(cell: Cell) -> None:
    from ridecode.rides import match_all

    settled(cell, city_taps(cell, "8:00 metro+a, 10:00 metro-b, 30:00 bus."))
    assert known(cell) == "1:COMPLETE 200; 3:COMPLETE 200"
    matching = (
        "[matching]\npair_within_s = 7_199\novertime_s = 60\nremedy_within_s = 0\n"
        "top_speed_kmh = 30\nclocks_apart_s = 30\n"
    )
    stricter = pack(matching=matching)
    report = match_all(cell, stricter, LATER, lambda done, total: None)
    assert (report.added, report.changed, report.removed) == (1, 1, 0)
    rated(cell)
    assert known(cell) == "1:MISSING_EXIT 700; 2:MISSING_ENTRY 700; 3:COMPLETE 200"


def test_refused_readings_are_no_part_of_any_ride(cell: Cell) -> None:
    from msgspec.structs import replace

    from ridecode.core import Verdict

    entry, refused, exit_ = city_taps(cell, "8:00 metro+a, 8:01 metro+a, 8:20 metro-b")
    settled(cell, [entry, replace(refused, verdict=Verdict.DEBOUNCED), exit_])
    assert known(cell) == "1:COMPLETE 200"


def test_a_run_that_was_killed_between_chunks_is_taken_up_again(cell: Cell) -> None:
    """One chunk is written and the mark is not: as after a kill."""
    ones, twos = (city_taps(cell, "8:00 bus., 9:00 bus.", a, n) for a, n in (("1", 1), ("2", 3)))
    record(cell, [*ones, *twos])
    rule = matching(cell.city, pack(), LATER)
    with session(cell.dsn) as conn, conn.transaction():
        match_chunk(rule, conn, {"1": ones[0].ts})
    assert (known(cell, "1"), known(cell, "2")) == ("1:COMPLETE -; 2:COMPLETE -", "")

    assert matched(cell).added == 2
    rated(cell)
    assert (known(cell, "1"), known(cell, "2")) == (
        "1:COMPLETE 200; 2:COMPLETE 200",
        "3:COMPLETE 200; 4:COMPLETE 200",
    )
    assert rows(cell, "ride_history") == []


def test_many_accounts_are_spread_over_workers_and_end_alike(cell: Cell) -> None:
    """2,100 accounts are more than are done here; each has a late tap afterwards."""
    taps = [
        tap
        for number in range(2_100)
        for tap in city_taps(
            cell, "8:00 metro+a, 8:20 metro-b, 9:00 bus.", f"{number:04}", number * 3 + 1
        )
    ]
    steps: list[tuple[int, int]] = []
    record(cell, taps[::2])
    from ridecode.rides import match_all

    match_all(cell, pack(), LATER, lambda done, total: steps.append((done, total)))
    rated(cell)
    settled(cell, taps[1::2])
    assert steps[-1] == (2_100, 2_100)
    for number in (0, 299, 2_099):
        first = number * 3 + 1
        told = f"{first}:COMPLETE 200; {first + 2}:COMPLETE 160"
        assert known(cell, f"{number:04}") == told
    counted = totals(cell, MIDNIGHT, MIDNIGHT + DAY)
    assert (counted.riders, counted.rides, counted.exceptions, counted.amount) == (
        2_100, 4_200, 0, 2_100 * 360,
    )  # fmt: skip


def test_reading_back(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 9:00 metro-b, 10:00 bus."))
    settled(cell, city_taps(cell, "9:30 bus.", "2", 7))
    assert [one.ride_id.int for one in latest_rides(cell, 3)] == [3, 7, 2]
    assert [one.ride_id.int for one in latest_exceptions(cell, 3)] == [2]
    assert [one.ride_id.int for one in rides_of(cell, "1", 2)] == [3, 2]
    assert ride(cell, UUID(int=7)).account == "2"
    assert price_versions(cell, UUID(int=99)) == []
    counted = totals(cell, MIDNIGHT + at("9:00"), MIDNIGHT + at("10:00"))
    assert (counted.riders, counted.rides, counted.exceptions, counted.amount) == (2, 2, 1, 900)


def test_from_where_to_where_a_ride_went(cell: Cell) -> None:
    """One that lacks a tap ends when it began."""
    settled(
        cell, city_taps(cell, "7:00 metro+a, 7:20 metro-b, 9:00 metro-b, 10:00 metro+a, 20:00 bus.")
    )
    rides = rides_of(cell, "1", 9)
    assert {one.state.name for one in rides} == {"COMPLETE", "MISSING_ENTRY", "MISSING_EXIT"}
    keys = [(one.account, one.start_ts, one.ride_id) for one in rides]
    assert passages_at(cell, [*keys, ("1", 0, UUID(int=99))]) == {
        one.ride_id: Passage(
            one.mode, one.line, one.entry_stop, one.exit_stop, one.start_ts, one.end_ts
        )
        for one in rides
    }


def test_a_tap_long_before_all_others_is_found_by_reading_further_back(cell: Cell) -> None:
    """Entries every three hours for nine days leave no long pause: the first tap still pairs."""
    texts = ", ".join(f"{hour}:00 metro+a" for hour in range(3, 219, 3))
    settled(cell, city_taps(cell, texts, first=2))
    record(cell, city_taps(cell, "218:30 metro-b", first=500))
    report = matched(cell)
    assert (report.added, report.changed) == (0, 1)
    record(cell, city_taps(cell, "4:00 metro-b", first=501))
    report = matched(cell)
    assert (report.added, report.changed, report.removed) == (0, 1, 0)
    rated(cell)
    assert known(cell).startswith("2:COMPLETE 200; 3:MISSING_EXIT 700; ")
    assert known(cell).endswith("; 72:MISSING_EXIT 700; 73:COMPLETE 200")


def test_an_account_of_any_text_finds_its_rides(cell: Cell) -> None:
    """Card companies name accounts as they like."""
    for number, account in enumerate(['a"b', "a\\b", "{a,b}", "NULL", "卡 1", "'"]):
        settled(cell, city_taps(cell, "8:00 metro-b", account, 2 * number + 1))
        settled(cell, city_taps(cell, "7:40 metro+a", account, 2 * number + 2))
        assert known(cell, account) == f"{2 * number + 2}:COMPLETE 200"
