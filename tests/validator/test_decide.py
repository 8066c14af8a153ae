"""Each rule of the judgement at its edges, then all pairs of faults, then what the tap says."""

import itertools
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.code import RideCode, Verifier, parse
from ridecode.core import Mode, TapKind, TapSource, Verdict
from ridecode.validator import DenyList, Passed, PlaceRules, decide
from tests.code import forge
from tests.code.cases import ACCEPTED as GOOD
from tests.code.cases import REFUSED, Case
from tests.code.world import verifier
from tests.validator.faults import EDGES, FAULTS, HERE, SELF, Fault
from tests.validator.lane import (
    ACCOUNT,
    BUS,
    CLOCK,
    GATE,
    NOW,
    NOW_S,
    ORIGIN,
    S,
    bundle,
    code,
    lane,
    name,
    passed,
    rules,
)

_V = Verdict


@pytest.mark.parametrize("fault", (*FAULTS, *EDGES), ids=lambda fault: fault.comment)
def test_one_change_gets_one_verdict(fault: Fault) -> None:
    assert fault.verdict_at() is fault.verdict


def test_every_verdict_of_a_place_has_its_case() -> None:
    assert {fault.verdict for fault in FAULTS} == {v for v in Verdict if v >= 40}


ORDER: Final = (
    (_V.ISSUER_NOT_ACCEPTED,),
    (_V.ACCOUNT_NOT_OF_ISSUER,),
    (_V.STALE_ISSUER,),
    (_V.VALIDITY_NOT_ACCEPTED,),
    (_V.CERTIFICATE_SIGNATURE, _V.AUTHORISATION_SIGNATURE, _V.USER_KEY_MALFORMED,
     _V.USER_SIGNATURE),
    (_V.DENIED,),
    (_V.LIMIT_EXCEEDED,),
    (_V.STALE_LIMIT,),
    (_V.DEBOUNCED,),
    (_V.SAME_CODE,),
    (_V.CODE_TIME_BACKWARDS,),
    (_V.PASSBACK, _V.COMPANION_NOT_ALLOWED),
)  # fmt: skip
"""Steps 4 to 12. Before them stand the clock, the early debounce, and trust without signatures."""
LAPSED: Final = {_V.CERTIFICATE_EXPIRED, _V.ROOT_EXPIRED, _V.AUTHORISATION_EXPIRED, _V.CODE_EXPIRED}
"""Faults that a code may have now and not have had when it was accepted."""
TRUST: Final = [
    Fault(case.comment, case.verdict, dict(case.changes)) for case in REFUSED if case.after is bytes
]


def _step(fault: Fault) -> int:
    if fault.verdict is Verdict.CLOCK_UNTRUSTED:
        return -4
    if fault.verdict is Verdict.BUNDLE_EXPIRED:
        return -3
    if fault.early:
        return -2
    return next((at for at, step in enumerate(ORDER) if fault.verdict in step), -1)


def _both(one: Fault, other: Fault) -> Fault | None:
    """Both faults in one reading, where they do not exclude each other."""
    for mine, others in (
        (one.code, other.code),
        (one.bundle, other.bundle),
        (one.last, other.last),
        (one.lane, other.lane),
    ):
        if any(mine[key] != others[key] for key in mine.keys() & others.keys()):
            return None
    remembered = SELF in (one.last.get("code"), other.last.get("code"))
    if remembered and any(f.verdict < 40 and f.verdict not in LAPSED for f in (one, other)):
        return None
    first = min(one, other, key=_step)
    return Fault(
        f"{one.comment} + {other.comment}", first.verdict, one.code | other.code,
        one.bundle | other.bundle, one.last | other.last, one.lane | other.lane,
    )  # fmt: skip


def test_of_two_faults_the_one_that_is_asked_for_first_is_told() -> None:
    """All pairs of a place's faults with one another and with those of trust."""
    pairs, told = 0, []
    for one, other in (*itertools.combinations(FAULTS, 2), *itertools.product(FAULTS, TRUST)):
        both = _both(one, other)
        if both is None or (one.verdict is other.verdict and _step(one) == _step(other)):
            continue
        pairs += 1
        verdict = both.verdict_at()
        if verdict is not both.verdict:
            told.append(f"{both.comment}: {verdict.name}, not {both.verdict.name}")
    assert pairs > 1_000
    assert not told, "\n".join(told)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.comment)
def test_a_verdict_of_trust_is_that_of_the_verifier(case: Case) -> None:
    read, now = case.code(), case.now * S
    decision = decide(bundle(), lane(), read, BUS, now)
    assert decision.verdict is case.verdict
    assert decision.remember == ()


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.comment)
def test_a_good_code_of_an_accepted_origin_passes(case: Case) -> None:
    read = parse(case.code())
    assert isinstance(read, RideCode)
    judged = bundle(
        rules=rules(accepted={(read.issuer, read.platform, read.version): 1_200}),
        single_fare={},
    )
    assert decide(judged, lane(), read.raw, BUS, case.now * S).verdict is Verdict.ACCEPTED


