"""Order must not matter: a week of taps, shuffled, doubled, delayed and cut into sets between
which rides are matched and priced, ends in the rows of the week recorded at once."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.core import Tap
from ridecode.rides import journeys, set_aside
from ridecode.rides.stored import rides_of
from ridecode.store import Cell
from ridecode.taps import record
from tests.rides.city import (
    DAY,
    LATER,
    MIDNIGHT,
    emptied,
    in_one_pass,
    matched,
    rated,
    rows,
    settled,
)
from tests.rides.taps import MINUTE, tap

_PLACES = ["metro+a", "metro-b", "metro+b", "metro-c", "metro+", "metro-", "bus.", "bus.@m5"]
_PAUSES = [0, 1, 20, 29, 31, 59, 61, 89, 91, 179, 181, 239, 240, 241, 700, 1_500]
_CODES = [0, 0, 0, 1, 2, 3]
"""When a tap's code was made; 0 has none. The way from a to c takes 4 minutes and a half."""


@st.composite
def a_week(draw: st.DrawFn) -> list[Tap]:
    """Taps of three accounts over a week, with pauses around every limit."""
    made: list[Tap] = []
    for account in ("1", "2", "3"):
        minute = draw(st.integers(0, 3 * 1_440))
        steps = st.tuples(
            st.sampled_from(_PAUSES), st.sampled_from(_PLACES), st.integers(1, 3),
            st.sampled_from(_CODES),
        )  # fmt: skip
        for pause, place, account_type, code_time in draw(st.lists(steps, max_size=14)):
            minute += pause
            one = tap(len(made) + 1, f"0:0 {place}")
            made.append(
                replace(
                    one, city="shenzhen", account=account, account_type=account_type,
                    ts=MIDNIGHT + minute * MINUTE, code_time=code_time,
                )
            )  # fmt: skip
    return made


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Tap], list[tuple[list[Tap], int]]]:
    """A week, and how it comes in: sets of taps, some twice, each with what runs after it.

    0: nothing, 1: matching, 2: matching and rating, 3: as 2, at a moment at which rides are open,
    4: as 2, in one pass, 5: as 3, in one pass.
    """
    week = draw(a_week())
    again = draw(st.lists(st.sampled_from(week), max_size=6)) if week else []
    sent = draw(st.permutations(week + again))
    cuts = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    sets = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    return week, [(one, draw(st.integers(0, 5))) for one in sets]


def current(cell: Cell) -> tuple[list[tuple[object, ...]], ...]:
    return rows(cell, "rides"), rows(cell, "prices"), rows(cell, "set_aside")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries(), st.booleans())
def test_the_order_of_arrival_changes_no_ride_and_no_price(
    cell: Cell, delivered: tuple[list[Tap], list[tuple[list[Tap], int]]], in_the_end_at_once: bool
) -> None:
    week, sets = delivered
    emptied(cell)
    settled(cell, week)
    at_once = current(cell)

    emptied(cell)
    for taps, then in sets:
        record(cell, taps)
        early = max((t.ts for t in taps), default=LATER) + 60 * MINUTE
        now = early if then in (3, 5) else LATER
        if then > 3:
            in_one_pass(cell, now)
        elif then:
            matched(cell, now)
        if then in (2, 3):
            rated(cell, now=now)
    if in_the_end_at_once:
        in_one_pass(cell)
    else:
        matched(cell)
        rated(cell)

    assert current(cell) == at_once


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(a_week())
def test_doing_it_again_writes_nothing(cell: Cell, week: list[Tap]) -> None:
    emptied(cell)
    settled(cell, week)
    match_again, rate_again = matched(cell), rated(cell)
    assert (match_again.added, match_again.changed, match_again.removed) == (0, 0, 0)
    assert match_again.set_aside == 0
    assert (rate_again.rated, rate_again.added, rate_again.changed, rate_again.removed) == (
        0, 0, 0, 0,
    )  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(a_week())
def test_stored_rides_hold_every_standing_tap_once_and_journeys_hold_every_ride(
    cell: Cell, week: list[Tap]
) -> None:
    emptied(cell)
    settled(cell, week)
    rides = [one for account in ("1", "2", "3") for one in rides_of(cell, account, 100)]
    used = [t for one in rides for t in (one.entry_tap, one.exit_tap) if t is not None]
    aside = [one.tap_id for one in set_aside(cell, 100)]
    assert sorted([*used, *aside]) == sorted(one.tap_id for one in week)
    chained = [ride for journey in journeys(rides) for ride in journey.rides]
    assert sorted(chained) == sorted(one.ride_id for one in rides)
    assert all(one.start_ts < MIDNIGHT + 30 * DAY for one in rides)
