"""What a decision costs beside its signatures, in the same run as a signature.

The deny list has a million accounts and the lane's memory is full. Everything but the signatures,
from the bytes to tap and effects, is timed with a verifier that takes every signature for good.
The same is told once more as a difference, in each slice: the same codes decided with their
signatures, less those signatures alone. That one includes what OpenSSL's work leaves cold in the
processor's caches, and the noise of two large numbers. Certificates and authorisations are
remembered, as those of regular riders are. Figures are medians of the slices, in µs of CPU time
of one thread.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ridecode.code import (
    Grant,
    KeySigner,
    Root,
    TestRoots,
    Verified,
    Verifier,
    authorise,
    library_version,
    make_certificate,
    make_root,
    present,
)
from ridecode.core import MICROS, Bar, Mode, Progress, TapKind, Verdict, unseen
from ridecode.validator.bundle import Bundle
from ridecode.validator.decide import decide
from ridecode.validator.deny import DenyList
from ridecode.validator.memory import MOST, ClockSet, Effect, Memory, Passed
from ridecode.validator.place import Place
from ridecode.validator.rules import ClockRules, Rules

BESIDE_SIGNATURES_US_MOST: Final = 50.0
"""All of a decision but its signatures costs at most this much CPU."""
DENIED: Final = 1_000_000
_NOW_S: Final = 1_767_225_600
_NOW: Final = _NOW_S * MICROS
_SLICES: Final = 48
_CODES: Final = 64
_ORIGIN: Final = ("00000001", "00000002", 0x80)
_PLACE: Final = Place(
    kind=TapKind.SINGLE, mode=Mode.BUS, product="bus", operator="east", line="b1", stop="a",
    validator="r1", vehicle="v7",
)  # fmt: skip


class DecideBench(Struct, frozen=True, kw_only=True):
    """What `bench_decide` found. Times are CPU microseconds of one thread, medians of slices."""

    library: str
    code_bytes: int
    denied: int
    denied_bytes: int
    remembered: int
    slices: int
    codes_per_slice: int
    beside_us: float
    """An accepted code, all of it but the signatures."""
    accepted_us: float
    """An accepted code, with its one signature that nobody can have remembered."""
    signature_us: float
    """That signature alone: the baseline."""
    difference_us: float
    """`accepted_us` less `signature_us`, within each slice first."""
    debounced_us: float
    """A code that was just accepted, shown again."""
    not_accepted_us: float
    """A code of an issuer that is not accepted."""
    examine_us: float
    """The part of all these that is `code.Verifier.examine`."""
    deny_us: float
    """One question to the deny list."""
    bars: tuple[Bar, ...]


def bench_decide(progress: Progress = unseen) -> DecideBench:
    """Measure for a few seconds on this thread; the same keys and codes each time it is called."""
    work = _Work()
    slices = []
    for done in range(_SLICES):
        progress(done, _SLICES)
        slices.append(work.slice())
    beside, accepted, signature, debounced, not_accepted, examine, deny = (
        statistics.median(column) for column in zip(*slices, strict=True)
    )
    difference = statistics.median(part[1] - part[2] for part in slices)
    return DecideBench(
        library=library_version(),
        code_bytes=len(work.codes[0]), denied=len(work.bundle.denied),
        denied_bytes=work.bundle.denied.size_bytes, remembered=len(work.memory),
        slices=_SLICES, codes_per_slice=_CODES, beside_us=beside,
        accepted_us=accepted, signature_us=signature, difference_us=difference,
        debounced_us=debounced, not_accepted_us=not_accepted, examine_us=examine, deny_us=deny,
        bars=(
            Bar.at_most(
                "all of decide but signatures, µs", beside, BESIDE_SIGNATURES_US_MOST
            ),
        ),
    )  # fmt: skip


_Slice = tuple[float, float, float, float, float, float, float]
"""µs of all but the signatures, an accepted code, its signature, a debounced code, one that is
not accepted, an examination, and a question to the deny list."""


class _Trusting(Verifier):
    """Asks all but the signatures, and takes those for good."""

    def prove(self, examined: Verified) -> Verdict:
        return examined.verdict


class _Work:
    """64 riders' codes at one bus reader; all its accounts but theirs have passed or are denied."""

    def __init__(self) -> None:
        dice = random.Random(1179)
        root, self.codes = _codes(dice)
        self.bundle = Bundle(
            city="bench", version=1, made=_NOW, roots=(root,), v1_keys=(),
            rules=Rules(
                debounce_ms=2_000, clock=ClockRules(), accepted={_ORIGIN: 60},
                iins={_ORIGIN[0]: "31047700"}, places={},
                test_roots=TestRoots.REFUSED,
            ),
            denied=DenyList(_account(10**15 + 7 * n) for n in range(DENIED)),
            single_fare={"bus": 200},
        )  # fmt: skip
        self.unsigned = replace(self.bundle)
        vars(self.unsigned)["verifier"] = _Trusting(self.bundle.roots)
        self.elsewhere = replace(self.bundle, rules=replace(self.bundle.rules, accepted={}))
        self.memory, self.after = Memory(), Memory()
        crowd: list[Effect] = [ClockSet(_NOW), *(_passed(dice, n) for n in range(MOST))]
        for memory in (self.memory, self.after):
            memory.keep(crowd)
        for code in self.codes:
            self.after.keep(decide(self.bundle, self.memory, code, _PLACE, _NOW).remember)
        self.examined = [self.bundle.verifier.examine(code, _NOW_S) for code in self.codes]

    def slice(self) -> _Slice:
        # Neighbours in time, so that a change of the machine's pace does not fall between them.
        return (
            _timed(self._beside), _timed(self._accepted), _timed(self._signature),
            _timed(self._debounced), _timed(self._not_accepted), _timed(self._examine),
            _timed(self._deny),
        )  # fmt: skip

    def _beside(self) -> None:
        for code in self.codes:
            verdict = decide(self.unsigned, self.memory, code, _PLACE, _NOW).verdict
            assert verdict is Verdict.ACCEPTED

    def _accepted(self) -> None:
        for code in self.codes:
            verdict = decide(self.bundle, self.memory, code, _PLACE, _NOW).verdict
            assert verdict is Verdict.ACCEPTED

    def _signature(self) -> None:
        for examined in self.examined:
            assert self.bundle.verifier.prove(examined) is Verdict.ACCEPTED

    def _debounced(self) -> None:
        for code in self.codes:
            verdict = decide(self.bundle, self.after, code, _PLACE, _NOW + MICROS).verdict
            assert verdict is Verdict.DEBOUNCED

    def _not_accepted(self) -> None:
        for code in self.codes:
            verdict = decide(self.elsewhere, self.memory, code, _PLACE, _NOW).verdict
            assert verdict is Verdict.ISSUER_NOT_ACCEPTED

    def _examine(self) -> None:
        for code in self.codes:
            self.bundle.verifier.examine(code, _NOW_S)

    def _deny(self) -> None:
        for n in range(_CODES):
            assert _account(n) not in self.bundle.denied


