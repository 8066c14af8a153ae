"""One test per rule: a good code, one thing changed, signed again with the right keys."""

import itertools

import pytest

from ridecode.code import RideCode, TestRoots, parse
from ridecode.core import Verdict
from tests.code import forge
from tests.code.cases import ACCEPTED, AT_INDEX, REFUSED, Case
from tests.code.world import verifier

JUDGED_BY_A_PLACE = 40


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.comment)
def test_a_good_code_is_accepted(case: Case) -> None:
    code = case.code()
    verified = verifier().verify(code, case.now)
    assert verified.verdict is Verdict.ACCEPTED
    assert isinstance(verified.code, RideCode)
    assert verified.code == parse(code)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.comment)
def test_one_change_gets_one_verdict(case: Case) -> None:
    assert verifier().verify(case.code(), case.now).verdict is case.verdict


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.comment)
def test_the_verdict_is_the_same_when_the_rest_is_remembered(case: Case) -> None:
    warm = verifier()
    for good in ACCEPTED[:2]:
        assert warm.verify(good.code(), good.now).verdict is Verdict.ACCEPTED
    assert warm.verify(case.code(), case.now).verdict is case.verdict
    assert warm.verify(case.code(), case.now).verdict is case.verdict


def test_every_verdict_on_trust_has_its_case() -> None:
    tried = {case.verdict for case in REFUSED} | {Verdict.ACCEPTED}
    assert tried == {verdict for verdict in Verdict if verdict < JUDGED_BY_A_PLACE}


PLAIN = [case for case in REFUSED if case.after is bytes]
assert all(case.now == forge.MADE for case in PLAIN)


def _signatures(case: Case) -> set[str]:
    """The numbers of the signatures at which a case changes key, user id or value."""
    numbers = {name.rpartition("_")[2] for name in case.changes}
    return numbers & {"13", "15", "17"}


def _both(one: Case, other: Case) -> Case | None:
    """Both faults in one code, where neither undoes the other."""
    together = one.changes | other.changes
    relabelled = together.get("field_1") == b"\x81" and any("id_" in name for name in together)
    if set(one.changes) & set(other.changes) or _signatures(one) & _signatures(other):
        return None
    if relabelled and _signatures(one) and _signatures(other):
        return None
    first = min(one, other, key=lambda case: case.verdict)
    return Case(f"{one.comment} + {other.comment}", first.verdict, "", together)


def test_of_two_faults_the_one_that_is_asked_for_first_is_told() -> None:
    """All pairs: the verdicts' numbers are the order of the checks."""
    judge, pairs, told = verifier(), 0, []
    for one, other in itertools.combinations(PLAIN, 2):
        case = _both(one, other)
        if case is None:
            continue
        pairs += 1
        verdict = judge.verify(case.code(), forge.MADE).verdict
        if verdict is not case.verdict:
            told.append(f"{case.comment}: {verdict.name}, not {case.verdict.name}")
    assert pairs > 1500
    assert not told, "\n".join(told)


def test_a_test_root_is_trusted_only_where_that_was_asked_for() -> None:
    code = forge.build(AT_INDEX["test"])
    assert verifier(TestRoots.ACCEPTED).verify(code, forge.MADE).verdict is Verdict.ACCEPTED
    assert verifier(TestRoots.REFUSED).verify(code, forge.MADE).verdict is Verdict.ROOT_IS_TEST


def test_what_was_judged_without_signatures_is_not_yet_accepted() -> None:
    """`examine` asks no key: only `prove` turns its ACCEPTED into a verdict."""
    judge = verifier()
    examined = judge.examine(forge.build({"key_17": forge.OTHER}), forge.MADE)
    assert examined.verdict is Verdict.ACCEPTED
    assert judge.prove(examined) is Verdict.USER_SIGNATURE
