"""How fast codes are verified here, against the same library at its barest, in the same run.

A *bare* verification loads one 33-byte key and verifies one signature of 300 bytes. A *cold* code
finds the root loaded and both memories empty, so that its three signatures are verified; a *warm*
one finds certificate and authorisation remembered. All three take turns, slice by slice, so that a
machine that changes its pace does not favour one; figures are medians of the slices, in CPU time
of one thread. `openssl speed` has its turns of a second between them, and each is compared with
the slices just before and just after it.
"""

import random
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from itertools import chain, pairwise
from typing import Final

from msgspec import Struct

from ridecode.code.certificate import Root
from ridecode.code.issue import Grant, authorise, make_certificate, make_root, present
from ridecode.code.parse import parse
from ridecode.code.signer import KeySigner
from ridecode.code.sm2 import DEFAULT_USER_ID, PublicKey, library_version
from ridecode.code.verify import Verifier
from ridecode.core import Bar, Progress, Verdict, unseen

BARE_BYTES: Final = 300
COLD_MOST: Final = 1.10
"""A cold code costs at most this many times three bare verifications."""
WARM_MOST: Final = 1.20
"""A warm code costs at most this many times one bare verification."""
SPEED_LEAST: Final = 0.80
"""Cold codes a second are at least this share of a third of what `openssl speed` verifies."""
_NOW_S: Final = 1_767_225_600
ROUNDS: Final = 10
"""Turns of `openssl speed`."""
_SLICES: Final = 4
"""Before each turn, and after the last one."""
_CODES: Final = 64
_SPEED_TIMEOUT_S: Final = 60


class VerifyBench(Struct, frozen=True, kw_only=True):
    """What `bench_verify` found. Times are CPU microseconds of one thread, medians of slices."""

    library: str
    code_bytes: int
    bare_bytes: int
    slices: int
    codes_per_slice: int
    bare_us: float
    cold_us: float
    warm_us: float
    parse_us: float
    examine_us: float
    """All checks but the signatures."""
    cold_per_s: float
    openssl_verifies_per_s: float | None
    """By `openssl speed sm2`; None where there is no such program."""
    bars: tuple[Bar, ...]


def bench_verify(progress: Progress = unseen, rounds: int = ROUNDS) -> VerifyBench:
    """Measure on this thread, three seconds a round; keys and codes are the same each time."""
    work = _Work()
    turns, speeds = [work.slices()], []
    for done in range(rounds):
        progress(done, rounds)
        speeds.append(_openssl_speed())
        turns.append(work.slices())
    bare, cold, warm, parsed, examined = (
        statistics.median(column) for column in zip(*chain(*turns), strict=True)
    )
    known = [speed for speed in speeds if speed]
    return VerifyBench(
        library=library_version(),
        code_bytes=work.code_bytes, bare_bytes=BARE_BYTES, slices=len(turns) * _SLICES,
        codes_per_slice=_CODES, bare_us=bare, cold_us=cold, warm_us=warm,
        parse_us=parsed, examine_us=examined, cold_per_s=1e6 / cold,
        openssl_verifies_per_s=statistics.median(known) if known else None,
        bars=tuple(_bars(turns, speeds)),
    )  # fmt: skip


def _bars(turns: "list[list[_Slice]]", speeds: list[float | None]) -> list[Bar]:
    """Ratios are taken where both were measured at about the same time, then their median."""
    slices = list(chain(*turns))
    cold_ratio = statistics.median(part[1] / (3 * part[0]) for part in slices)
    warm_ratio = statistics.median(part[2] / part[0] for part in slices)
    bars = [
        Bar.at_most("cold code ÷ three bare verifications", cold_ratio, COLD_MOST),
        Bar.at_most("warm code ÷ one bare verification", warm_ratio, WARM_MOST),
    ]
    shares = [
        _per_second(before + after) / (speed / 3)
        for (before, after), speed in zip(pairwise(turns), speeds, strict=True)
        if speed
    ]
    if shares:
        share = statistics.median(shares)
        name = "cold codes a second ÷ a third of openssl speed"
        bars.append(Bar.at_least(name, share, SPEED_LEAST))
    return bars


