"""Nothing crashes, every answer is typed, and nothing is accepted that was not signed.

Each run takes a new seed and says it; `RIDECODE_SEED=… pytest …` takes it again.
"""

import os
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from random import Random

import pytest

from ridecode.code import RideCode, Verifier, parse, v1
from ridecode.code.fields import fields_of
from ridecode.core import Verdict
from tests.code import forge, mutate, paper_code
from tests.code.cases import ACCEPTED, REFUSED
from tests.code.forge import MADE, OTHER
from tests.code.world import ROOT_RECORDS, verifier

SOAK = pytest.mark.soak


@pytest.fixture
def dice(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Random:
    seed = int(os.environ.get("RIDECODE_SEED") or secrets.randbits(32))
    with capsys.disabled():
        sys.stdout.write(f"\nRIDECODE_SEED={seed} {request.node.name}\n")
    return Random(seed)


def seeds() -> list[bytes]:
    """What the mutations start from: every kind of bytes that a reader knows."""
    codes = [case.code() for case in (*ACCEPTED, *REFUSED)]
    return [*codes, forge.build_v1(), forge.build_v1({"version": b"\x80"}), *ROOT_RECORDS.values()]


@pytest.mark.parametrize("count", [100_000, pytest.param(10_000_000, marks=SOAK)])
def test_the_parser_takes_what_the_book_takes(count: int, dice: Random) -> None:
    """Of mutated bytes: a verdict or a code, and the very fields that a second reading finds."""
    pool, seen = seeds(), Counter[str]()
    for _ in range(count):
        data = mutate.mutated(dice.choice(pool), pool, dice)
        answer = parse(data)
        assert isinstance(answer, RideCode | v1.Code | Verdict)
        assert answer is not Verdict.ACCEPTED
        seen[answer.name if isinstance(answer, Verdict) else type(answer).__name__] += 1
        found = None if isinstance(answer, Verdict) else fields_of(answer)
        assert found == (paper_code.fields(data) or paper_code.fields_v1(data)), data.hex()
    assert {"RideCode", "Code", "TOO_SHORT", "CUSTOM_FIELD_LENGTH", "USER_KEY_MALFORMED"} <= set(
        seen
    )


@pytest.mark.parametrize("count", [2_000, pytest.param(300_000, marks=SOAK)])
def test_of_mutated_codes_only_the_signed_are_accepted(count: int, dice: Random) -> None:
    """What is accepted differs from a signed code in bytes under no signature alone."""
    codes = [case.code() for case in ACCEPTED if case.now == MADE] + [forge.build_v1()]
    signed = {_identity(code) for code in codes}
    judge, seen = verifier(), Counter[Verdict]()
    for _ in range(count):
        data = mutate.mutated(dice.choice(codes), codes, dice)
        verdict = judge.verify(data, MADE).verdict
        seen[verdict] += 1
        if verdict is Verdict.ACCEPTED:
            assert _identity(data) in signed, data.hex()
    assert seen[Verdict.USER_SIGNATURE] > count // 50
    assert seen[Verdict.ACCEPTED] > 0, "nothing came through unchanged: the test sees nothing"


def _identity(data: bytes) -> bytes:
    code = parse(data)
    assert not isinstance(code, Verdict)
    return code.identity


Built = tuple[bytes, Verdict]
sign = lru_cache(maxsize=10_000)(forge.openssl)
"""What is signed again is signed the same, so that most codes need one new signature."""


@pytest.mark.parametrize("count", [2_000, pytest.param(300_000, marks=SOAK)])
def test_codes_built_to_reach_a_signature_are_refused_there(count: int, dice: Random) -> None:
    """All is right but one signature, whose own verdict must come, from memory or without."""
    judge, seen = verifier(), Counter[Verdict]()
    for _ in range(count):
        code, expected = dice.choice(BUILDERS)(dice)
        assert judge.verify(code, MADE).verdict is expected, code.hex()
        seen[expected] += 1
        if dice.randrange(50) == 0:
            judge.forget()
    assert min(seen.values()) > count // 10
    assert judge_still_accepts(judge)


def judge_still_accepts(judge: Verifier) -> bool:
    return judge.verify(forge.build(), MADE).verdict is Verdict.ACCEPTED


VERSIONS = (b"\x80", b"\x81", b"\x82", b"\xff")


@cache
def _good(version: bytes) -> tuple[bytes, bytes, bytes]:
    """The three signatures of a good code of that version."""
    code = forge.build({"field_1": version}, sign)
    return code[56:120], code[199:263], code[-64:]


def at_the_certificate(dice: Random) -> Built:
    """The attacker's own key or another validity in a real certificate; the rest is well signed."""
    version = dice.choice(VERSIONS)
    good, *_ = _good(version)
    change: dict[str, bytes] = dice.choice((
        {"item_7": dice.randbytes(3)},
        {"item_10": bytes((dice.randrange(1, 256),))},
        {"item_6": bytes.fromhex(f"11{dice.randrange(30, 99)}")},
        {"item_12": forge.point(OTHER), "key_15": OTHER},
        {"item_13": mutate.signature(good, dice)},
        {"key_13": dice.choice((OTHER, forge.ISSUER, forge.RIDER))},
        {"id_13": dice.randbytes(dice.choice((0, 5, 8, 16)))},
    ))  # fmt: skip
    keep = {} if {"key_13", "id_13", "item_13"} & set(change) else {"item_13": good}
    return forge.build({"field_1": version} | keep | change, sign), Verdict.CERTIFICATE_SIGNATURE


def at_the_authorisation(dice: Random) -> Built:
    """Something in fields 4 to 14 that the issuer did not grant, signed by the rider."""
    version = dice.choice(VERSIONS)
    _, good, _ = _good(version)
    change: dict[str, bytes] = dice.choice((
        {"field_4": bytes(dice.randrange(0x20, 0x7F) for _ in range(15)) + b"x"},
        {"field_5": bytes.fromhex(f"{dice.randrange(10**19):019}f")},
        {"field_8": bytes((dice.randrange(2, 256),))},
        {"field_9": (2001 + dice.randrange(10**6)).to_bytes(3, "big")},
        {"field_10": forge.point(OTHER), "key_17": OTHER},
        {"field_11": (forge.UNTIL + 1 + dice.randrange(10**8)).to_bytes(4, "big")},
        {"field_12": dice.randrange(61, 1201).to_bytes(2, "big")},
        {"field_14": dice.randbytes(dice.randrange(1, 33))},
        {"field_15": mutate.signature(good, dice)},
        {"key_15": dice.choice((OTHER, forge.CA, forge.RIDER))},
        {"id_15": dice.randbytes(dice.choice((0, 5, 8, 16)))},
    ))  # fmt: skip
    keep = {} if {"key_15", "id_15", "field_15"} & set(change) else {"field_15": good}
    return forge.build({"field_1": version} | keep | change, sign), Verdict.AUTHORISATION_SIGNATURE


def at_the_rider(dice: Random) -> Built:
    """A real authorisation in the wrong hands, or an old code made new."""
    version = dice.choice(VERSIONS)
    *_, good = _good(version)
    change: dict[str, bytes] = dice.choice((
        {"field_16": (MADE - 1 - dice.randrange(60)).to_bytes(4, "big"), "field_17": good},
        {"format_15": bytes((dice.randrange(0x16, 0x100),)), "field_17": good},
        {"field_17": mutate.signature(good, dice)},
        {"key_17": dice.choice((OTHER, forge.CA, forge.ISSUER))},
        {"id_17": dice.randbytes(dice.choice((0, 5, 10, 16)))},
    ))  # fmt: skip
    return forge.build({"field_1": version} | change, sign), Verdict.USER_SIGNATURE


def at_the_v1_authorisation(dice: Random) -> Built:
    good = forge.build_v1(sign=sign)[91:155]
    change: dict[str, bytes] = dice.choice((
        {"account": bytes.fromhex(f"{dice.randrange(10**19):019}f"), "issuer_signature": good},
        {"user_key": forge.point(OTHER), "rider": OTHER, "issuer_signature": good},
        {"bytes_10": dice.randbytes(24), "issuer_signature": good},
        {"issuer_signature": mutate.signature(good, dice)},
        {"issuer": dice.choice((OTHER, forge.CA, forge.RIDER))},
    ))  # fmt: skip
    return forge.build_v1(change, sign), Verdict.AUTHORISATION_SIGNATURE


def at_the_v1_rider(dice: Random) -> Built:
    good = forge.build_v1(sign=sign)[162:]
    change: dict[str, bytes] = dice.choice((
        {"made": (MADE - 1 - dice.randrange(60)).to_bytes(4, "big"), "rider_signature": good},
        {"bytes_155": b"\x01" + dice.randbytes(1), "rider_signature": good},
        {"rider_signature": mutate.signature(good, dice)},
        {"rider": dice.choice((OTHER, forge.CA, forge.ISSUER))},
    ))  # fmt: skip
    return forge.build_v1(change, sign), Verdict.USER_SIGNATURE


BUILDERS: tuple[Callable[[Random], Built], ...] = (
    at_the_certificate, at_the_certificate, at_the_authorisation, at_the_rider,
    at_the_v1_authorisation, at_the_v1_rider,
)  # fmt: skip
