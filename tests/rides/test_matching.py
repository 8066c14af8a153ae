"""The matching rule, sentence by sentence: taps as written, rides as worked out by hand."""

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import Ride, RideState, Tap
from ridecode.rides import journeys, match
from ridecode.rides.sessions import session_start
from tests.rides.taps import HOUR, MINUTE, NETWORK, RULES, at, tap, taps

LATE = at("99:00")
"""A `now` by which no entry can still be open."""


def named(cases: list[tuple[object, ...]]) -> list[object]:
    """Cases whose first column is their name."""
    return [pytest.param(*values, id=str(name)) for name, *values in cases]


def told(rides: tuple[Ride, ...]) -> str:
    """Rides as 'first tap:state[entry>exit] metres', parted by semicolons."""
    return "; ".join(
        f"{ride.ride_id.int}:{ride.state.name}"
        f"[{ride.entry_tap.int if ride.entry_tap else ''}>"
        f"{ride.exit_tap.int if ride.exit_tap else ''}]"
        + (f" {ride.distance_m}m" if ride.distance_m is not None else "")
        for ride in rides
    )


CASES: list[tuple[object, ...]] = [
    ("nothing", "", LATE, ""),
    ("1 a single tap", "8:00 bus.", LATE, "1:COMPLETE[1>]"),
    ("4 in and out", "8:00 metro+a, 8:20 metro-c", LATE, "1:COMPLETE[1>2] 3000m"),
    ("4 back and forth in one station", "8:00 metro+a, 8:01 metro-a", LATE, "1:COMPLETE[1>2] 0m"),
    (
        "1 a bus in between does not disturb",
        "8:00 metro+a, 8:10 bus., 8:20 metro-b",
        LATE,
        "1:COMPLETE[1>3] 1000m; 2:COMPLETE[2>]",
    ),
    (
        "2 each product waits for its own exit",
        "8:00 metro+a, 8:10 tram+b, 8:20 metro-b, 8:30 tram-d",
        LATE,
        "1:COMPLETE[1>3] 1000m; 2:COMPLETE[2>4] 500m",
    ),
    (
        "3 an entry after an entry",
        "8:00 metro+a, 8:30 metro+b, 8:50 metro-c",
        LATE,
        "1:MISSING_EXIT[1>]; 2:COMPLETE[2>3] 2000m",
    ),
    (
        "4 to the second at the overtime limit",
        "8:00 metro+a, 11:00 metro-b",
        LATE,
        "1:COMPLETE[1>2] 1000m",
    ),
    (
        "4 a minute over it",
        "8:00 metro+a, 11:01 metro-b",
        LATE,
        "1:OVERTIME[1>2] 1000m",
    ),
    (
        "4 at the pairing limit",
        "8:00 metro+a, 12:00 metro-b",
        LATE,
        "1:OVERTIME[1>2] 1000m",
    ),
    (
        "5 a minute over it",
        "8:00 metro+a, 12:01 metro-b",
        LATE,
        "1:MISSING_EXIT[1>]; 2:MISSING_ENTRY[>2]",
    ),
    ("6 an exit alone", "8:00 metro-a", LATE, "1:MISSING_ENTRY[>1]"),
    (
        "6 an exit after an exit",
        "8:00 metro+a, 8:20 metro-b, 8:40 metro-c",
        LATE,
        "1:COMPLETE[1>2] 1000m; 3:MISSING_ENTRY[>3]",
    ),
    ("7 an entry that waits", "8:00 metro+a", at("12:00"), "1:OPEN[1>]"),
    ("7 an entry that waited too long", "8:00 metro+a", at("12:01"), "1:MISSING_EXIT[1>]"),
    (
        "3 before 7: superseded while it could still be open",
        "8:00 metro+a, 8:30 metro+b",
        at("8:31"),
        "1:MISSING_EXIT[1>]; 2:OPEN[2>]",
    ),
    ("8 a stop that is not named", "8:00 metro+a, 8:20 metro-", LATE, "1:UNKNOWN_STOP[1>2]"),
    ("8 a stop of another product", "8:00 metro+a, 8:20 metro-d", LATE, "1:UNKNOWN_STOP[1>2]"),
    ("8 before overtime", "8:00 metro+a, 11:30 metro-", LATE, "1:UNKNOWN_STOP[1>2]"),
]


