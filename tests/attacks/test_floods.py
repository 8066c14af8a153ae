"""Codes made to fill a memory, to pass by what is in it, or to keep a reader busy."""

import time
from typing import Final

import pytest

from ridecode.code import KeySigner
from ridecode.core import Verdict
from ridecode.validator.device.pace import READINGS_AT_ONCE, READINGS_PER_S
from tests.attacks.city import LUOHU
from tests.attacks.world import Road

THIEF: Final = KeySigner(KeySigner.new_scalar())
USER_ID: Final = b"1234567812345678"
CPU_S_MOST: Final = 0.01
"""Of one code that must be verified to be refused: ten times what a quiet machine takes."""


def _forged(code: bytes, *, authorisation: bool) -> bytes:
    """A good code with one of its two signatures made by another key."""
    if not authorisation:
        return code[:-64] + THIEF.sign(code[:-65], USER_ID)
    fields = code[:-69]
    signed = fields[:-65] + fields[-65:-64] + THIEF.sign(fields[:-65], USER_ID) + code[-69:-65]
    return signed + code[-65:-64] + THIEF.sign(signed, USER_ID)


def test_a_poisoned_cache(road: Road) -> None:
    """Before and after the true one: what is remembered is that a signature was good, no more."""
    rider, gates = road.rider(1), [road.gate(f"in-{n}", LUOHU) for n in range(2)]
    poison = _forged(rider.code(road.now), authorisation=True)
    assert gates[0].read(poison) is Verdict.AUTHORISATION_SIGNATURE
    assert gates[0].read(rider.code(road.now)) is Verdict.ACCEPTED
    assert gates[1].read(poison) is Verdict.AUTHORISATION_SIGNATURE
    stripped = _forged(rider.code(road.now), authorisation=False)
    assert gates[1].read(stripped) is Verdict.USER_SIGNATURE
    bundle = road.bundle(road.now)
    assert bundle is not None
    held = bundle.verifier
    assert (len(held._certified), len(held._authorised)) == (1, 1)


def test_a_poisoned_memory_of_a_lane(road: Road) -> None:
    """Nothing is remembered of a code that did not pass, so nobody can be locked out by one."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    for ahead_s in range(5):
        forged = _forged(rider.code(road.now + ahead_s * 1_000_000), authorisation=False)
        assert gate.read(forged) is Verdict.USER_SIGNATURE
    assert len(gate.journal.memory) == 0
    assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED


def test_a_flood_of_codes_that_must_be_verified(road: Road) -> None:
    """A hundred a second for four seconds: the pace bounds what is judged, written and spent, and
    the next rider waits a second."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    codes = [_forged(rider.code(road.now + n * 1_000_000), authorisation=False) for n in range(4)]
    began, judged = time.thread_time(), 0
    for n in range(400):
        judged += gate.read(codes[n // 100]) is not None
        road.wait(0.01)
    spent_s = time.thread_time() - began
    most = READINGS_AT_ONCE + 4 * READINGS_PER_S
    assert judged <= most
    assert gate.lane.unjudged == 400 - judged
    assert len(gate.waiting().taps) == judged
    assert spent_s <= most * CPU_S_MOST
    road.wait(1)
    assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "noise", [b"", b"\x00", b"\x80" * 10_000, bytes(332), b"https://a.example/"]
)
def test_noise_costs_no_signature(road: Road, noise: bytes) -> None:
    gate = road.gate("in", LUOHU)
    verdict = gate.read(noise)
    assert verdict is not None and verdict < Verdict.CERTIFICATE_SIGNATURE
