"""Debts follow the person, are told in any order, and have their effect once."""

from collections.abc import Mapping

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from ridecode.code import Issuer
from ridecode.core import BadInputError
from ridecode.riders import (
    Credit,
    Followed,
    MadeBy,
    Owing,
    OwingError,
    RiderRules,
    Why,
    authorise,
    bind,
    denied,
    enrol,
    follow,
    standing,
)
from ridecode.riders.standing import owing
from ridecode.store import Cell, log
from tests.riders.world import (
    DAY,
    FOREIGN,
    HOUR,
    NOW,
    SZT,
    YCT,
    asked,
    key,
    person,
    tell_debts,
)

AGES = NOW - 30 * DAY


def ride_card(cell: Cell, rules: RiderRules, who: int, issuer: str, platform: str) -> str:
    """An account with a phone, of a rider who is no newcomer."""
    made = enrol(cell, rules, asked(who, issuer, platform), AGES).account
    bind(cell, rules, made, key(who), MadeBy.DEVICE, AGES)
    return made


def test_what_is_owed_on_one_account_stops_them_all_until_it_is_repaid(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer]
) -> None:
    one = ride_card(cell, rules, 1, SZT, "tencent")
    two = ride_card(cell, rules, 1, YCT, "alipay")
    other = ride_card(cell, rules, 2, SZT, "tencent")

    tell_debts(cell, (one, "owed", 500, NOW), (one, "owed", 1_500, NOW + 1))
    assert follow(cell, rules, NOW + 1) == Followed(2, 0, 0)

    assert {(no.account, no.why, no.since) for no in denied(cell, rules, NOW + 1)} == {
        (one, Why.DEBT, NOW), (two, Why.DEBT, NOW),
    }  # fmt: skip
    for account in (one, two):
        with pytest.raises(OwingError):
            authorise(cell, rules, issuers, account, key(1), NOW + 1)
    assert authorise(cell, rules, issuers, other, key(2), NOW + 1).credit is Credit.GOOD

    tell_debts(cell, (person(1), "repaid", 1_999, NOW + 2))
    follow(cell, rules, NOW + 2)
    limited = authorise(cell, rules, issuers, two, key(1), NOW + 2)
    assert (limited.credit, limited.limit_fen) == (Credit.LIMITED, 1_000)
    assert limited.until == NOW + HOUR
    assert denied(cell, rules, NOW + 2) == []

    tell_debts(cell, (two, "repaid", 1, NOW + 3))
    follow(cell, rules, NOW + 3)
    assert authorise(cell, rules, issuers, one, key(1), NOW + 3).credit is Credit.GOOD


def test_a_small_debt_denies_when_it_grows_old_and_nobody_tells_anything(
    cell: Cell, rules: RiderRules
) -> None:
    account = ride_card(cell, rules, 1, SZT, "tencent")
    tell_debts(cell, (account, "owed", 3, NOW))
    follow(cell, rules, NOW)

    assert standing(cell, rules, account, NOW + 2 * DAY).credit is Credit.LIMITED
    assert denied(cell, rules, NOW + 2 * DAY) == []
    told = standing(cell, rules, account, NOW + 2 * DAY + 1)
    assert (told.credit, told.owing) == (Credit.DENIED, Owing(3, NOW))
    assert denied(cell, rules, NOW + 2 * DAY + 1) == list(told.denied)


def test_a_foreign_account_is_denied_for_its_own_debt(cell: Cell, rules: RiderRules) -> None:
    tell_debts(cell, (FOREIGN, "owed", 2_000, NOW), ("a card of another kind", "owed", 9_999, NOW))
    follow(cell, rules, NOW)
    assert [(no.account, no.why) for no in denied(cell, rules, NOW)] == [(FOREIGN, Why.DEBT)]

    tell_debts(cell, (FOREIGN, "repaid", 2_000, NOW))
    follow(cell, rules, NOW)
    assert denied(cell, rules, NOW) == []