def _timed(work: Callable[[], None]) -> float:
    """CPU µs of this thread for one of the 64."""
    start = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - start) / 1_000 / _CODES


def _codes(dice: random.Random) -> tuple[Root, list[bytes]]:
    ca, issuer, *riders = (KeySigner(_scalar(dice)) for _ in range(_CODES + 2))
    root = Root.parse(make_root(ca, 1, "1240"))
    certificate = make_certificate(
        ca, root, issuer=_ORIGIN[0], issuer_key=issuer.public_key, expiry="1240", serial=1
    )
    return root, [
        present(authorise(_grant(rider, n), certificate, issuer), rider, _NOW_S)
        for n, rider in enumerate(riders)
    ]


def _grant(rider: KeySigner, n: int) -> Grant:
    return Grant(
        payment_account="0000000000000001", card_account=_account(n), platform=_ORIGIN[1],
        account_type=1, limit_fen=2_000, user_key=rider.public_key, until_s=_NOW_S + 86_400,
        validity_s=60,
    )  # fmt: skip


def _passed(dice: random.Random, n: int) -> Passed:
    return Passed(
        account=_account(10**14 + n), code=dice.randbytes(16), made_s=_NOW_S - 30,
        ts=_NOW - MICROS, spot="v7", kind=TapKind.SINGLE, party=0, until=_NOW + 1_200 * MICROS,
    )  # fmt: skip


def _account(n: int) -> str:
    return str(3104770000000000000 + n)


def _scalar(dice: random.Random) -> bytes:
    """A key for measuring alone, the same in every run."""
    return dice.randrange(1, 1 << 255).to_bytes(32, "big")
