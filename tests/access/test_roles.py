"""The table of roles, and the judgement on it, case by case."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.access import (
    ABOUT_RIDERS,
    NOTHING,
    RECORDED,
    ROLES,
    VISITOR,
    WHOLE_CITY,
    About,
    Because,
    Grant,
    Purpose,
    Right,
    Role,
    Subject,
    Verdict,
    Who,
    judge,
)

RIDER, OTHER = "3104870400000000001", "3104870400000000002"
HERS = Subject(About.RIDER, RIDER, operator="shenzhen-metro", platform="tencent")
NOT_THERE = Subject(About.RIDER)
ELSEWHERE = replace(HERS, by_others=True)
"""A contract of hers outside the wallet."""
LINES = Subject(About.FILE, "17:1-50")
WHY = Because(Purpose.COMPLAINT, "lost property")

RIDER_ = Grant(Role.RIDER, RIDER)
ANOTHER = Grant(Role.RIDER, OTHER)
METRO = Grant(Role.OPERATOR, "shenzhen-metro")
BUS = Grant(Role.OPERATOR, "shenzhen-bus")
CARD = Grant(Role.CARD_COMPANY)
AUDITOR = Grant(Role.AUDITOR)
TENCENT = Grant(Role.PLATFORM, "tencent")
ALIPAY = Grant(Role.PLATFORM, "alipay")

ok, no, out, why = (
    Verdict.ALLOWED, Verdict.NO_RIGHT, Verdict.OUT_OF_REACH, Verdict.NO_PURPOSE,
)  # fmt: skip
_METRO = Subject(About.OPERATOR, "shenzhen-metro")
_TENCENT = Subject(About.PLATFORM, "tencent")

# right, subject, with a purpose; then rider, another, metro, bus, card, auditor, tencent, alipay
CASES = [
    (Right.CHECK_CODE, NOTHING, None, (no, no, ok, ok, ok, ok, ok, ok)),
    (Right.ENROL, _TENCENT, None, (no, no, no, no, ok, no, ok, out)),
    (Right.SEE_RIDER, HERS, WHY, (ok, out, ok, out, ok, ok, ok, out)),
    (Right.SEE_RIDER, HERS, None, (ok, out, why, out, why, why, why, out)),
    (Right.SEE_RIDER, NOT_THERE, WHY, (out, out, out, out, ok, ok, out, out)),
    (Right.ACT_FOR_RIDER, HERS, WHY, (ok, out, no, no, ok, no, ok, out)),
    (Right.ACT_FOR_RIDER, HERS, None, (ok, out, no, no, why, no, why, out)),
    (Right.SEE_TOTALS, WHOLE_CITY, None, (no, no, no, no, ok, ok, no, no)),
    (Right.SEE_MONEY, WHOLE_CITY, None, (no, no, no, no, ok, ok, no, no)),
    (Right.SEE_DEVICES, _METRO, None, (no, no, ok, out, ok, ok, no, no)),
    (Right.SEE_DEVICES, WHOLE_CITY, None, (no, no, out, out, ok, ok, no, no)),
    (Right.SEE_SUSPECTS, _METRO, WHY, (no, no, ok, out, ok, ok, no, no)),
    (Right.SEE_SUSPECTS, WHOLE_CITY, None, (no, no, out, out, why, why, no, no)),
    (Right.DEMONSTRATE, NOTHING, None, (no, no, no, no, ok, no, no, no)),
    (Right.READ_LOG, HERS, WHY, (ok, out, no, no, no, ok, no, no)),
    (Right.READ_LOG, HERS, None, (ok, out, no, no, no, why, no, no)),
    (Right.READ_LOG, WHOLE_CITY, WHY, (out, out, no, no, no, ok, no, no)),
    (Right.AGREE, HERS, WHY, (ok, out, no, no, ok, no, ok, out)),
    (Right.AGREE, HERS, None, (ok, out, no, no, why, no, why, out)),
    (Right.AGREE, ELSEWHERE, WHY, (out, out, no, no, ok, no, ok, out)),
    (Right.SEE_FILES, LINES, WHY, (no, no, no, no, ok, ok, no, no)),
    (Right.SEE_FILES, LINES, None, (no, no, no, no, why, why, no, no)),
    (Right.MANAGE_ACCESS, WHOLE_CITY, WHY, (no, no, no, no, no, no, no, no)),
    (Right.MANAGE_DEVICES, _METRO, WHY, (no, no, no, no, no, no, no, no)),
    (Right.DENY, HERS, WHY, (no, no, no, no, no, no, no, no)),
    (Right.CLOSE_DAY, WHOLE_CITY, None, (no, no, no, no, no, no, no, no)),
]
BY_COMMAND = {Right.MANAGE_ACCESS, Right.MANAGE_DEVICES, Right.DENY, Right.CLOSE_DAY}
ASKERS = (RIDER_, ANOTHER, METRO, BUS, CARD, AUDITOR, TENCENT, ALIPAY)


@pytest.mark.parametrize(("right", "subject", "because", "expected"), CASES)
def test_who_may_do_what(
    right: Right, subject: Subject, because: Because | None, expected: tuple[Verdict, ...]
) -> None:
    told = tuple(judge(Who("x", (one,)), right, subject, because).verdict for one in ASKERS)
    assert told == expected


def test_every_right_is_in_the_table_above() -> None:
    assert {right for right, *_ in CASES} == set(Right)


def test_every_role_has_a_right_and_nobody_those_that_take_the_machine() -> None:
    assert set(ROLES) == set(Role)
    assert all(ROLES.values())
    assert set(Right) - {right for rights in ROLES.values() for right in rights} == BY_COMMAND


def test_whatever_is_about_riders_is_recorded() -> None:
    assert ABOUT_RIDERS < RECORDED


def test_of_several_grants_the_one_counts_that_asks_for_the_least() -> None:
    both = Who("wang.li", (CARD, RIDER_))
    told = judge(both, Right.SEE_RIDER, HERS, None)
    assert (told.verdict, told.role) == (ok, Role.RIDER)
    told = judge(both, Right.SEE_RIDER, Subject(About.RIDER, OTHER), None)
    assert (told.verdict, told.role) == (why, Role.CARD_COMPANY)


def test_a_scope_of_one_role_is_none_of_another() -> None:
    """An operator may be named as an account or a platform is."""
    for role in (Role.OPERATOR, Role.PLATFORM):
        who = Who("x", (Grant(role, RIDER),))
        assert judge(who, Right.SEE_RIDER, HERS, WHY).verdict is out


@given(st.sampled_from(Right), st.sampled_from([HERS, NOT_THERE, _METRO, _TENCENT, WHOLE_CITY]))
def test_a_visitor_may_do_all_that_anybody_may(right: Right, subject: Subject) -> None:
    allowed = judge(VISITOR, right, subject, None).verdict is ok
    assert allowed is (right not in BY_COMMAND)


_grants = st.sampled_from(ASKERS)
_subjects = st.sampled_from(
    [HERS, ELSEWHERE, NOT_THERE, LINES, NOTHING, _METRO, _TENCENT, WHOLE_CITY]
)


@given(st.lists(_grants, max_size=3), _grants, st.sampled_from(Right), _subjects, st.booleans())
def test_another_grant_never_takes_anything_away(
    held: list[Grant], more: Grant, right: Right, subject: Subject, said: bool
) -> None:
    because = WHY if said else None
    before = judge(Who("x", tuple(held)), right, subject, because)
    after = judge(Who("x", (*held, more)), right, subject, because)
    assert after.verdict is ok or before.verdict is not ok


def test_the_manual_shows_the_same_table() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/access.md").read_text(encoding="utf-8")
    roles = [Role[name] for name in re.findall(r"`([A-Z_]+)`", page.split("## Roles")[1][:200])]
    shown = {
        (role, Right[name])
        for name, row in re.findall(r"^\| `([A-Z_]+)` [^|]*\|(.*)\|$", page, re.MULTILINE)
        for role, cell in zip(roles, row.split("|"), strict=True)
        if cell.strip()
    }
    assert shown == {(role, right) for role, rights in ROLES.items() for right in rights}


def test_every_verdict_has_words() -> None:
    assert all(one.words.zh and one.words.en for one in Verdict)
