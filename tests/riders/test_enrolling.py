"""Enrolling: one account for a person, an issuer and a platform, and no way round a debt."""

import threading

import pytest

from ridecode.core import BadInputError, ConflictError, NotFoundError
from ridecode.riders import (
    Account,
    Credit,
    Enrolment,
    EventKind,
    MadeBy,
    OwingError,
    RiderRules,
    accounts_of,
    bind,
    enrol,
    follow,
    history,
    reclassify,
    standing,
)
from ridecode.store import Cell
from tests.riders.world import DAY, NOW, SZT, YCT, asked, key, person, tell_debts


def test_an_account_begins_with_its_issuers_digits_and_comes_back(
    cell: Cell, rules: RiderRules
) -> None:
    account = enrol(cell, rules, asked(account_type=2), NOW)

    assert account == Account(
        account="3104870400000000001", payment_account="0000000000000001", identity=person(1),
        issuer=SZT, platform="tencent", account_type=2, enrolled_at=NOW,
    )  # fmt: skip
    assert enrol(cell, rules, asked(account_type=2), NOW + DAY) == account
    told = standing(cell, rules, account.account, NOW)
    assert (told.account, told.credit, told.denied) == (account, Credit.NEW, ())
    assert told.phone is None
    assert [event.kind for event in history(cell, account.account)] == [EventKind.ENROLLED]


def test_a_person_has_one_account_with_each_issuer_on_each_platform(
    cell: Cell, rules: RiderRules
) -> None:
    made = [
        enrol(cell, rules, asked(1, issuer, platform), NOW)
        for issuer in (SZT, YCT)
        for platform in ("tencent", "city-app")
    ]
    assert [one.account for one in made] == [
        "3104870400000000001", "3104870400000000002", "3104870300000000003", "3104870300000000004",
    ]  # fmt: skip
    assert accounts_of(cell, person(1)) == made
    assert accounts_of(cell, person(2)) == []


def test_another_type_for_the_same_account_is_a_conflict(cell: Cell, rules: RiderRules) -> None:
    enrol(cell, rules, asked(), NOW)
    with pytest.raises(ConflictError, match="of type 1"):
        enrol(cell, rules, asked(account_type=2), NOW)


def test_a_student_who_has_finished_is_reclassified(cell: Cell, rules: RiderRules) -> None:
    account = enrol(cell, rules, asked(account_type=2), NOW).account
    assert reclassify(cell, account, 1, NOW + 1).account_type == 1
    assert reclassify(cell, account, 1, NOW + 2).account_type == 1
    assert enrol(cell, rules, asked(account_type=1), NOW + 3).account == account
    kinds = [(event.kind, event.detail) for event in history(cell, account)]
    assert kinds[1:] == [(EventKind.RECLASSIFIED, "1")]
    with pytest.raises(BadInputError, match="1 to 255"):
        reclassify(cell, account, 0, NOW)
    with pytest.raises(NotFoundError):
        reclassify(cell, "3104870400000000009", 1, NOW)


WRONG: list[tuple[Enrolment, str]] = [
    (Enrolment(identity="Zhang San", issuer=SZT, platform="tencent"), "64 hexadecimal digits"),
    (Enrolment(identity="A" * 64, issuer=SZT, platform="tencent"), "64 hexadecimal digits"),
    (asked(issuer="00000000"), "'00000000' is no issuer here"),
    (asked(platform="nobody"), "Give one of tencent, alipay, city-app"),
    (asked(account_type=0), "1 to 255"),
    (asked(account_type=256), "1 to 255"),
]


def test_what_cannot_be_enrolled_is_told(cell: Cell, rules: RiderRules) -> None:
    for enrolment, said in WRONG:
        with pytest.raises(BadInputError, match=said):
            enrol(cell, rules, enrolment, NOW)


def test_enrolled_at_the_same_moment_by_many_it_is_one_account(
    cell: Cell, rules: RiderRules
) -> None:
    made: list[str] = []

    def ask(platform: str) -> None:
        made.append(enrol(cell, rules, asked(platform=platform), NOW).account)

    asking = [
        threading.Thread(target=ask, args=(platform,)) for platform in ("tencent", "alipay") * 4
    ]
    for one in asking:
        one.start()
    for one in asking:
        one.join(60)
    assert len(made) == 8
    assert len(set(made)) == 2
    assert {account[-2:] for account in made} == {"01", "02"}


def test_an_account_that_is_not_there_is_not_found(cell: Cell, rules: RiderRules) -> None:
    for number in ("3104870400000000001", "no account", "\0"[:0]):
        with pytest.raises(NotFoundError):
            standing(cell, rules, number, NOW)
        with pytest.raises(NotFoundError):
            bind(cell, rules, number, key(1), MadeBy.DEVICE, NOW)


def test_a_debtor_enrols_anew_on_no_platform_and_with_no_issuer(
    cell: Cell, rules: RiderRules
) -> None:
    """Whatever was owed on one account, with one platform, follows the person."""
    first = enrol(cell, rules, asked(), NOW)
    tell_debts(cell, (first.account, "owed", 2_000, NOW))
    follow(cell, rules, NOW)

    for issuer, platform in ((SZT, "alipay"), (YCT, "tencent"), (YCT, "city-app")):
        with pytest.raises(OwingError, match="2000 are unpaid since 2018-08-31T14:14:50"):
            enrol(cell, rules, asked(1, issuer, platform), NOW + DAY)
    assert enrol(cell, rules, asked(), NOW + DAY) == first, "the account that is there is told"
    assert enrol(cell, rules, asked(2, SZT, "alipay"), NOW).account[-1] == "2", "others may"

    tell_debts(cell, (first.account, "repaid", 2_000, NOW + DAY))
    follow(cell, rules, NOW + DAY)
    assert enrol(cell, rules, asked(1, YCT, "alipay"), NOW + DAY).account[-1] == "3"


def test_who_owes_a_little_enrols_but_stays_limited(cell: Cell, rules: RiderRules) -> None:
    enrol(cell, rules, asked(), NOW - 30 * DAY)
    tell_debts(cell, (person(1), "owed", 300, NOW))
    follow(cell, rules, NOW)

    second = enrol(cell, rules, asked(platform="alipay"), NOW)
    assert standing(cell, rules, second.account, NOW).credit is Credit.LIMITED
