"""The check of every code at the centre: no tap stands before its whole code was verified here.

A code is judged as of the moment of its tap, with the roots that the centre trusts now, in a pool
of processes (a code takes two SM2 verifications), and its account must be one of its issuer's own.
What the tap says of its code must be what the code says. The good come to stand, the others go to
quarantine; either way the log tells it on.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.code import RideCode, Verifier
from ridecode.core import MICROS, Verdict, logs
from ridecode.store import Cell, Connection, end_with_parent, log
from ridecode.taps.checks import db
from ridecode.taps.db import connected, tell_standing
from ridecode.taps.facts import Unchecked
from ridecode.taps.suspicion import Suspicion

_CONSUMER: Final = "check"
BATCHES_MOST: Final = 20
"""Batches of the log that one pass takes: some seconds' work."""
_CHUNK: Final = 100
"""Codes that a process is given at a time."""


class Found(Struct, frozen=True, gc=False):
    """What the check found of one code."""

    verdict: Verdict
    reason: Suspicion | None
    """None: the tap stands."""


class Checked(Struct, frozen=True):
    """What a pass did."""

    codes: int
    stand: int
    cpu_s: float
    """Of the verifying processes."""

    @property
    def cpu_us_per_code(self) -> float:
        """0 where there was none."""
        return self.cpu_s / self.codes * MICROS if self.codes else 0.0


_TIME: Final = frozenset({Verdict.NOT_YET_VALID, Verdict.CODE_EXPIRED})


def check(verifier: Verifier, iins: Mapping[str, str], tap: Unchecked) -> Found:
    """The verdict on a tap's code as of its own moment, and what is wrong with the tap. Pure.

    `iins` tells by issuer number how its card accounts begin; of no other issuer it is asked.
    """
    verified = verifier.verify(tap.code, tap.ts // MICROS)
    code = verified.code
    if not verified.verdict.accepted or code is None:
        is_time = verified.verdict in _TIME
        reason = Suspicion.TIME_OUTSIDE_CODE if is_time else Suspicion.CODE_REFUSED
        return Found(verified.verdict, reason)
    if not code.card_account.startswith(iins.get(verifier.issuer(code), "")):
        return Found(Verdict.ACCOUNT_NOT_OF_ISSUER, Suspicion.CODE_REFUSED)
    if code.card_account != tap.account:
        return Found(verified.verdict, Suspicion.ACCOUNT_MISMATCH)
    if isinstance(code, RideCode) and code.account_type != tap.account_type:
        return Found(verified.verdict, Suspicion.ACCOUNT_TYPE_MISMATCH)
    if code.made_s != tap.code_time:
        return Found(verified.verdict, Suspicion.CODE_TIME_MISMATCH)
    return Found(verified.verdict, None)


class Checker:
    """Verifies what awaits it, pass by pass; a context manager that ends its processes.

    `verifier` is called once in each process, so it must be something that can be sent there: a
    function of a module, or a `partial` of one. Where the centre comes to trust other roots, a new
    checker takes over. Of several checkers on one cell one works at a time.
    """

    def __init__(
        self, cell: Cell, pack: Pack, verifier: Callable[[], Verifier], workers: int,
        now: Callable[[], int],
    ) -> None:  # fmt: skip
        """`workers`: processes, from 1. `now` is the centre's clock, UTC epoch microseconds."""
        self._cell, self._now = cell, now
        self._pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_arm,
            initargs=(verifier, {one.number: one.iin for one in pack.issuers.values()}),
        )  # fmt: skip

    def run(self) -> Checked:
        """Check what has come since the last pass; durable when it returns."""
        with connected(self._cell) as conn:
            low = log.mark(conn, _CONSUMER, db.UNCHECKED)
            batches = log.read(conn, db.UNCHECKED, low, BATCHES_MOST)
            if not batches:
                return Checked(0, 0, 0.0)
            taps = db.unchecked(conn, [id_ for one in batches for id_ in db.ids_of(one)])
            found, cpu_s = self._verify(taps)
            stand = _keep(conn, taps, found, self._now())
            log.set_mark(conn, _CONSUMER, db.UNCHECKED, batches[-1].offset)
        return Checked(len(taps), stand, cpu_s)

    def drain(self) -> Checked:
        """Pass after pass until nothing waits."""
        total = Checked(0, 0, 0.0)
        while (one := self.run()).codes:
            total = Checked(
                total.codes + one.codes, total.stand + one.stand, total.cpu_s + one.cpu_s
            )
        return total

    def _verify(self, taps: Sequence[Unchecked]) -> tuple[list[Found], float]:
        chunks = [taps[at : at + _CHUNK] for at in range(0, len(taps), _CHUNK)]
        found: list[Found] = []
        cpu_s = 0.0
        for some, took_s in self._pool.map(_verify_chunk, chunks):
            found += some
            cpu_s += took_s
        return found, cpu_s

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> "Checker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _keep(conn: Connection, taps: Sequence[Unchecked], found: Sequence[Found], now: int) -> int:
    """Write what was found; how many stand."""
    pairs = list(zip(taps, found, strict=True))
    good = [tap for tap, one in pairs if one.reason is None]
    db.add_checks(
        conn,
        [(tap.tap_id, tap.account, tap.ts, one.reason, one.verdict, now) for tap, one in pairs],
    )
    logs.trace("checked", (_told(tap, one) for tap, one in pairs))
    tell_standing(conn, ((tap.account, tap.ts) for tap in good))
    db.tell_quarantined(conn, list(_suspected(pairs)))
    return len(good)


def _told(tap: Unchecked, found: Found) -> dict[str, object]:
    """What is logged of a check; not whose tap it is."""
    reason = None if found.reason is None else found.reason.name
    return {"tap": tap.tap_id, "verdict": found.verdict.name, "reason": reason}


def _suspected(
    pairs: Sequence[tuple[Unchecked, Found]],
) -> Iterator[db.Aside]:
    for tap, one in pairs:
        if one.reason is not None:
            yield tap.tap_id, tap.account, one.reason, tap.ts


_armed: tuple[Verifier, Mapping[str, str]] | None = None
"""This process's own; it remembers issuers and authorisations from chunk to chunk."""


def _arm(verifier: Callable[[], Verifier], iins: Mapping[str, str]) -> None:
    global _armed  # noqa: PLW0603 (a process of the pool has no other place for it)
    end_with_parent()
    _armed = verifier(), iins


def _verify_chunk(taps: Sequence[Unchecked]) -> tuple[list[Found], float]:
    assert _armed is not None, "the pool arms each process"
    began = time.process_time()
    found = [check(*_armed, tap) for tap in taps]
    return found, time.process_time() - began
