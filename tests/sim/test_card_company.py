"""The card company answers honestly, or misbehaves in just the way that it is asked to."""

from pathlib import Path

import pytest

from ridecode.core import BadInputError, ConflictError, RefusedError
from ridecode.money.clearing import (
    Again,
    Fault,
    Reason,
    Rejected,
    Sent,
    Written,
    lint,
    read_answer,
)
from ridecode.sim.card_company import CardCompany, Mischief, Plan, View, clears
from tests.money.clearing.paper import (
    CITY,
    COMPANY,
    DAY,
    KEYS,
    charge,
    fare,
    faults,
    first,
    forged,
    on,
    settlement,
)

VIEW = View(
    accounts=lambda account: account.startswith("3104"), operators=frozenset({"metro"}),
    platforms=frozenset({"tencent"}), channels=frozenset({"wechat"}),
    tariffs=frozenset({"shenzhen-2018"}),
)  # fmt: skip
PLAIN = fare(1, 530), fare(2, -30), charge(3, 500)


def company(plan: Plan = clears) -> CardCompany:
    return CardCompany(COMPANY, KEYS, VIEW, plan)


def rejected(at: CardCompany, written: Written) -> dict[int, Reason]:
    """Of each line of the ledger why it was rejected."""
    (path,) = at.answer(written.path, written.path.parent)
    return {one.n: one.reason for one in read_answer(path, KEYS, written.path).rejected}


def after(before: Written, folder: Path, *lines: Sent) -> Written:
    return settlement(folder, *lines, before=before.digest, day=DAY + 1)


def test_what_it_knows_it_clears(tmp_path: Path) -> None:
    assert rejected(company(), first(tmp_path, *PLAIN)) == {}


def test_it_rejects_whom_it_does_not_know_and_what_its_plan_says(tmp_path: Path) -> None:
    written = first(
        tmp_path, fare(1, 530), fare(2, 5, account="9"), fare(3, 5, "bus"),
        fare(4, 5, platform="other"), fare(5, 5, platform=""), fare(6, 5, tariff="other"),
        charge(7, 5), charge(8, 5, "other"),
    )  # fmt: skip
    plan = {5: Reason.OUT_OF_DAY, 7: Reason.WRONG_AMOUNT}
    assert rejected(company(plan.get), written) == {
        2: Reason.UNKNOWN_ACCOUNT, 3: Reason.UNKNOWN_OPERATOR, 4: Reason.UNKNOWN_PLATFORM,
        5: Reason.OUT_OF_DAY, 6: Reason.UNKNOWN_TARIFF, 7: Reason.WRONG_AMOUNT,
        8: Reason.UNKNOWN_CHANNEL,
    }  # fmt: skip


def test_a_file_that_is_sent_again_is_answered_as_before(tmp_path: Path) -> None:
    at, written = company({2: Reason.OUT_OF_DAY}.get), first(tmp_path, *PLAIN)
    (path,) = at.answer(written.path, tmp_path)
    answered = path.read_bytes()
    assert at.answer(written.path, tmp_path) == (path,)
    assert path.read_bytes() == answered


def test_another_file_under_a_known_number_is_a_conflict(tmp_path: Path) -> None:
    at = company()
    at.answer(first(tmp_path, *PLAIN).path, tmp_path)
    with pytest.raises(ConflictError):
        at.answer(first(tmp_path, *PLAIN[:2]).path, tmp_path)


def test_a_file_with_a_fault_or_a_gap_before_it_is_refused(tmp_path: Path) -> None:
    at, written = company(), first(tmp_path, *PLAIN)
    at.answer(written.path, tmp_path)
    gap = settlement(tmp_path, *PLAIN, number=3, before=written.digest, day=DAY + 1)
    with pytest.raises(RefusedError, match="NUMBER"):
        at.answer(gap.path, tmp_path)
    forged(next_ := after(written, tmp_path, fare(9, 1)).path, on(2, ",1\n", ",2\n"), CITY)
    with pytest.raises(RefusedError, match="TOTAL"):
        at.answer(next_, tmp_path)


def test_a_rejected_line_is_sent_again_once_and_no_other_is(tmp_path: Path) -> None:
    plan: dict[int, Reason] = {1: Reason.WRONG_AMOUNT, 2: Reason.WRONG_AMOUNT}
    at = company(plan.get)
    before = first(tmp_path, *PLAIN)
    assert rejected(at, before) == plan
    plan.clear()
    plan[2] = Reason.DISPUTE_REFUSED
    second = after(
        before, tmp_path, Again(1, 2, PLAIN[0]), Again(1, 3, PLAIN[1]), Again(1, 4, PLAIN[2])
    )
    assert rejected(at, second) == {2: Reason.DISPUTE_REFUSED, 3: Reason.NEVER_REJECTED}


def test_a_line_that_was_cleared_is_not_cleared_again(tmp_path: Path) -> None:
    at = company()
    before = first(tmp_path, *PLAIN)
    at.answer(before.path, tmp_path)
    assert rejected(at, after(before, tmp_path, PLAIN[0], fare(9, 5))) == {1: Reason.DUPLICATE}


MISCHIEF: list[tuple[Mischief, set[Fault]]] = [
    (Mischief.ANOTHER_FILE, {Fault.ANOTHER_FILE}),
    (Mischief.WRONG_TOTALS, {Fault.TOTAL}),
    (Mischief.FORGED, {Fault.KEY}),
    (Mischief.NEVER_SENT, {Fault.NEVER_SENT, Fault.TOTAL}),
]


@pytest.mark.parametrize(("mischief", "found"), MISCHIEF)
def test_a_false_answer_is_found_and_the_true_one_is_given_when_asked_again(
    tmp_path: Path, mischief: Mischief, found: set[Fault]
) -> None:
    at, written = company(), first(tmp_path, *PLAIN)
    (path,) = at.answer(written.path, tmp_path, mischief)
    assert faults(path, written.path) == found
    with pytest.raises(BadInputError):
        read_answer(path, KEYS, written.path)
    assert rejected(at, written) == {}


def test_two_answers_to_one_file_are_both_sound_and_say_two_things(tmp_path: Path) -> None:
    written = first(tmp_path, *PLAIN)
    one, other = company().answer(written.path, tmp_path, Mischief.ANSWERED_TWICE)
    assert one.name == other.name
    assert lint(one).digest != lint(other).digest
    assert read_answer(one, KEYS, written.path).rejected == ()
    assert read_answer(other, KEYS, written.path).rejected == (
        Rejected(2, 1, Reason.WRONG_AMOUNT, ""),
    )


def test_every_mischief_is_tried() -> None:
    assert {row[0] for row in MISCHIEF} | {Mischief.ANSWERED_TWICE} == set(Mischief)