def test_of_several_reasons_the_gravest_is_told_in_the_list_and_all_in_the_account(
    cell: Cell, rules: RiderRules
) -> None:
    from ridecode.riders import revoke

    account = ride_card(cell, rules, 1, SZT, "tencent")
    tell_debts(cell, (account, "owed", 5_000, NOW))
    follow(cell, rules, NOW)
    revoke(cell, [account], NOW + 5)

    assert [no.why for no in denied(cell, rules, NOW + 5)] == [Why.REVOKED]
    told = standing(cell, rules, account, NOW + 5).denied
    assert [no.why for no in told] == [Why.REVOKED, Why.DEBT]


def test_a_batch_has_its_effect_once_whatever_stops_us(
    cell: Cell, rules: RiderRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ride_card(cell, rules, 1, SZT, "tencent")
    tell_debts(cell, (account, "owed", 100, NOW))

    def dies(*_: object) -> None:
        raise psycopg.OperationalError("the machine was switched off")

    with monkeypatch.context() as patch, pytest.raises(psycopg.OperationalError):
        patch.setattr(log, "set_mark", dies)
        follow(cell, rules, NOW)
    assert standing(cell, rules, account, NOW).owing.owed == 0

    assert follow(cell, rules, NOW) == Followed(1, 0, 0)
    assert follow(cell, rules, NOW) == Followed(0, 0, 0)
    assert standing(cell, rules, account, NOW).owing.owed == 100


def test_many_batches_are_followed_to_their_end(cell: Cell, rules: RiderRules) -> None:
    account = ride_card(cell, rules, 1, SZT, "tencent")
    body = msgpack.encode([(account, "owed", 1, NOW), (account, "owed", 1, NOW)])
    with cell.connection() as conn:
        log.append(conn, "debts", [body] * 250)
    assert follow(cell, rules, NOW) == Followed(500, 0, 0)
    assert standing(cell, rules, account, NOW).owing == Owing(500, NOW)


def test_a_body_that_cannot_be_read_stops_the_following_and_is_told(
    cell: Cell, rules: RiderRules
) -> None:
    with cell.connection() as conn:
        log.append(conn, "debts", [msgpack.encode([["somebody", "stole", 1, NOW]])])
    with pytest.raises(BadInputError, match="topic debts"):
        follow(cell, rules, NOW)


WHO = st.sampled_from(["one", "two", "person", FOREIGN])
ENTRIES = st.lists(
    st.tuples(WHO, st.sampled_from(["owed", "repaid"]), st.integers(1, 900), st.integers(0, 9)),
    max_size=10,
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(ENTRIES, st.randoms(use_true_random=False), st.integers(1, 4))
def test_in_whatever_order_and_batches_it_is_told_the_balance_is_the_same(
    cell: Cell,
    rules: RiderRules,
    entries: list[tuple[str, str, int, int]],
    dice: st.DrawFn,
    batches: int,
) -> None:
    with cell.connection() as conn:
        conn.execute("TRUNCATE riders, accounts, phones, rider_events, account_serials")
        conn.execute("TRUNCATE debts, owing, log, log_topics, log_marks")
    names = {
        "one": enrol(cell, rules, asked(1, SZT, "tencent"), AGES).account,
        "two": enrol(cell, rules, asked(1, YCT, "alipay"), AGES).account,
        "person": person(1),
        FOREIGN: FOREIGN,
    }
    told = [(names[who], what, amount, NOW + ts) for who, what, amount, ts in entries]
    dice.shuffle(told)  # type: ignore[attr-defined]
    for start in range(batches):
        tell_debts(cell, *told[start::batches])
        if start % 2:
            follow(cell, rules, NOW + 9)
    follow(cell, rules, NOW + 9)

    expected = {
        whose: owing(
            (NOW + ts, amount if what == "owed" else -amount)
            for who, what, amount, ts in entries
            if (who == FOREIGN) is (whose == FOREIGN)
        )
        for whose in ("one", FOREIGN)
    }
    ours = standing(cell, rules, names["one"], NOW + 9).owing
    assert ours.owed == expected["one"].owed
    assert ours.owed <= 0 or ours == expected["one"]
    refused = {no.account for no in denied(cell, rules, NOW + 9)}
    assert (FOREIGN in refused) is (expected[FOREIGN].owed >= 2_000)
    assert (names["one"] in refused) is (names["two"] in refused) is (ours.owed >= 2_000)