def test_an_outdated_code_under_a_bad_certificate_is_told_as_the_verifier_tells_it() -> None:
    read = code({"key_13": forge.OTHER}, made_s=NOW_S - 61)
    assert verifier().verify(read, NOW_S).verdict is Verdict.CERTIFICATE_SIGNATURE
    assert decide(bundle(), lane(), read, BUS, NOW).verdict is Verdict.CERTIFICATE_SIGNATURE


WHOLE: Final = forge.build({"field_14": b"custom"})
WHOLE_V1: Final = forge.build_v1()


def _changed(read: bytes, at: int, by: bytes) -> bytes:
    at %= len(read)
    return read[:at] + by + read[at + len(by) :]


ANY_BYTES = st.one_of(
    st.binary(max_size=700),
    st.builds(
        _changed, st.sampled_from([WHOLE, WHOLE_V1]), st.integers(0, 400), st.binary(max_size=4)
    ),
    st.builds(lambda cut: WHOLE[:cut], st.integers(0, len(WHOLE))),
)


@settings(max_examples=400)
@given(ANY_BYTES)
def test_whatever_is_read_becomes_one_verdict_and_one_tap(read: bytes) -> None:
    decision = decide(bundle(), lane(), read, BUS, NOW)
    trusted = verifier().verify(read, NOW_S).verdict
    if decision.verdict < Verdict.CLOCK_UNTRUSTED:
        assert decision.verdict is trusted
    else:
        # What asks no signature is told before them.
        assert decision.verdict in (
            _V.ISSUER_NOT_ACCEPTED, _V.ACCOUNT_NOT_OF_ISSUER, _V.VALIDITY_NOT_ACCEPTED,
        )  # fmt: skip
    assert decision.tap.verdict is decision.verdict
    assert decision.tap.code == read[:512]
    assert bool(decision.remember) is decision.verdict.accepted


def test_a_forger_learns_nothing_about_an_account() -> None:
    """Whether it is denied or has passed is told only to a code whose signatures are good."""
    forged = code({"key_17": forge.OTHER})
    known = lane(passed(ts=NOW - 1 * S, made_s=NOW_S + 5))
    denying = bundle(denied=DenyList([ACCOUNT]))
    for judged, memory in ((bundle(), lane()), (bundle(), known), (denying, lane())):
        assert decide(judged, memory, forged, BUS, NOW).verdict is Verdict.USER_SIGNATURE


def test_the_unsigned_format_byte_makes_no_other_code() -> None:
    memory, first = lane(), code()
    memory.keep(decide(bundle(), memory, first, BUS, NOW).remember)
    changed = first[:-65] + b"\xee" + first[-64:]
    assert decide(bundle(), memory, changed, BUS, NOW + S).verdict is Verdict.DEBOUNCED
    assert decide(bundle(), memory, changed, BUS, NOW + 2 * S).verdict is Verdict.SAME_CODE


def test_a_code_that_was_just_accepted_is_told_apart_without_a_signature() -> None:
    """Shown twice, an accepted code asks no key: the verifier of this bundle has none left."""
    memory, read = lane(), code()
    memory.keep(decide(bundle(), memory, read, BUS, NOW).remember)
    judged = bundle()
    vars(judged)["verifier"] = _Keyless(judged.roots)
    assert decide(judged, memory, read, BUS, NOW + S).verdict is Verdict.DEBOUNCED
    assert decide(judged, memory, read, BUS, NOW + 2 * S).verdict is Verdict.SAME_CODE


class _Keyless(Verifier):
    def prove(self, examined: object) -> Verdict:
        raise AssertionError("a signature was asked for")


def test_a_gate_that_opened_says_nothing_new_when_the_code_expires() -> None:
    memory, read = lane(), code(made_s=NOW_S - 60)
    opened = decide(bundle(), memory, read, BUS, NOW + S - 1)
    assert opened.verdict is Verdict.ACCEPTED
    memory.keep(opened.remember)
    assert decide(bundle(), memory, read, BUS, NOW + S).verdict is Verdict.DEBOUNCED
    assert decide(bundle(), memory, read, BUS, NOW + 3 * S).verdict is Verdict.CODE_EXPIRED


