"""The follower: what comes in is priced a moment later, whoever else is at it, whatever fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from hypothesis import HealthCheck, given, settings

from ridecode.core import Tap
from ridecode.rides import Follower
from ridecode.rides.db import alone
from ridecode.store import Cell
from ridecode.taps import record
from tests.rides.city import (
    LATER,
    MIDNIGHT,
    city_taps,
    emptied,
    matched,
    pack,
    rated,
    settled,
    tariffs,
    tariffs_with,
)
from tests.rides.taps import MINUTE, at
from tests.rides.test_order import current, deliveries
from tests.rides.test_stored import known

PATIENCE_S = 30.0


@contextmanager
def following(cell: Cell, now: Callable[[], int] = lambda: LATER) -> Iterator[Follower]:
    with Follower(cell, pack(), tariffs(), now) as follower:
        yield follower


def test_what_is_recorded_is_priced_a_moment_later(cell: Cell) -> None:
    with following(cell) as follower:
        for texts, first in (("8:00 metro+a", 1), ("8:20 metro-b, 9:00 bus.", 2)):
            record(cell, city_taps(cell, texts, first=first))
            assert follower.catch_up(PATIENCE_S)
        assert known(cell) == "1:COMPLETE 200; 3:COMPLETE 160"
        assert (follower.followed.rides, follower.followed.prices) == (3, 3)
        assert follower.trouble is None


def test_nobody_needs_to_ask(cell: Cell) -> None:
    with following(cell) as follower:
        record(cell, city_taps(cell, "8:00 bus."))
        recorded = time.monotonic()
        while follower.lag_s > time.monotonic() - recorded:
            assert time.monotonic() - recorded < PATIENCE_S
            time.sleep(0.01)
        assert known(cell) == "1:COMPLETE 200"


def test_an_open_ride_ends_when_its_time_has_run_out(cell: Cell) -> None:
    clock = [MIDNIGHT + at("12:00")]
    with following(cell, lambda: clock[0]) as follower:
        record(cell, city_taps(cell, "8:00 metro+a"))
        assert follower.catch_up(PATIENCE_S)
        assert known(cell) == "1:OPEN -"
        clock[0] += MINUTE
        assert follower.catch_up(PATIENCE_S)
        assert known(cell) == "1:MISSING_EXIT 700"


def test_a_clock_that_goes_back_reopens_nothing(cell: Cell) -> None:
    clock = [LATER]
    with following(cell, lambda: clock[0]) as follower:
        assert follower.catch_up(PATIENCE_S)
        clock[0] = MIDNIGHT + at("9:00")
        record(cell, city_taps(cell, "8:00 metro+a"))
        assert follower.catch_up(PATIENCE_S)
    assert known(cell) == "1:MISSING_EXIT 700"


def test_it_takes_up_what_came_while_it_was_not_there(cell: Cell) -> None:
    with following(cell) as follower:
        record(cell, city_taps(cell, "8:00 bus."))
        assert follower.catch_up(PATIENCE_S)
    record(cell, city_taps(cell, "9:00 bus.", first=2))
    with following(cell) as follower:
        assert follower.catch_up(PATIENCE_S)
        assert follower.followed.rides == 1
    assert known(cell) == "1:COMPLETE 200; 2:COMPLETE 200"


def test_it_prices_what_somebody_else_matched_alone(cell: Cell) -> None:
    with following(cell) as follower:
        assert follower.catch_up(PATIENCE_S)
        record(cell, city_taps(cell, "8:00 bus."))
        matched(cell)
        assert follower.catch_up(PATIENCE_S)
    assert known(cell) == "1:COMPLETE 200"


def test_with_other_tariffs_it_prices_everything_again(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus."))
    dearer = tariffs_with("amount = 200", "amount = 250")
    with Follower(cell, pack(), dearer, lambda: LATER) as follower:
        assert follower.catch_up(PATIENCE_S)
    assert known(cell) == "1:COMPLETE 250"


def test_while_another_pass_runs_it_waits_and_says_so(cell: Cell) -> None:
    with following(cell) as follower:
        assert follower.catch_up(PATIENCE_S)
        with alone(cell.dsn):
            record(cell, city_taps(cell, "8:00 bus."))
            assert not follower.catch_up(0.3)
            assert follower.lag_s >= 0.3
            assert known(cell) == ""
        assert follower.catch_up(PATIENCE_S)
    assert known(cell) == "1:COMPLETE 200"


def test_it_stops_at_once_while_another_pass_runs(cell: Cell) -> None:
    with alone(cell.dsn):
        record(cell, city_taps(cell, "8:00 bus."))
        with following(cell) as follower:
            assert not follower.catch_up(0.1)
            began = time.monotonic()
        assert time.monotonic() - began < 5


def test_a_session_that_is_lost_is_told_and_replaced(cell: Cell) -> None:
    with following(cell) as follower:
        assert follower.catch_up(PATIENCE_S)
        waited = time.monotonic()
        while follower.trouble is None:
            # Again, for its last query may just be the end of a transaction.
            _end_sessions(cell)
            assert time.monotonic() - waited < PATIENCE_S
            time.sleep(0.01)
        assert "PostgreSQL failed" in follower.trouble.what
        record(cell, city_taps(cell, "8:00 bus."))
        assert follower.catch_up(PATIENCE_S)
        assert follower.trouble is None
    assert known(cell) == "1:COMPLETE 200"


def _end_sessions(cell: Cell) -> None:
    """Those of the follower, as a server that is restarted would."""
    with psycopg.connect(cell.dsn) as conn:
        conn.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()
                 AND backend_type = 'client backend' AND query LIKE '%log_topics%'"""
        )


def test_two_followers_and_a_pass_share_the_work(cell: Cell) -> None:
    """Two hundred rides, in sets that overlap, from two writers, while a third runs passes."""
    taps = city_taps(cell, ", ".join(f"{hour}:00 bus." for hour in range(1, 201)))

    def send(part: list[Tap]) -> None:
        for start in range(0, len(part), 7):
            record(cell, part[start : start + 9])

    with following(cell) as one, following(cell) as other:
        writers = [threading.Thread(target=send, args=(part,)) for part in (taps, taps[::-1])]
        for writer in writers:
            writer.start()
        for _ in range(5):
            matched(cell)
            rated(cell)
        for writer in writers:
            writer.join()
        assert one.catch_up(PATIENCE_S)
        assert other.catch_up(PATIENCE_S)
    followed = current(cell)
    emptied(cell)
    settled(cell, taps)
    assert current(cell) == followed


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries())
def test_it_ends_in_the_rows_of_everything_at_once(
    cell: Cell, delivered: tuple[list[Tap], list[tuple[list[Tap], int]]]
) -> None:
    week, sets = delivered
    emptied(cell)
    settled(cell, week)
    at_once = current(cell)
    emptied(cell)
    clock = [MIDNIGHT]
    with following(cell, lambda: clock[0]) as follower:
        for taps, then in sets:
            record(cell, taps)
            clock[0] = max([clock[0], *(tap.ts + 60 * MINUTE for tap in taps)])
            if then > 3:
                assert follower.catch_up(PATIENCE_S)
        clock[0] = LATER
        assert follower.catch_up(PATIENCE_S)
    assert current(cell) == at_once
