"""Fresh, stale, expired: each state with what passes in it, and what the rider is told."""

from typing import Final

import pytest
from msgspec.structs import replace

from ridecode.city import load_pack, shipped_packs
from ridecode.core import TapKind, Verdict, Words
from ridecode.validator import (
    Accept,
    Freshness,
    FreshnessRules,
    StateRules,
    decide,
    read_rules,
)
from tests.code import forge
from tests.validator.lane import BUS, GATE, NOW, S, bundle, code, lane, rules

_V = Verdict
HOUR: Final = 3_600 * S
DAY: Final = 24 * HOUR
RULES: Final = FreshnessRules(stale_s=6 * 3_600, expired_s=7 * 86_400)

AGES: Final = (
    (-HOUR, Freshness.FRESH), (0, Freshness.FRESH), (6 * HOUR, Freshness.FRESH),
    (6 * HOUR + 1, Freshness.STALE), (DAY, Freshness.STALE), (7 * DAY, Freshness.STALE),
    (7 * DAY + 1, Freshness.EXPIRED), (999 * DAY, Freshness.EXPIRED),
)  # fmt: skip


@pytest.mark.parametrize(("age", "state"), AGES)
def test_the_states_by_age(age: int, state: Freshness) -> None:
    assert RULES.state(NOW - age, NOW) is state


HOME, ABROAD = "01011000", "02002900"
"""The issuer of the codes at hand, at home here or in another city."""
AGE: Final = {Freshness.FRESH: HOUR, Freshness.STALE: DAY, Freshness.EXPIRED: 8 * DAY}
F, ST, E = Freshness.FRESH, Freshness.STALE, Freshness.EXPIRED
ALL, OWN, NONE = Accept.ALL, Accept.HOME, Accept.NONE

STATES: Final = (
    # state, who passes in it, the most of a ride, home, fare, verdict
    (F, NONE, 0, ABROAD, 2_000, _V.ACCEPTED),
    (ST, ALL, None, ABROAD, 2_000, _V.ACCEPTED),
    (ST, OWN, None, ABROAD, 100, _V.STALE_ISSUER),
    (ST, OWN, None, HOME, 2_000, _V.ACCEPTED),
    (ST, NONE, None, HOME, 100, _V.BUNDLE_EXPIRED),
    (ST, ALL, 500, HOME, 500, _V.ACCEPTED),
    (ST, ALL, 500, HOME, 501, _V.STALE_LIMIT),
    (ST, ALL, 500, ABROAD, 501, _V.STALE_LIMIT),
    (ST, ALL, 9_000, HOME, 2_001, _V.LIMIT_EXCEEDED),
    (E, NONE, None, HOME, 100, _V.BUNDLE_EXPIRED),
    (E, OWN, 200, HOME, 200, _V.ACCEPTED),
    (E, OWN, 200, HOME, 201, _V.STALE_LIMIT),
    (E, OWN, 200, ABROAD, 200, _V.STALE_ISSUER),
    (E, ALL, None, ABROAD, 2_000, _V.ACCEPTED),
)  # fmt: skip


@pytest.mark.parametrize(("state", "accept", "most", "home", "fare", "verdict"), STATES)
def test_what_passes_in_a_state(
    state: Freshness, accept: Accept, most: int | None, home: str, fare: int, verdict: Verdict
) -> None:
    in_state = StateRules(accept, most)
    judged = bundle(
        made=NOW - AGE[state],
        rules=rules(home=home, freshness=replace(RULES, stale=in_state, expired=in_state)),
        single_fare={"bus": fare},
    )
    assert decide(judged, lane(), code(), BUS, NOW).verdict is verdict


@pytest.mark.parametrize("state", Freshness)
def test_whoever_is_inside_gets_out(state: Freshness) -> None:
    closed = StateRules(Accept.NONE, 0)
    judged = bundle(
        made=NOW - AGE[state],
        rules=rules(home=ABROAD, freshness=replace(RULES, stale=closed, expired=closed)),
    )
    out = replace(GATE, kind=TapKind.EXIT)
    assert decide(judged, lane(), code(), out, NOW).verdict is Verdict.ACCEPTED
    forged = code({"key_17": forge.OTHER})
    assert decide(judged, lane(), forged, out, NOW).verdict is Verdict.USER_SIGNATURE


def test_the_v1_form_keeps_to_the_limit_of_a_state() -> None:
    stale = StateRules(Accept.ALL, 500)
    judged = bundle(
        made=NOW - DAY,
        rules=rules(freshness=replace(RULES, stale=stale)),
        single_fare={"bus": 501},
    )
    assert decide(judged, lane(), forge.build_v1(), BUS, NOW).verdict is Verdict.STALE_LIMIT


@pytest.mark.parametrize("city", shipped_packs())
def test_a_day_without_network_is_stale_and_open_in_every_shipped_city(city: str) -> None:
    pack = load_pack(city)
    read = read_rules(pack).freshness
    assert read.state(NOW - DAY, NOW) is Freshness.STALE
    assert read.at(Freshness.STALE).accept is not Accept.NONE
    assert read.at(Freshness.EXPIRED).accept is Accept.NONE


OWN_WORDS: Final = Words("请走三号口。", "Use gate 3.")


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        (_V.BUNDLE_EXPIRED, E, OWN_WORDS),
        (_V.STALE_ISSUER, E, OWN_WORDS),
        (_V.STALE_LIMIT, E, OWN_WORDS),
        (_V.STALE_LIMIT, ST, _V.STALE_LIMIT.words),
        (_V.DENIED, E, _V.DENIED.words),
        (_V.ACCEPTED, E, _V.ACCEPTED.words),
    ],
)
def test_a_rider_is_told_in_the_city_s_own_words(
    verdict: Verdict, state: Freshness, words: Words
) -> None:
    own = replace(RULES, expired=StateRules(Accept.NONE, words=OWN_WORDS))
    assert own.words(verdict, state) == words