@pytest.mark.parametrize(("texts", "now", "expected"), named(CASES))
def test_the_rule(texts: str, now: int, expected: str) -> None:
    """One row a sentence of the rule, one on each side of every limit."""
    given_taps = taps(texts) if texts else []
    assert told(match(given_taps, RULES, NETWORK, now)) == expected


JOURNEYS: list[tuple[object, ...]] = [
    ("9 metro to bus at the limit", "8:00 metro+a, 8:20 metro-b, 9:50 bus.", "1+0 1+1"),
    ("9 a minute over it", "8:00 metro+a, 8:20 metro-b, 9:51 bus.", "1+0 3+0"),
    ("9 bus to metro has its own window", "8:00 bus., 9:00 metro+a, 9:20 metro-b", "1+0 1+1"),
    ("9 a minute over that", "8:00 bus., 9:01 metro+a, 9:20 metro-b", "1+0 2+0"),
    (
        "9 three rides in a chain",
        "8:00 bus., 8:30 metro+a, 8:50 metro-b, 9:00 bus.",
        "1+0 1+1 1+2",
    ),
    (
        "9 the metro again is no transfer",
        "8:00 metro+a, 8:20 metro-b, 8:30 metro+b, 8:50 metro-c",
        "1+0 3+0",
    ),
    ("9 another bus line", "8:00 bus.@m5, 8:30 bus.@m6", "1+0 1+1"),
    ("9 the same bus line again", "8:00 bus.@m5, 8:30 bus.@m5", "1+0 2+0"),
    ("9 no pair in the pack", "8:00 bus., 8:10 tram+b, 8:20 tram-d", "1+0 2+0"),
    (
        "9 a ride that began inside another one",
        "8:00 metro+a, 8:10 bus., 8:20 metro-b",
        "1+0 2+0",
    ),
    ("10 nobody knows when it ended", "8:00 metro+a, 8:30 bus.", "1+0 2+0"),
    ("10 nobody knows when it began", "8:00 bus., 8:30 metro-b", "1+0 2+0"),
    ("10 but its end is known", "8:00 metro-b, 8:10 bus.", "1+0 1+1"),
    ("8 an unknown stop has both times", "8:00 metro+a, 8:20 metro-, 8:30 bus.", "1+0 1+1"),
]


@pytest.mark.parametrize(("texts", "expected"), named(JOURNEYS))
def test_transfers(texts: str, expected: str) -> None:
    """Each ride as 'first ride of its journey+leg'."""
    rides = match(taps(texts), RULES, NETWORK, LATE)
    assert " ".join(f"{ride.journey_id.int}+{ride.leg}" for ride in rides) == expected


def test_journeys_name_their_rides_and_span_them() -> None:
    rides = match(taps("8:00 bus., 8:30 metro+a, 8:50 metro-b, 12:00 bus."), RULES, NETWORK, LATE)
    first, second = journeys(rides)
    assert [ride.int for ride in first.rides] == [1, 2]
    assert (first.started, first.ended) == (at("8:00"), at("8:50"))
    assert (second.journey_id.int, second.started, second.ended) == (4, at("12:00"), at("12:00"))


def test_a_missing_tap_may_be_supplied_for_a_day_and_nothing_else_has_a_remedy() -> None:
    texts = "8:00 metro+a, 13:00 metro-b, 13:30 bus., 14:00 metro+a, 14:20 metro-b, 15:00 metro+a"
    rides = match(taps(texts), RULES, NETWORK, at("15:01"))
    assert [(ride.state.name, ride.remedy_until) for ride in rides] == [
        ("MISSING_EXIT", at("32:00")),
        ("MISSING_ENTRY", at("37:00")),
        ("COMPLETE", None),
        ("COMPLETE", None),
        ("OPEN", None),
    ]


