"""Which taps stand: one case a row, and properties over any taps in any order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.city import Line, Stop
from ridecode.core import MICROS, Mode, Tap, TapSource, Words
from ridecode.rides import Reach, match, sift
from tests.rides.taps import MINUTE, NETWORK, RULES, at, tap

_NOBODY = Words(zh="无", en="none")
_DEGREE_M = 111_195
"""Of latitude."""
STOPS = {
    name: Stop(id=name, name=_NOBODY, lat=22.0 + metres / _DEGREE_M, lon=114.0)
    for name, metres in {"a": 0, "b": 1_000, "c": 3_000, "far": 20_000}.items()
}
"""On a line due north; at 30 km/h a kilometre takes two minutes, and clocks are 30 s apart."""
LINES = [
    Line(
        id=name, name=_NOBODY, number="1", mode=Mode.BUS, product="bus", operator="rail",
        colour="#000000", stops=stops, track_m=track_m, loop=False,
    )
    for name, stops, track_m in [("near", ("a", "b"), (1_000,)), ("off", ("far", "c"), (18_000,))]
]  # fmt: skip
REACH = Reach(STOPS, LINES, RULES.top_speed_kmh)


def tapped(texts: str) -> list[Tap]:
    """As `tap`, each by a reader of its own or '~' by the one before, with '#7' for a code made in
    second 7, '!' for the rider's word and '$' for a card company's file."""
    made: list[Tap] = []
    for number, text in enumerate(texts.split(","), 1):
        reader = made[-1].validator if text.endswith("~") else f"reader {number}"
        told, _, code = text.strip(" ~").partition("#")
        source = TapSource.VALIDATOR
        if told[-1] in "!$":
            source = TapSource.RIDER if told[-1] == "!" else TapSource.IMPORT
        one = tap(number, told.rstrip("!$"))
        made.append(replace(one, code_time=int(code or 0), source=source, validator=reader))
    return made


def said(taps: list[Tap]) -> str:
    """What is set aside, as 'tap WHY against'."""
    standing, aside = sift(sorted(taps, key=lambda one: (one.ts, one.tap_id)), RULES, REACH)
    assert len(standing) + len(aside) == len(taps)
    return "; ".join(f"{one.tap.tap_id.int} {one.why.name} {one.against.int}" for one in aside)


CASES = [
    ("one ride", "8:00 metro+a #1, 8:20 metro-b #2", ""),
    ("a screenshot at another gate", "8:00 metro+a #1, 8:01 metro+a #1", "2 SAME_CODE 1"),
    ("and at a third", "8:00 metro+a #1, 8:01 metro+a #1, 8:02 metro+a #1",
     "2 SAME_CODE 1; 3 SAME_CODE 1"),
    ("a reader tells it again", "8:00 metro+a #1, 8:01 metro+a #1~", "2 READ_AGAIN 1"),
    ("also a second reader",
     "8:00 metro+a #1, 8:01 metro+a #1, 8:02 metro+a #1~", "2 SAME_CODE 1; 3 READ_AGAIN 1"),
    ("and the first once more, after it",
     "8:00 metro+a #1, 8:00 metro+a #1~, 8:01 metro+a #1", "2 READ_AGAIN 1; 3 SAME_CODE 1"),
    ("no code is no code twice", "8:00 metro+a, 8:01 metro+a", ""),
    ("a companion refreshes", "8:00 bus. #1, 8:00 bus. #2", ""),
    ("a second code of the same gate", "8:00 metro+a #1, 8:00 metro+a #2", ""),
    ("far too soon", "8:00 metro+a #1, 8:05 metro+far #2", "2 TWO_PLACES 1"),
    ("just too soon: 40 min less 30 s", "8:00 metro+a, 8:39 metro+far", "2 TWO_PLACES 1"),
    ("just in time", "8:00 metro+a, 8:40 metro+far", ""),
    ("at one moment next door: 2 min", "8:00 metro+a, 8:00 metro+b", "2 TWO_PLACES 1"),
    ("a minute is within the clocks no more", "8:00 metro+a, 8:01 metro+b", "2 TWO_PLACES 1"),
    ("the clocks may be apart", "8:00 metro+a, 8:02 metro+b", ""),
    ("the clone does not stand, so it judges nobody",
     "8:00 metro+a, 8:05 metro+far, 8:10 metro-b", "2 TWO_PLACES 1"),
    ("nor does it use up a code",
     "8:00 metro+a #1, 8:05 metro+far #2, 8:10 metro-b #2", "2 TWO_PLACES 1"),
    ("the place is not known", "8:00 metro+a, 8:01 metro-z, 8:02 metro-far", "3 TWO_PLACES 1"),
    ("nor the line", "8:00 metro+a, 8:01 bus.@x, 8:02 metro-far", "3 TWO_PLACES 1"),
    ("a bus somewhere on its line", "8:00 metro+far, 8:05 bus.@near", "2 TWO_PLACES 1"),
    ("a bus that may be near", "8:00 metro+c, 8:05 bus.@off", ""),
    ("a bus between two stops far apart", "8:00 metro+b, 8:05 bus.@off", ""),
    ("a card is in one hand", "8:00 metro+a $, 8:01 metro+far $", ""),
    ("a card judges no code", "8:00 metro+a $, 8:01 metro+far", ""),
    ("the rider's word is judged", "8:00 metro+a, 8:05 metro-far!", "2 TWO_PLACES 1"),
    ("and judges nobody", "8:00 metro+a!, 8:01 metro-far", ""),
    ("nothing lasts across a long pause", "8:00 metro+a #1, 12:01 metro+a #1", ""),
    ("but up to it", "8:00 metro+a #1, 12:00 metro+a #1", "2 SAME_CODE 1"),
    ("taps between make the pause shorter",
     "8:00 metro+a #1, 11:00 metro+a #2, 14:00 metro+a #1", "3 SAME_CODE 1"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "told"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_is_set_aside(texts: str, told: str) -> None:
    assert said(tapped(texts)) == told


def test_of_one_moment_the_smaller_id_stands() -> None:
    one, other = tapped("8:00 metro+a #1, 8:00 metro+far #1")
    assert said([other, one]) == "2 SAME_CODE 1"


def test_a_straight_line_is_what_counts_and_the_way_back_is_as_long() -> None:
    assert REACH.soonest("a", "b") == REACH.soonest("b", "a")
    assert abs(REACH.soonest("a", "b") - 120 * MICROS) < MICROS
    assert REACH.soonest("a", "a") == 0
    assert REACH.longest >= REACH.soonest("a", "far")


def test_a_city_without_places_accuses_nobody() -> None:
    taps = tapped("8:00 metro+a, 8:00 metro+far")
    assert sift(taps, RULES, Reach({}, LINES, 30)) == (taps, [])


places = st.sampled_from(
    ["metro+a", "metro-b", "metro+far", "metro-z", "bus.@near", "bus.@off", "bus.@x", "metro-c"]
)


@st.composite
def some_taps(draw: st.DrawFn) -> list[Tap]:
    minute, made = 480, []
    for number in range(1, draw(st.integers(1, 14))):
        minute += draw(st.sampled_from([0, 0, 1, 2, 5, 39, 41, 240, 241]))
        made.append(
            replace(
                tap(number, f"0:0 {draw(places)}"), ts=minute * MINUTE,
                code_time=draw(st.integers(0, 4)), source=draw(st.sampled_from(TapSource)),
            )
        )  # fmt: skip
    return made


@given(some_taps(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(taps: list[Tap], dice: random.Random) -> None:
    """Whatever comes, in whatever order and however often, is a set of taps in the end."""
    shuffled = [*taps, *dice.choices(taps, k=3)] if taps else []
    dice.shuffle(shuffled)
    kept = {one.tap_id: one for one in shuffled}
    assert said(list(kept.values())) == said(taps)


@given(some_taps())
def test_every_tap_stands_or_is_set_aside_against_one_that_stands(taps: list[Tap]) -> None:
    standing, aside = sift(taps, RULES, REACH)
    ids = {one.tap_id for one in standing}
    assert sorted([*ids, *(one.tap.tap_id for one in aside)]) == [one.tap_id for one in taps]
    assert all(one.against in ids for one in aside)
    for session in sessions(taps):
        codes = [one.code_time for one in session if one.tap_id in ids and one.code_time]
        assert len(codes) == len(set(codes))


def sessions(taps: list[Tap]) -> list[list[Tap]]:
    """Parted by pauses across which nothing is remembered."""
    parts: list[list[Tap]] = []
    for one in taps:
        if not parts or one.ts - parts[-1][-1].ts > RULES.silence:
            parts.append([])
        parts[-1].append(one)
    return parts


@given(some_taps())
def test_what_stands_stands_again(taps: list[Tap]) -> None:
    standing, _ = sift(taps, RULES, REACH)
    assert sift(standing, RULES, REACH) == (standing, [])


@given(some_taps())
def test_a_session_alone_is_judged_as_within_the_whole(taps: list[Tap]) -> None:
    """Matching begins again behind a long pause, and must find there what it found before."""
    alone = [one for session in sessions(taps) for one in sift(session, RULES, REACH)[1]]
    assert alone == sift(taps, RULES, REACH)[1]


def test_matching_has_every_standing_tap_in_a_ride() -> None:
    taps = tapped("8:00 metro+a #1, 8:01 metro+a #1, 8:20 metro-c #2")
    standing, _ = sift(taps, RULES, REACH)
    (ride,) = match(standing, RULES, NETWORK, at("20:00"))
    assert (ride.entry_tap, ride.exit_tap) == (taps[0].tap_id, taps[2].tap_id)
