"""Copied keys: what `rides` sets aside stops the phone whose time it was, and nothing else does."""

from collections.abc import Mapping

import pytest
from msgspec import msgpack

from ridecode.code import Issuer
from ridecode.riders import (
    DeniedError,
    EventKind,
    Followed,
    MadeBy,
    RiderRules,
    Stopped,
    StoppedPhoneError,
    Why,
    authorise,
    bind,
    denied,
    enrol,
    follow,
    history,
    restore,
    standing,
)
from ridecode.riders.events import COPIED, SET_ASIDE
from ridecode.store import Cell, log
from tests.riders.world import DAY, FOREIGN, HOUR, NOW, S, asked, key, tell_set_aside

SAME_CODE, TWO_PLACES, CODE_REFUSED = 1, 2, 20
MARGIN = 300 * S


@pytest.fixture
def account(cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer]) -> str:
    """With a phone that was authorised just now."""
    made = enrol(cell, rules, asked(), NOW - 30 * DAY).account
    bind(cell, rules, made, key(1), MadeBy.DEVICE, NOW - 30 * DAY)
    authorise(cell, rules, issuers, made, key(1), NOW)
    return made


def test_the_numbers_are_those_of_rides_and_taps() -> None:
    from ridecode.rides import aside
    from ridecode.rides import standing as sifting
    from ridecode.taps import Suspicion

    assert SET_ASIDE == aside.SET_ASIDE
    assert frozenset(sifting.Why) - {sifting.Why.READ_AGAIN} == COPIED
    assert (sifting.Why.SAME_CODE, sifting.Why.TWO_PLACES) == (SAME_CODE, TWO_PLACES)
    assert Suspicion.CODE_REFUSED == CODE_REFUSED


def test_the_third_tap_in_two_places_stops_the_phone(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    tell_set_aside(cell, (1, account, TWO_PLACES, NOW + 1), (2, account, SAME_CODE, NOW + 2))
    assert follow(cell, rules, NOW + 5) == Followed(0, 2, 0)
    assert denied(cell, rules, NOW + 5) == []

    tell_set_aside(cell, (2, account, SAME_CODE, NOW + 2))
    assert follow(cell, rules, NOW + 6).stopped == 0, "told again it is the same tap"
    tell_set_aside(cell, (3, account, TWO_PLACES, NOW + 3))
    assert follow(cell, rules, NOW + 7) == Followed(0, 1, 1)

    (entry,) = denied(cell, rules, NOW + 7)
    assert (entry.account, entry.why, entry.since) == (account, Why.CLONED, NOW + 7)
    with pytest.raises(StoppedPhoneError, match="cloned"):
        authorise(cell, rules, issuers, account, key(1), NOW + 8)
    assert history(cell, account)[-1].kind is EventKind.STOPPED

    bound = bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW + 9)
    assert bound.usable_from == NOW + 4 * HOUR + MARGIN
    with pytest.raises(DeniedError):
        authorise(cell, rules, issuers, account, key(2), bound.usable_from)
    assert authorise(cell, rules, issuers, account, key(2), bound.usable_from + 1).fields


def test_late_taps_of_the_old_key_do_not_stop_the_new_phone(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW + 1)
    tell_set_aside(cell, *[(n, account, TWO_PLACES, NOW + n) for n in (1, 2, 3)])
    assert follow(cell, rules, NOW + DAY).stopped == 1

    assert [one.stopped for one in standing(cell, rules, account, NOW + DAY).phones] == [
        Stopped.CLONED, None,
    ]  # fmt: skip
    assert [no.why for no in denied(cell, rules, NOW + HOUR)] == [Why.CLONED], "the copy may ride"
    assert denied(cell, rules, NOW + DAY) == []


def test_a_foreign_account_is_denied_until_its_issuer_restores_it(
    cell: Cell, rules: RiderRules
) -> None:
    tell_set_aside(cell, *[(n, FOREIGN, TWO_PLACES, NOW + n) for n in (1, 2, 3)])
    assert follow(cell, rules, NOW + 9) == Followed(0, 3, 1)
    assert [(no.account, no.why) for no in denied(cell, rules, NOW + 30 * DAY)] == [
        (FOREIGN, Why.CLONED)
    ]
    tell_set_aside(cell, (4, FOREIGN, TWO_PLACES, NOW + 4))
    assert follow(cell, rules, NOW + 10).stopped == 0

    assert restore(cell, [FOREIGN], NOW + 20) == [FOREIGN]
    tell_set_aside(cell, (5, FOREIGN, TWO_PLACES, NOW + 5))
    assert follow(cell, rules, NOW + 21).stopped == 0, "old taps count no more"
    tell_set_aside(cell, *[(n, FOREIGN, TWO_PLACES, NOW + n) for n in (31, 32, 33)])
    assert follow(cell, rules, NOW + 40).stopped == 1
    kinds = [event.kind for event in history(cell, FOREIGN)]
    assert kinds == [EventKind.REVOKED, EventKind.RESTORED, EventKind.REVOKED]


def test_nobody_is_stopped_by_codes_that_others_forged(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    """Whoever writes a victim's account into codes of no good signature gets them quarantined."""
    told = [(bytes(15) + bytes((n,)), account, CODE_REFUSED, NOW + n)
            for n in range(100)]  # fmt: skip
    with cell.connection() as conn:
        log.append(conn, "taps.quarantined", [msgpack.encode(told)])
    tell_set_aside(cell, (1, "", TWO_PLACES, NOW), (2, account, 77, NOW), (3, account, 77, NOW))
    assert follow(cell, rules, NOW + 200) == Followed(0, 0, 0)
    assert denied(cell, rules, NOW + 200) == []


def test_in_whatever_batches_the_taps_are_told_the_same_phones_stop(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    told = [(n, account if n % 2 else FOREIGN, TWO_PLACES, NOW + n) for n in range(1, 7)]
    for one in reversed(told):
        tell_set_aside(cell, one)
    follow(cell, rules, NOW + 9)
    assert {(no.account, no.why) for no in denied(cell, rules, NOW + 9)} == {
        (account, Why.CLONED), (FOREIGN, Why.CLONED),
    }  # fmt: skip
