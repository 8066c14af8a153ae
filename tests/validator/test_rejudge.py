"""What other terms would have done to readings: nothing but the terms makes a difference."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from msgspec.structs import replace

from ridecode.core import Tap, Verdict
from ridecode.validator import (
    DenyList,
    Otherwise,
    Place,
    PlaceRules,
    Rejudged,
    Rules,
    Terms,
    decide,
    digest_of,
    rejudge,
)
from tests.validator.lane import (
    ACCOUNT,
    BUS,
    GATE,
    NOW,
    NOW_S,
    STALE,
    S,
    accepting,
    bundle,
    code,
    lane,
    rules,
    terms,
)

DAY: Final = 86_400 * S


def read(*readings: tuple[Place, bytes, int], **changed: Any) -> list[Tap]:
    """What one lane makes of codes shown so many seconds after `NOW`."""
    memory, judged = lane(), bundle(**changed)
    taps = []
    for place, data, after_s in readings:
        decision = decide(judged, memory, data, place, NOW + after_s * S)
        memory.keep(decision.remember)
        taps.append(decision.tap)
    return taps


def asked(taps: Sequence[Tap], after: Terms, before: Terms | None = None) -> Rejudged:
    return rejudge(before or terms(), after, taps, since=NOW - DAY, until=NOW + DAY)


def party(**changed: Any) -> Rules:
    return rules(places={(BUS.product, BUS.kind): PlaceRules(**changed)})


GOOD: Final = (BUS, code(), 0)
AGAIN: Final = (BUS, code(made_s=NOW_S + 100), 100)
"""Within 300 s of passing, and beyond the time of a party."""

CASES: Final[tuple[tuple[Any, ...], ...]] = (
    ("nothing but the moment", [GOOD], terms(active_from=NOW + DAY), (1, 1), []),
    ("shorter codes", [GOOD], terms(rules=rules(accepted=accepting(30))), (1, 0),
     [("ACCEPTED", "VALIDITY_NOT_ACCEPTED")]),
    ("an issuer goes", [GOOD], terms(rules=rules(accepted={})), (1, 0),
     [("ACCEPTED", "ISSUER_NOT_ACCEPTED")]),
    ("a root goes", [GOOD], terms(roots=()), (1, 0), [("ACCEPTED", "ROOT_UNKNOWN")]),
    ("a price above the code's limit", [GOOD], terms(single_fare={"bus": 10**6}), (1, 0),
     [("ACCEPTED", "LIMIT_EXCEEDED")]),
    ("one may come back sooner", [GOOD, AGAIN], terms(rules=party(passback_s=60)), (1, 2),
     [("PASSBACK", "ACCEPTED")]),
    ("the lane remembers by the terms",
     [GOOD, AGAIN, (BUS, code(made_s=NOW_S + 150), 150)], terms(rules=party(passback_s=60)), (1, 2),
     [("PASSBACK", "ACCEPTED")]),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_what_other_terms_would_have_done(case: tuple[Any, ...]) -> None:
    _, readings, after, passed, otherwise = case
    taps = read(*readings)
    told = asked(taps, after)
    assert (told.readings, told.lanes, told.digest) == (len(taps), 1, digest_of(after))
    assert (told.passed_before, told.passed_after) == passed
    assert told.otherwise == tuple(Otherwise("bus", before, now, 1) for before, now in otherwise)


def test_what_is_asked_before_is_what_the_lane_said() -> None:
    taps = read(GOOD, (BUS, code(), 1), AGAIN, (BUS, code()[:-1], 200), (GATE, code(), 201))
    told = asked(taps, terms())
    assert [tap.verdict.name for tap in taps] == [
        "ACCEPTED", "DEBOUNCED", "PASSBACK", "TOO_SHORT", "CODE_EXPIRED",
    ]  # fmt: skip
    assert (told.passed_before, told.passed_after, told.otherwise) == (1, 1, ())


def test_who_was_not_accepted_is_let_in_only_with_good_signatures() -> None:
    forged = code()[:-64] + bytes(64)
    unaccepted = {"rules": rules(accepted={})}
    taps = read(GOOD, (replace(BUS, vehicle="v8"), forged, 5), **unaccepted)
    assert {tap.verdict for tap in taps} == {Verdict.ISSUER_NOT_ACCEPTED}
    told = asked(taps, terms(), terms(**unaccepted))
    assert (told.passed_before, told.passed_after) == (0, 1)
    assert told.otherwise == (
        Otherwise("bus", "ISSUER_NOT_ACCEPTED", "ACCEPTED", 1),
        Otherwise("bus", "ISSUER_NOT_ACCEPTED", "USER_SIGNATURE", 1),
    )


@pytest.mark.parametrize("changed", [{"denied": DenyList([ACCOUNT])}, {"made": STALE - DAY}])
def test_what_hung_on_the_lane_counts_and_is_not_asked(changed: dict[str, Any]) -> None:
    (tap,) = read(GOOD, **changed)
    assert not tap.verdict.accepted
    told = asked([tap], terms(rules=rules(accepted={})))
    assert (told.readings, told.passed_before, told.passed_after, told.otherwise) == (1, 0, 0, ())


def test_each_lane_remembers_for_itself() -> None:
    other = replace(BUS, validator="r2")
    taps = [*read(GOOD), *read((other, code(), 1))]
    told = asked(taps, terms(active_from=NOW + 1))
    assert (told.lanes, told.passed_before, told.passed_after) == (2, 2, 2)


def test_the_digest_is_of_what_readers_judge_by() -> None:
    same = terms(active_from=NOW + DAY, tariff="bb")
    assert digest_of(same) == digest_of(terms())
    eager = terms(rules=rules(debounce_ms=1))
    others = (terms(), eager, terms(roots=()), terms(v1_keys=()), terms(single_fare={}))
    assert len({digest_of(one) for one in others}) == 5
