"""The second look: no tap stands before its whole code was verified, and nothing is thrown away."""

import runpy
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import msgpack

from ridecode.city import load_pack
from ridecode.code import KeySigner, present
from ridecode.core import MICROS, NotFoundError, RefusedError, Tap, Verdict
from ridecode.core.device import TapBatch
from ridecode.store import Cell, log, open_cell
from ridecode.store.migrate import STEPS, steps
from ridecode.taps import (
    Checker,
    Ingest,
    Suspicion,
    new_accounts,
    quarantined,
    release,
    revoke,
    tap,
    taps_of,
    taps_of_accounts,
)
from ridecode.taps.checks.checking import Found, check
from ridecode.taps.facts import Unchecked
from tests.taps.codes import ACCOUNT, NOW_S, PHONE, authorisation, authority, code, verifier_of
from tests.taps.fleet import NOW, gate, receipts

SHENZHEN = load_pack("shenzhen")
IINS = {"02215840": "31048704", "02205810": "31048703"}
OTHER, THEIRS = "3104870400000000001", "9999000012345678901"
FOREIGN = "3104870300000000001"
"""Of another issuer's cards."""
GOOD = code(NOW_S - 10)
VERIFIER = partial(verifier_of, authority().root.raw)
IINS = {one.number: one.iin for one in SHENZHEN.issuers.values()}

LAST = GOOD[:-1] + bytes((GOOD[-1] ^ 1,))
CASES: list[tuple[str, dict[str, Any], Verdict, Suspicion | None]] = [
    ("good", {}, Verdict.ACCEPTED, None),
    ("another format byte: the same code", {"code": GOOD[:-65] + b"\0" + GOOD[-64:]},
     Verdict.ACCEPTED, None),
    ("at its very end", {"ts": (NOW_S + 50) * MICROS}, Verdict.ACCEPTED, None),
    ("a second after its end", {"ts": (NOW_S + 51) * MICROS},
     Verdict.CODE_EXPIRED, Suspicion.TIME_OUTSIDE_CODE),
    ("made 20 s after it was read", {"ts": (NOW_S - 30) * MICROS}, Verdict.ACCEPTED, None),
    ("made 21 s after it was read", {"ts": (NOW_S - 31) * MICROS},
     Verdict.NOT_YET_VALID, Suspicion.TIME_OUTSIDE_CODE),
    ("made for tomorrow", {"code": code(NOW_S + 3_500), "code_time": NOW_S + 3_500},
     Verdict.NOT_YET_VALID, Suspicion.TIME_OUTSIDE_CODE),
    ("a bit changed in the rider's signature", {"code": LAST},
     Verdict.USER_SIGNATURE, Suspicion.CODE_REFUSED),
    ("no code at all", {"code": b"\x80"}, Verdict.TOO_SHORT, Suspicion.CODE_REFUSED),
    ("noise", {"code": bytes(332)}, Verdict.VERSION_UNKNOWN, Suspicion.CODE_REFUSED),
    ("another issuer's account", {"account": FOREIGN, "code": code(NOW_S - 10, FOREIGN)},
     Verdict.ACCOUNT_NOT_OF_ISSUER, Suspicion.CODE_REFUSED),
    ("of an account that is another issuer's",
     {"account": THEIRS, "code": code(NOW_S - 10, THEIRS)},
     Verdict.ACCOUNT_NOT_OF_ISSUER, Suspicion.CODE_REFUSED),
    ("another account", {"account": OTHER}, Verdict.ACCEPTED, Suspicion.ACCOUNT_MISMATCH),
    ("a student", {"account_type": 2}, Verdict.ACCEPTED, Suspicion.ACCOUNT_TYPE_MISMATCH),
    ("another time", {"code_time": NOW_S}, Verdict.ACCEPTED, Suspicion.CODE_TIME_MISMATCH),
]  # fmt: skip


def unchecked(**fields: Any) -> Unchecked:
    plain: dict[str, Any] = {
        "tap_id": UUID(int=1), "account": ACCOUNT, "account_type": 1, "ts": NOW, "code": GOOD,
        "code_time": NOW_S - 10,
    }  # fmt: skip
    return Unchecked(**{**plain, **fields})


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_code_is_judged_as_of_its_tap(
    fields: dict[str, Any], verdict: Verdict, reason: Suspicion | None
) -> None:
    assert check(VERIFIER(), IINS, unchecked(**fields)) == Found(verdict, reason)


def test_an_issuer_of_unknown_cards_signs_for_any() -> None:
    tap = unchecked(account=FOREIGN, code=code(NOW_S - 10, FOREIGN))
    assert check(VERIFIER(), {"02205810": "31048703"}, tap).reason is None


def test_an_authorisation_without_its_key_signs_nothing() -> None:
    blob, thief = authorisation(), KeySigner(KeySigner.new_scalar())
    signed = blob + (NOW_S - 10).to_bytes(4, "big")
    forged = signed + b"\x15" + thief.sign(signed, b"1234567812345678")

    assert check(VERIFIER(), IINS, unchecked(code=forged)).reason is Suspicion.CODE_REFUSED
    assert present(blob, PHONE, NOW_S - 10)[:-64] == forged[:-64]


@pytest.fixture
def ingest(cell: Cell) -> Iterator[Ingest]:
    with Ingest(cell, SHENZHEN, lambda: NOW) as made:
        yield made