def test_a_party_pays_with_a_new_code_each() -> None:
    memory, told = lane(), []
    for second in (0, 1, 3, 6, 9, 70, 400):
        decision = decide(bundle(), memory, code(made_s=NOW_S + second), BUS, NOW + second * S)
        memory.keep(decision.remember)
        told.append(decision.verdict)
    assert told == [
        _V.ACCEPTED, _V.DEBOUNCED, _V.ACCEPTED, _V.ACCEPTED, _V.COMPANION_NOT_ALLOWED,
        _V.PASSBACK, _V.ACCEPTED,
    ]  # fmt: skip


AT_A_GATE: Final = (
    (_V.DEBOUNCED, 1_999_999), (_V.COMPANION_NOT_ALLOWED, 2 * S),
    (_V.COMPANION_NOT_ALLOWED, 10 * S - 1), (_V.PASSBACK, 10 * S), (_V.PASSBACK, 60 * S - 1),
    (_V.ACCEPTED, 60 * S),
)  # fmt: skip


@pytest.mark.parametrize(("verdict", "after"), AT_A_GATE)
def test_a_gate_without_a_table_keeps_to_one_person_one_code(verdict: Verdict, after: int) -> None:
    """Ten seconds for a companion and a minute for coming back, where the pack says nothing."""
    memory = lane(passed(**HERE, ts=NOW - after, spot="a", kind=TapKind.ENTRY))
    assert decide(bundle(), memory, code(), GATE, NOW).verdict is verdict


LIMITS: Final = (
    (TapKind.ENTRY, 2_001, Verdict.LIMIT_EXCEEDED),
    (TapKind.ENTRY, 2_000, Verdict.ACCEPTED),
    (TapKind.ENTRY, None, Verdict.ACCEPTED),
    (TapKind.EXIT, 2_001, Verdict.ACCEPTED),
    (TapKind.SINGLE, 2_001, Verdict.LIMIT_EXCEEDED),
)


@pytest.mark.parametrize(("kind", "fare_most", "verdict"), LIMITS)
def test_the_limit_covers_the_place_s_own_maximum(
    kind: TapKind, fare_most: int | None, verdict: Verdict
) -> None:
    judged = bundle(rules=rules(places={("metro", kind): PlaceRules(fare_most=fare_most)}))
    assert decide(judged, lane(), code(), replace(GATE, kind=kind), NOW).verdict is verdict


def test_a_known_flat_price_stands_before_the_place_s_maximum() -> None:
    places = {("bus", TapKind.SINGLE): PlaceRules(fare_most=9_999)}
    judged = bundle(rules=rules(places=places))
    assert decide(judged, lane(), code(), BUS, NOW).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("fault", (*FAULTS, *EDGES), ids=lambda fault: fault.comment)
def test_no_verdict_hangs_on_the_mode(fault: Fault, mode: Mode) -> None:
    assert fault.verdict_at(replace(BUS, mode=mode)) is fault.verdict


def test_a_flat_price_is_asked_only_where_one_reading_is_the_whole_ride() -> None:
    judged = bundle(single_fare={"metro": 9_999})
    assert decide(judged, lane(), code(), GATE, NOW).verdict is Verdict.ACCEPTED


def test_a_used_code_is_told_as_used_also_after_a_newer_one() -> None:
    memory, first = lane(), code()
    memory.keep(decide(bundle(), memory, first, BUS, NOW).remember)
    second = code(made_s=NOW_S + 5)
    memory.keep(decide(bundle(), memory, second, BUS, NOW + 5 * S).remember)
    unused = code(made_s=NOW_S + 4)
    assert decide(bundle(), memory, first, BUS, NOW + 9 * S).verdict is Verdict.SAME_CODE
    assert decide(bundle(), memory, unused, BUS, NOW + 9 * S).verdict is _V.CODE_TIME_BACKWARDS


def test_an_accepted_v1_code_is_judged_like_the_rest() -> None:
    memory, read = lane(), forge.build_v1()
    first = decide(bundle(), memory, read, BUS, NOW)
    memory.keep(first.remember)
    relabelled = b"\xff" + read[1:]
    assert first.verdict is Verdict.ACCEPTED
    assert (first.tap.account, first.tap.account_type, first.tap.code_time) == (ACCOUNT, 0, NOW_S)
    assert decide(bundle(), memory, relabelled, BUS, NOW + 2 * S).verdict is Verdict.SAME_CODE


def test_the_issuer_of_a_v1_code_is_that_of_its_key() -> None:
    others = bundle(rules=rules(iins={"01011000": "31051701"}))
    assert decide(others, lane(), forge.build_v1(), BUS, NOW).verdict is _V.ACCOUNT_NOT_OF_ISSUER