def _per_second(slices: "list[_Slice]") -> float:
    """Cold codes a second over all of them: `openssl speed` gives a mean as well."""
    return 1e6 / statistics.fmean(part[1] for part in slices)


_Slice = tuple[float, float, float, float, float]
"""µs of a bare verification, a cold code, a warm code, a parse and an examination."""


class _Work:
    """64 codes of as many riders and 8 issuers under one root, and as many bare signatures."""

    def __init__(self) -> None:
        dice = random.Random(1179)
        ca, *issuers = (KeySigner(_scalar(dice)) for _ in range(9))
        root = Root.parse(make_root(ca, 1, "1240"))
        certificates = [
            make_certificate(
                ca, root, issuer=f"{n:08}", issuer_key=issuer.public_key, expiry="1240", serial=n
            )
            for n, issuer in enumerate(issuers)
        ]
        riders = [KeySigner(_scalar(dice)) for _ in range(_CODES)]
        self.codes = [
            present(authorise(_grant(rider), certificates[n % 8], issuers[n % 8]), rider, _NOW_S)
            for n, rider in enumerate(riders)
        ]
        self.bare = []
        for rider in riders:
            message = dice.randbytes(BARE_BYTES)
            signature = rider.sign(message, DEFAULT_USER_ID)
            self.bare.append((rider.public_key, message, signature))
        self.cold, self.warm = Verifier([root]), Verifier([root])
        for code in self.codes:
            self.warm.verify(code, _NOW_S)

    @property
    def code_bytes(self) -> int:
        return len(self.codes[0])

    def slices(self) -> list[_Slice]:
        return [self._slice() for _ in range(_SLICES)]

    def _slice(self) -> _Slice:
        return (
            _timed(self._bare), _timed(self._cold), _timed(self._warm),
            _timed(self._parse), _timed(self._examine),
        )  # fmt: skip

    def _bare(self) -> None:
        for point, message, signature in self.bare:
            assert PublicKey(point).verify(message, signature)

    def _cold(self) -> None:
        for code in self.codes:
            self.cold.forget()
            assert self.cold.verify(code, _NOW_S).verdict is Verdict.ACCEPTED

    def _warm(self) -> None:
        for code in self.codes:
            assert self.warm.verify(code, _NOW_S).verdict is Verdict.ACCEPTED

    def _parse(self) -> None:
        for code in self.codes:
            parse(code)

    def _examine(self) -> None:
        for code in self.codes:
            self.warm.examine(code, _NOW_S)


def _timed(work: Callable[[], None]) -> float:
    """CPU µs of this thread for one of the 64."""
    start = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - start) / 1_000 / _CODES


def _scalar(dice: random.Random) -> bytes:
    """A key for measuring alone, the same in every run."""
    return dice.randrange(1, 1 << 255).to_bytes(32, "big")


def _grant(rider: KeySigner) -> Grant:
    return Grant(
        payment_account="0000000000000001", card_account="3104770000000000001",
        platform="00000001", account_type=1, limit_fen=2_000, user_key=rider.public_key,
        until_s=_NOW_S + 86_400, validity_s=60,
    )  # fmt: skip


def _openssl_speed() -> float | None:
    """Verifications a CPU second by `openssl speed`, None where it is not there or says nothing."""
    program = shutil.which("openssl")
    if program is None:
        return None
    try:
        ran = subprocess.run(
            [program, "speed", "-seconds", "1", "sm2"],
            capture_output=True, text=True, timeout=_SPEED_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"SM2.*\s([\d.]+)\s*$", ran.stdout, re.MULTILINE)
    return float(found.group(1)) if found else None