def test_a_ride_takes_what_it_is_from_its_first_tap() -> None:
    """A change of class between entry and exit does not reach back."""
    entry, exit_ = taps("8:00 metro+a@m1, 8:20 metro-b@m2")
    exit_ = msgspec.structs.replace(exit_, account_type=3)
    (ride,) = match([entry, exit_], RULES, NETWORK, LATE)
    assert (ride.account_type, ride.line, ride.entry_stop, ride.exit_stop) == (1, "m1", "a", "b")
    assert (ride.start_ts, ride.end_ts) == (at("8:00"), at("8:20"))


def test_taps_of_one_moment_are_ordered_by_their_ids() -> None:
    """Whatever the order of arrival, the one with the lower id comes first."""
    entry, exit_ = tap(1, "8:00 metro+a"), tap(2, "8:00 metro-b")
    answers = {
        told(match(sorted(order, key=lambda t: (t.ts, t.tap_id)), RULES, NETWORK, LATE))
        for order in permutations([entry, exit_])
    }
    assert answers == {"1:COMPLETE[1>2] 1000m"}


@st.composite
def any_taps(draw: st.DrawFn) -> list[Tap]:
    """An account's taps in order: three products, several days, pauses around every limit."""
    pauses = st.sampled_from([0, 1, 29, 30, 31, 60, 61, 90, 91, 179, 180, 181, 240, 241, 900])
    places = st.sampled_from(
        ["metro+a", "metro-b", "metro-c", "metro-", "metro+", "tram+b", "tram-d", "bus.", "bus.@m5"]
    )
    minute, made = 0, []
    for number, (pause, place) in enumerate(draw(st.lists(st.tuples(pauses, places), max_size=30))):
        minute += pause
        made.append(tap(number + 1, f"{minute // 60}:{minute % 60} {place}"))
    return made


@given(any_taps())
def test_every_accepted_tap_is_in_exactly_one_ride(given_taps: list[Tap]) -> None:
    rides = match(given_taps, RULES, NETWORK, LATE)
    used = [t for ride in rides for t in (ride.entry_tap, ride.exit_tap) if t is not None]
    assert sorted(used) == sorted(t.tap_id for t in given_taps)
    assert len({ride.ride_id for ride in rides}) == len(rides)


@given(any_taps())
def test_rides_come_in_order_and_states_are_what_they_say(given_taps: list[Tap]) -> None:
    rides = match(given_taps, RULES, NETWORK, LATE)
    assert [(r.start_ts, r.ride_id) for r in rides] == sorted(
        (r.start_ts, r.ride_id) for r in rides
    )
    for ride in rides:
        both = ride.entry_ts is not None and ride.exit_ts is not None
        lacking = (RideState.OPEN, RideState.MISSING_EXIT, RideState.MISSING_ENTRY)
        assert both == (ride.state not in lacking)


@given(any_taps(), st.data())
def test_a_long_pause_parts_what_is_matched(given_taps: list[Tap], data: st.DataObject) -> None:
    """Matching again from the last long pause before a tap gives the tail of matching it all."""
    if not given_taps:
        return
    since = data.draw(st.sampled_from(given_taps)).ts
    read_from = given_taps[0].ts - RULES.silence - 1
    start = session_start([t.ts for t in given_taps], read_from, since, RULES.silence)
    assert start is not None and start <= since
    whole = match(given_taps, RULES, NETWORK, LATE)
    tail = match([t for t in given_taps if t.ts >= start], RULES, NETWORK, LATE)
    assert tail == tuple(ride for ride in whole if ride.start_ts >= start)


STARTS: list[tuple[object, ...]] = [
    ("a pause of exactly the silence parts nothing", [0, 240], 240, None),
    ("a minute more parts", [0, 241], 241, 241 * MINUTE),
    ("a later pause does not count", [0, 241, 600], 241, 241 * MINUTE),
    ("the latest one before it counts", [0, 241, 600, 610], 610, 600 * MINUTE),
]


@pytest.mark.parametrize(("minutes", "since", "start"), named(STARTS))
def test_where_matching_begins_again(minutes: list[int], since: int, start: int | None) -> None:
    """Read from minute 0 on, so that a pause before it cannot be known."""
    times = [minute * MINUTE for minute in minutes]
    assert session_start(times, 0, since * MINUTE, 4 * HOUR) == start