def test_a_v1_code_is_accepted_as_v1_whatever_its_unsigned_version_says() -> None:
    read = b"\x80" + forge.build_v1()[1:]
    new_form_only = bundle(rules=rules(accepted={ORIGIN: 60, ("01011000", "", 0x80): 60}))
    assert decide(bundle(), lane(), read, BUS, NOW).verdict is Verdict.ACCEPTED
    assert decide(new_form_only, lane(), read, BUS, NOW).verdict is Verdict.ISSUER_NOT_ACCEPTED


def test_an_accepted_reading_is_a_tap_and_is_remembered() -> None:
    read = code({"field_8": b"\x03", "field_14": b"custom"}, made_s=NOW_S - 7)
    decision = decide(bundle(), lane(), read, BUS, NOW)
    tap = decision.tap
    assert tap.verdict is decision.verdict is Verdict.ACCEPTED
    assert (tap.city, tap.account, tap.account_type) == ("tiny", ACCOUNT, 3)
    assert (tap.ts, tap.kind, tap.mode, tap.product) == (NOW, TapKind.SINGLE, Mode.BUS, "bus")
    assert (tap.operator, tap.line, tap.stop) == ("east", "b1", "a")
    assert (tap.validator, tap.vehicle, tap.source) == ("r1", "v7", TapSource.VALIDATOR)
    assert (tap.code, tap.code_time) == (read, NOW_S - 7)
    # 1,200 s and the last second after 16, then the minute that a clock may stand behind.
    until = NOW + (-7 + 1_200 + 1 + 60) * S
    assert decision.remember == (
        Passed(ACCOUNT, name(read), NOW_S - 7, NOW, "v7", TapKind.SINGLE, 0, until),
    )


def test_what_passes_last_is_remembered_for_as_long_as_passing_back_is_refused() -> None:
    places = {("bus", TapKind.SINGLE): PlaceRules(passback_s=7_200)}
    judged = bundle(rules=rules(places=places))
    (remembered,) = decide(judged, lane(), code(), BUS, NOW).remember
    assert isinstance(remembered, Passed)
    assert remembered.until == NOW + (7_200 + 60) * S


UNREADABLE: Final = (
    b"", b"\x00", b"6212345678901234567", b"TX1234567890", b"\x80" * 331, b"\xff" * 4_000,
    forge.build({"field_5": b"\xaa" * 10}),
    forge.build({"field_13": b"\x07", "field_14": bytes(8)}),
)  # fmt: skip


@pytest.mark.parametrize("read", UNREADABLE)
def test_an_unreadable_code_is_a_tap_without_account(read: bytes) -> None:
    decision = decide(bundle(), lane(), read, BUS, NOW)
    tap = decision.tap
    assert tap.verdict is decision.verdict
    assert not decision.verdict.accepted
    assert (tap.account, tap.account_type, tap.code_time) == ("", 0, 0)
    assert tap.code == read[:512]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.comment)
def test_a_refused_reading_is_a_tap_with_its_reason_and_leaves_no_memory(fault: Fault) -> None:
    judged, memory, read = fault.situation()
    decision = decide(judged, memory, read, BUS, NOW)
    assert decision.remember == ()
    assert (decision.tap.verdict, decision.tap.account) == (fault.verdict, ACCOUNT)
    assert (decision.tap.code, decision.tap.code_time) == (read, NOW_S)


@pytest.mark.parametrize("case", GOOD[:6], ids=lambda case: case.comment)
def test_the_same_arguments_give_the_same_decision(case: Case) -> None:
    judged, memory, read = bundle(), lane(), case.code()
    assert decide(judged, memory, read, BUS, NOW) == decide(judged, memory, read, BUS, NOW)


def test_ids_differ_with_moment_place_direction_and_code() -> None:
    judged, memory, read = bundle(), lane(), code()
    readings = [
        (judged, read, BUS, NOW),
        (judged, read, BUS, NOW + 1),
        (judged, read, replace(BUS, validator="r2"), NOW),
        (judged, read, replace(BUS, kind=TapKind.EXIT), NOW),
        (judged, read[:-1] + bytes((read[-1] ^ 1,)), BUS, NOW),
        (bundle(city="other"), read, BUS, NOW),
        (judged, b"\xff" * 600, BUS, NOW),
        (judged, b"\xff" * 601, BUS, NOW),
    ]
    ids = {decide(b, memory, data, place, now).tap.tap_id for b, data, place, now in readings}
    assert len(ids) == len(readings)


def test_the_clock_rules_are_those_of_the_bundle() -> None:
    strict = rules(clock=replace(CLOCK, back_s_most=0))
    memory = lane(passed(account="3105170000000000009", ts=NOW + 1))
    assert decide(bundle(), memory, code(), BUS, NOW).verdict is Verdict.ACCEPTED
    verdict = decide(bundle(rules=strict), memory, code(), BUS, NOW).verdict
    assert verdict is Verdict.CLOCK_UNTRUSTED