def test_the_good_stand_and_the_others_are_set_aside(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    good = one.read(1, account=ACCOUNT, code=GOOD, code_time=NOW_S - 10, ts=NOW)
    forged = one.read(3)
    one.send(ingest, good).result(60)
    one.send(ingest, forged).result(60)

    with Checker(cell, SHENZHEN, VERIFIER, 1, lambda: NOW + 7) as checker:
        done = checker.drain()
        again = checker.run()

    assert (done.codes, done.stand, again.codes) == (4, 1, 0)
    assert done.cpu_us_per_code > 0
    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {ACCOUNT: NOW}
        accounts = {at.account: 0 for at in (*good.taps, *forged.taps)}
        (standing,) = taps_of_accounts(conn, cell.city, accounts)
        (told,) = log.read(conn, "taps.quarantined", 0)
    assert (standing.tap_id, standing.code_time) == (good.taps[0].tap_id, NOW_S - 10)
    assert sorted(msgpack.decode(told.body)) == sorted(
        [at.tap_id.bytes, at.account, Suspicion.CODE_REFUSED, at.ts] for at in forged.taps
    )
    aside = quarantined(cell)
    assert {at.tap.tap_id for at in aside} == {at.tap_id for at in forged.taps}
    assert {(at.reason, at.at) for at in aside} == {(Suspicion.CODE_REFUSED, NOW + 7)}
    assert all(at.verdict not in (None, Verdict.ACCEPTED) for at in aside)


def test_a_release_leads_to_the_check_and_never_past_it(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    revoke(cell, "g1", "lost", NOW)
    good = one.read(1, account=ACCOUNT, code=GOOD, code_time=NOW_S - 10, ts=NOW)
    forged = one.read(1)
    for batch in (good, forged):
        found = receipts(one.send(ingest, batch).result(60))
        assert found == ["QUARANTINED DEVICE_REVOKED"]

    for batch in (good, forged):
        release(cell, batch.taps[0].tap_id, by="lin", why="found at the depot", now=NOW)
    assert quarantined(cell) == []
    with Checker(cell, SHENZHEN, VERIFIER, 1, lambda: NOW) as checker:
        assert checker.drain().stand == 1

    (aside,) = quarantined(cell)
    assert (aside.tap, aside.reason) == (forged.taps[0], Suspicion.CODE_REFUSED)
    with pytest.raises(RefusedError, match="cannot be released"):
        release(cell, forged.taps[0].tap_id, by="lin", why="please", now=NOW)
    with pytest.raises(NotFoundError):
        release(cell, good.taps[0].tap_id, by="lin", why="again", now=NOW)
    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {ACCOUNT: NOW}


def test_a_tap_is_found_by_its_account_once_it_was_looked_at(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    good = one.read(1, account=ACCOUNT, code=GOOD, code_time=NOW_S - 10, ts=NOW)
    forged = one.read(1, account=ACCOUNT)
    denied = one.read(1, account=ACCOUNT, verdict=Verdict.CODE_EXPIRED)
    nowhere = one.read(1, account=ACCOUNT, stop="nowhere")
    for batch in (good, forged, denied, nowhere):
        one.send(ingest, batch).result(60)

    assert taps_of(cell, ACCOUNT) == by_time(denied, nowhere)
    assert tap(cell, good.taps[0].tap_id) == good.taps[0]
    with Checker(cell, SHENZHEN, VERIFIER, 1, lambda: NOW) as checker:
        checker.drain()
    assert taps_of(cell, ACCOUNT) == by_time(good, forged, denied, nowhere)


def by_time(*batches: TapBatch) -> list[Tap]:
    return sorted((at for one in batches for at in one.taps), key=lambda at: (at.ts, at.tap_id))


def test_what_an_older_ridecode_checked_is_found_as_well(
    cell: Cell, ingest: Ingest, data_folder: Path
) -> None:
    one = gate(cell)
    good = one.read(1, account=ACCOUNT, code=GOOD, code_time=NOW_S - 10, ts=NOW)
    aside = one.read(1, account=ACCOUNT, stop="nowhere")
    for batch in (good, aside):
        one.send(ingest, batch).result(60)
    with Checker(cell, SHENZHEN, VERIFIER, 1, lambda: NOW) as checker:
        checker.drain()
    with cell.connection() as conn:
        for step in reversed(steps()[steps().index("0008_by_account") :]):
            conn.execute(runpy.run_path(str(STEPS / f"{step}.py"))["_DOWN"])
        conn.execute("UPDATE alembic_version SET version_num = '0007_bundles'")

    with open_cell(data_folder, cell.city) as newer, newer.connection() as conn:
        assert taps_of(newer, ACCOUNT) == by_time(good, aside)
        assert taps_of_accounts(conn, cell.city, {ACCOUNT: 0}) != []


def test_a_checker_that_is_stopped_half_way_begins_the_pass_again(
    cell: Cell, ingest: Ingest
) -> None:
    one = gate(cell)
    batch = one.read(1, account=ACCOUNT, code=GOOD, code_time=NOW_S - 10, ts=NOW)
    one.send(ingest, batch).result(60)

    with (
        pytest.raises(ZeroDivisionError),
        Checker(cell, SHENZHEN, VERIFIER, 1, lambda: 1 // 0) as checker,
    ):
        checker.run()
    with Checker(cell, SHENZHEN, VERIFIER, 1, lambda: NOW) as checker:
        assert checker.run().stand == 1
