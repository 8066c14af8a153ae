"""The rules about riders, as tables of cases worked out by hand."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import RidecodeError
from ridecode.riders import (
    Account,
    CoolingError,
    Credit,
    Denied,
    DeniedError,
    MadeBy,
    Owing,
    OwingError,
    Phone,
    RiderRules,
    Standing,
    Stopped,
    StoppedPhoneError,
    Why,
)
from ridecode.riders.standing import (
    cloned_phones,
    credit,
    denied_by_phone,
    good_until,
    is_cloned,
    owing,
    terms,
    usable_from,
)
from tests.riders.world import DAY, HOUR, NOW, SZT, S, key, person

A = f"31048704{1:011}"
MARGIN = 300 * S

OWING: list[tuple[str, list[tuple[int, int]], Owing]] = [
    ("nothing", [], Owing(0, 0)),
    ("one debt", [(5, 100)], Owing(100, 5)),
    ("two debts: since the first", [(5, 100), (9, 50)], Owing(150, 5)),
    ("a part repaid: since the first", [(5, 100), (7, -40)], Owing(60, 5)),
    ("all repaid", [(5, 100), (7, -100)], Owing(0, 5)),
    ("repaid and owed anew: since then", [(5, 100), (7, -100), (9, 1)], Owing(1, 9)),
    ("paid too much: what comes next is paid", [(5, 100), (7, -150), (9, 50)], Owing(0, 5)),
    ("repaid in the very moment of a new debt", [(5, 100), (7, -100), (7, 30)], Owing(30, 7)),
    ("repaid before it was told", [(3, -100), (5, 100)], Owing(0, 0)),
]


@pytest.mark.parametrize(
    ("entries", "expected"), [case[1:] for case in OWING], ids=[case[0] for case in OWING]
)
def test_what_is_owed_and_since_when(entries: list[tuple[int, int]], expected: Owing) -> None:
    for order in permutations(entries):
        assert owing(order) == expected


CREDIT: list[tuple[int, int, int, Credit]] = [
    # owed, owing for, known for, credit
    (0, 0, 0, Credit.NEW),
    (0, 0, 7 * DAY - 1, Credit.NEW),
    (0, 0, 7 * DAY, Credit.GOOD),
    (-5, 0, 7 * DAY, Credit.GOOD),
    (1, 0, 7 * DAY, Credit.LIMITED),
    (1, 0, 0, Credit.LIMITED),
    (1, 2 * DAY, 7 * DAY, Credit.LIMITED),
    (1, 2 * DAY + 1, 7 * DAY, Credit.DENIED),
    (1_999, 0, 7 * DAY, Credit.LIMITED),
    (2_000, 0, 7 * DAY, Credit.DENIED),
    (2_000, 0, 0, Credit.DENIED),
    (0, 9 * DAY, 9 * DAY, Credit.GOOD),
]


@pytest.mark.parametrize(("owed", "for_", "known", "expected"), CREDIT)
def test_credit(rules: RiderRules, owed: int, for_: int, known: int, expected: Credit) -> None:
    assert credit(rules, Owing(owed, NOW - for_), NOW - known, NOW) is expected


def made(
    number: int = 1, usable: int = NOW, until: int = 0, stopped: Stopped | None = None
) -> Phone:
    return Phone(
        account=A, user_key=key(number), made_by=MadeBy.DEVICE, bound_at=NOW, usable_from=usable,
        authorised_until=until, stopped=stopped, stopped_at=None if stopped is None else NOW,
    )  # fmt: skip


USABLE: list[tuple[str, list[Phone], int]] = [
    ("the first phone: at once", [], NOW),
    ("the one before was never authorised", [made()], NOW + HOUR),
    ("its authorisation ends sooner", [made(until=NOW + HOUR - MARGIN - 1)], NOW + HOUR),
    ("it ends later", [made(until=NOW + 4 * HOUR)], NOW + 4 * HOUR + MARGIN),
    (
        "the one before that ends last",
        [made(1, until=NOW + 4 * HOUR, stopped=Stopped.LOST), made(2)],
        NOW + 4 * HOUR + MARGIN,
    ),
]


@pytest.mark.parametrize(
    ("before", "expected"), [case[1:] for case in USABLE], ids=[case[0] for case in USABLE]
)
def test_from_when_a_phone_is_usable(rules: RiderRules, before: list[Phone], expected: int) -> None:
    assert usable_from(rules, before, NOW) == expected


DENIED: list[tuple[str, Phone, Why | None]] = [
    ("in use", made(until=NOW + HOUR), None),
    ("left for another", made(until=NOW + HOUR, stopped=Stopped.MOVED), None),
    ("lost", made(until=NOW + HOUR, stopped=Stopped.LOST), Why.LOST),
    ("copied", made(until=NOW + HOUR, stopped=Stopped.CLONED), Why.CLONED),
    ("lost, never authorised", made(stopped=Stopped.LOST), None),
    ("lost, a clock behind", made(until=NOW - MARGIN, stopped=Stopped.LOST), Why.LOST),
    ("lost, over", made(until=NOW - MARGIN - 1, stopped=Stopped.LOST), None),
]


@pytest.mark.parametrize(
    ("phone", "why"), [case[1:] for case in DENIED], ids=[case[0] for case in DENIED]
)
def test_a_stopped_phone_denies_its_account_while_it_could_ride(
    phone: Phone, why: Why | None
) -> None:
    assert denied_by_phone(phone, NOW) == (None if why is None else Denied(A, why, NOW))


CLONED: list[tuple[str, list[int], bool]] = [
    ("none", [], False),
    ("two", [NOW, NOW + 1], False),
    ("three in a day", [NOW + DAY, NOW, NOW + 5], True),
    ("three in a little more", [NOW, NOW + 5, NOW + DAY + 1], False),
    ("three of four", [NOW, NOW + DAY + 1, NOW + DAY + 2, NOW + DAY + 3], True),
]


@pytest.mark.parametrize(
    ("moments", "expected"), [case[1:] for case in CLONED], ids=[case[0] for case in CLONED]
)
def test_so_many_in_such_a_time_make_a_copy(
    rules: RiderRules, moments: list[int], expected: bool
) -> None:
    assert is_cloned(rules, moments) is expected


def test_taps_count_against_the_phone_whose_time_it_was(rules: RiderRules) -> None:
    old = made(1, usable=NOW - DAY, stopped=Stopped.MOVED)
    new = made(2, usable=NOW)
    before, after = [NOW - 3, NOW - 2, NOW - 1], [NOW, NOW + 1, NOW + 2]

    assert cloned_phones(rules, [], before) == []
    assert cloned_phones(rules, [old, new], before) == [old]
    assert cloned_phones(rules, [old, new], after) == [new]
    assert cloned_phones(rules, [old, new], before + after) == [old, new]
    assert cloned_phones(rules, [old, new], before[1:] + after[1:]) == []
    assert cloned_phones(rules, [made(1, stopped=Stopped.LOST)], after) == []


NOTHING = Owing()


def stands(
    *phones: Phone, owes: Owing = NOTHING, of: Credit = Credit.GOOD, denied: Why | None = None
) -> Standing:
    account = Account(
        account=A, payment_account=f"{1:016}", identity=person(1), issuer=SZT, platform="tencent",
        account_type=1, enrolled_at=NOW,
    )  # fmt: skip
    reasons = () if denied is None else (Denied(A, denied, NOW),)
    return Standing(account=account, credit=of, owing=owes, denied=reasons, phones=phones)


OWES = Owing(2_000, NOW)
REFUSED: list[tuple[str, Standing, type[RidecodeError], str]] = [
    ("cooling", stands(made(usable=NOW + 1)), CoolingError, "usable from 2018-08-31T14:14:50"),
    ("moved", stands(made(stopped=Stopped.MOVED)), StoppedPhoneError, "stopped: moved"),
    ("lost", stands(made(stopped=Stopped.LOST)), StoppedPhoneError, "stopped: lost"),
    ("revoked", stands(made(), denied=Why.REVOKED), DeniedError, "ask the issuer"),
    ("another is lost", stands(made(), denied=Why.LOST), DeniedError, "denied: lost"),
    ("debt", stands(made(), owes=OWES, of=Credit.DENIED, denied=Why.DEBT), OwingError, "2000"),
]


@pytest.mark.parametrize(
    ("standing", "kind", "said"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_each_refusal(
    rules: RiderRules, standing: Standing, kind: type[RidecodeError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        terms(rules, standing, key(1), NOW)


@pytest.mark.parametrize(
    ("of", "authorised_s", "limit_fen"),
    [(Credit.GOOD, 14_400, 2_000), (Credit.NEW, 7_200, 2_000), (Credit.LIMITED, 3_600, 1_000)],
)
def test_terms_by_credit(rules: RiderRules, of: Credit, authorised_s: int, limit_fen: int) -> None:
    granted = terms(rules, stands(made(), of=of), key(1), NOW)
    assert (granted.authorised_s, granted.limit_fen) == (authorised_s, limit_fen)


def test_every_reason_has_words_in_both_languages() -> None:
    for why in Why:
        assert why.words.zh.endswith("。")
        assert why.words.en.endswith(".")


moments = st.integers(0, 50)


@given(st.lists(st.tuples(moments, st.integers(-9, 9).filter(bool)), max_size=8))
def test_owing_is_the_sum_and_its_beginning_is_a_debts_own(
    entries: list[tuple[int, int]],
) -> None:
    """Held against a plain walk over every moment."""
    told = owing(entries)
    totals = [sum(amount for ts, amount in entries if ts <= moment) for moment in range(51)]
    assert told.owed == totals[-1]
    if told.owed > 0:
        without = [moment for moment in range(51) if totals[moment] <= 0]
        began = max(without, default=-1) + 1
        assert told.since >= began
        assert all(total > 0 for total in totals[told.since :])


@given(st.integers(0, 10 * DAY))
def test_a_phone_can_ride_until_just_before_the_next_one(after: int) -> None:
    phone = made(until=NOW + after)
    assert good_until(phone) == NOW + after + MARGIN
