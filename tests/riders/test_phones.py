"""Phones: bound one at a time, authorised for hours, and two keys never ride at once."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.code import Authority, Issuer, TestRoots, Verifier, parse, present
from ridecode.core import BadInputError, NotFoundError, UnavailableError, Verdict
from ridecode.riders import (
    CoolingError,
    Credit,
    DeniedError,
    EventKind,
    MadeBy,
    Phone,
    RiderRules,
    Stopped,
    StoppedPhoneError,
    Terms,
    Why,
    authorise,
    bind,
    db,
    denied,
    enrol,
    history,
    report_loss,
    restore,
    revoke,
    standing,
)
from ridecode.riders.standing import good_until
from ridecode.store import Cell, Connection
from tests.riders.world import DAY, FOREIGN, HOUR, NOW, YCT, S, asked, key, phone

MARGIN = 300 * S
NEW_S = 7_200
"""How long a new rider is authorised."""


@pytest.fixture
def account(cell: Cell, rules: RiderRules) -> str:
    """Of a rider who enrolled just now, with one phone."""
    made = enrol(cell, rules, asked(account_type=2), NOW).account
    bind(cell, rules, made, key(1), MadeBy.DEVICE, NOW)
    return made


def test_the_code_of_an_authorised_phone_passes_with_what_was_granted(
    cell: Cell, rules: RiderRules, authority: Authority, account: str
) -> None:
    told = authorise(cell, rules, authority.issuers, account, key(1), NOW)
    made = present(told.fields, phone(1), NOW // S + 60)

    judge = Verifier([authority.root], test_roots=TestRoots.ACCEPTED)
    assert judge.verify(made, NOW // S + 61).verdict is Verdict.ACCEPTED
    read: Any = parse(made)
    assert read.card_account == account
    assert read.payment_account == "0000000000000001"
    assert (read.issuer, read.platform) == ("02215840", "99000001")
    assert (read.account_type, read.limit_fen, read.validity_s) == (2, 2_000, 60)
    assert read.authorised_until_s == NOW // S + NEW_S
    assert (told.credit, told.until) == (Credit.NEW, NOW + NEW_S * S)
    (bound,) = standing(cell, rules, account, NOW).phones
    assert bound.authorised_until == told.until


def test_every_issuer_signs_for_its_own_accounts(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer]
) -> None:
    other = enrol(cell, rules, asked(issuer=YCT), NOW).account
    bind(cell, rules, other, key(1), MadeBy.SERVER, NOW)
    told = authorise(cell, rules, issuers, other, key(1), NOW)
    read: Any = parse(present(told.fields, phone(1), NOW // S))
    assert (read.issuer, read.certificate.issuer, other[:8]) == (YCT, YCT, "31048703")

    with pytest.raises(UnavailableError, match="02205810"):
        authorise(cell, rules, {}, other, key(1), NOW)


def test_the_same_key_again_changes_nothing(cell: Cell, rules: RiderRules, account: str) -> None:
    first = standing(cell, rules, account, NOW).phone
    assert bind(cell, rules, account, key(1), MadeBy.SERVER, NOW + HOUR) == first
    assert [event.kind for event in history(cell, account)] == [
        EventKind.ENROLLED, EventKind.BOUND,
    ]  # fmt: skip


def test_a_new_phone_waits_and_the_old_one_gets_nothing_more(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    until = authorise(cell, rules, issuers, account, key(1), NOW).until
    moved = bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW + 60 * S)

    assert moved.usable_from == until + MARGIN
    with pytest.raises(StoppedPhoneError, match="moved"):
        authorise(cell, rules, issuers, account, key(1), NOW + 61 * S)
    with pytest.raises(CoolingError):
        authorise(cell, rules, issuers, account, key(2), moved.usable_from - 1)
    assert authorise(cell, rules, issuers, account, key(2), moved.usable_from).fields
    assert denied(cell, rules, NOW + 61 * S) == [], "the rider's own old phone may ride on"


def test_a_phone_that_left_no_authorisation_is_followed_after_the_cooling(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    moved = bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW)
    assert moved.usable_from == NOW + HOUR


def test_an_old_request_that_is_sent_again_brings_no_old_phone_back(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW + 1)
    with pytest.raises(StoppedPhoneError, match="new key"):
        bind(cell, rules, account, key(1), MadeBy.DEVICE, NOW + 2)
    current = standing(cell, rules, account, NOW).phone
    assert current is not None
    assert current.user_key == key(2)


def test_who_loses_the_phone_is_denied_until_the_finder_can_ride_no_more(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    until = authorise(cell, rules, issuers, account, key(1), NOW).until
    lost = NOW + 600 * S
    told = report_loss(cell, rules, account, key(1), lost)

    (entry,) = told.denied
    assert (entry.account, entry.why, entry.since) == (account, Why.LOST, lost)
    assert denied(cell, rules, lost) == [entry]
    again = report_loss(cell, rules, account, key(1), lost + S)
    assert again.denied == (entry,), "reported again it is the same loss"
    with pytest.raises(StoppedPhoneError, match="lost"):
        authorise(cell, rules, issuers, account, key(1), lost + S)

    found = bind(cell, rules, account, key(2), MadeBy.DEVICE, lost + 60 * S)
    assert found.usable_from == until + MARGIN
    assert denied(cell, rules, until + MARGIN) == [entry]
    with pytest.raises(DeniedError, match="lost"):
        authorise(cell, rules, issuers, account, key(2), until + MARGIN)
    assert denied(cell, rules, until + MARGIN + 1) == []
    assert authorise(cell, rules, issuers, account, key(2), until + MARGIN + 1).fields


def test_whatever_the_pack_allows_a_lost_phone_denies_to_its_end(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    longest = Terms(authorised_s=172_800, limit_fen=2_000, validity_s=60)
    long = replace(rules, terms={**rules.terms, Credit.NEW: longest})
    until = authorise(cell, long, issuers, account, key(1), NOW).until
    report_loss(cell, long, account, key(1), NOW)
    assert until == NOW + 2 * DAY
    assert [no.account for no in denied(cell, long, until + MARGIN)] == [account]
    assert denied(cell, long, until + MARGIN + 1) == []


def test_a_phone_that_was_left_may_turn_out_to_be_stolen(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    authorise(cell, rules, issuers, account, key(1), NOW)
    bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW + 1)
    told = report_loss(cell, rules, account, key(1), NOW + 2)

    assert [one.why for one in told.denied] == [Why.LOST]
    assert [one.stopped for one in told.phones] == [Stopped.LOST, None], "the new one stays"


def test_a_loss_of_a_phone_that_never_rode_denies_nobody(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    assert report_loss(cell, rules, account, key(1), NOW).denied == ()
    with pytest.raises(NotFoundError, match="bound to no phone"):
        report_loss(cell, rules, account, key(9), NOW)


def test_a_revoked_account_gets_nothing_until_it_is_restored(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    assert revoke(cell, [FOREIGN, account, account], NOW) == [True, True, False]
    assert revoke(cell, [account], NOW + 1) == [False]
    assert [(one.account, one.why, one.since) for one in denied(cell, rules, NOW)] == [
        (FOREIGN, Why.REVOKED, NOW), (account, Why.REVOKED, NOW),
    ]  # fmt: skip
    with pytest.raises(DeniedError, match="revoked"):
        authorise(cell, rules, issuers, account, key(1), NOW)

    assert restore(cell, [account, "3104870400000000099"], NOW + 2) == [account]
    assert authorise(cell, rules, issuers, account, key(1), NOW + 2).fields
    kinds = [event.kind for event in history(cell, account)]
    assert kinds[-2:] == [EventKind.REVOKED, EventKind.RESTORED]
    assert [event.kind for event in history(cell, FOREIGN)] == [EventKind.REVOKED]


def test_what_is_no_account_is_revoked_with_nothing_of_its_set(
    cell: Cell, rules: RiderRules
) -> None:
    for wrong in ("310487030000000077", "31048703000000007777", "310487030000000077x", ""):
        with pytest.raises(BadInputError, match="19 digits"):
            revoke(cell, [FOREIGN, wrong], NOW)
    assert denied(cell, rules, NOW) == []


def test_a_key_that_is_no_point_is_bound_to_nothing(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    for wrong in (b"", bytes(33), b"\x02" + b"\xff" * 32, key(1)[:32]):
        with pytest.raises(BadInputError):
            bind(cell, rules, account, wrong, MadeBy.DEVICE, NOW)


def test_a_new_phone_waits_for_an_authorisation_that_is_being_given(
    cell: Cell, rules: RiderRules, account: str
) -> None:
    """The old phone asked a moment before: the new one must know until when it may ride."""
    (old,) = standing(cell, rules, account, NOW).phones
    bound: list[Phone] = []
    binding = threading.Thread(
        target=lambda: bound.append(bind(cell, rules, account, key(2), MadeBy.DEVICE, NOW))
    )
    with cell.connection() as conn:
        db.locked(conn, account)
        binding.start()
        _until_somebody_waits_for(conn)
        db.authorised(conn, old, NOW + 9 * HOUR)
    binding.join(60)
    assert [one.usable_from for one in bound] == [NOW + 9 * HOUR + MARGIN]


def test_a_phone_that_is_being_reported_lost_gets_no_last_authorisation(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], account: str
) -> None:
    (held,) = standing(cell, rules, account, NOW).phones
    refused: list[str] = []

    def ask() -> None:
        try:
            authorise(cell, rules, issuers, account, key(1), NOW)
        except StoppedPhoneError as error:
            refused.append(error.what)

    asking = threading.Thread(target=ask)
    with cell.connection() as conn:
        db.locked(conn, account)
        asking.start()
        _until_somebody_waits_for(conn)
        db.stop(conn, [held], Stopped.LOST, NOW)
    asking.join(60)
    assert refused == ["This phone was stopped: lost."]


def _until_somebody_waits_for(conn: Connection) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while conn.execute(query).fetchone() == (0,):
        time.sleep(0.01)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bind", "authorise", "authorise", "lose", "revoke", "restore"]),
        st.integers(1, 4),
        st.integers(0, 5 * HOUR),
    ),
    max_size=14,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_two_keys_of_an_account_never_ride_at_once(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer], steps: list[tuple[str, int, int]]
) -> None:
    """Whatever is bound, authorised and lost in whatever order: from each authorisation's moment
    until its last reader lets go, no other key of the account is authorised."""
    with cell.connection() as conn:
        conn.execute("TRUNCATE riders, accounts, phones, revoked, rider_events, account_serials")
    number = enrol(cell, rules, asked(), NOW - 30 * DAY).account
    now, given_ = NOW, list[tuple[int, int, int]]()
    for what, which, later in steps:
        now += later
        try:
            match what:
                case "bind":
                    bind(cell, rules, number, key(which), MadeBy.DEVICE, now)
                case "authorise":
                    told = authorise(cell, rules, issuers, number, key(which), now)
                    given_.append((which, now, told.until + MARGIN))
                case "lose":
                    report_loss(cell, rules, number, key(which), now)
                case "revoke":
                    revoke(cell, [number], now)
                case _:
                    restore(cell, [number], now)
        except (NotFoundError, StoppedPhoneError, CoolingError, DeniedError):
            continue
    for one, since, until in given_:
        for other, at, _ in given_:
            assert one == other or not since <= at < until
    current = [one for one in standing(cell, rules, number, now).phones if one.stopped is None]
    assert len(current) <= 1
    for phone_ in standing(cell, rules, number, now).phones:
        riding = [entry for entry in denied(cell, rules, now) if entry.account == number]
        if phone_.stopped in (Stopped.LOST, Stopped.CLONED) and now <= good_until(phone_):
            assert riding, "a lost phone that could ride is denied"
