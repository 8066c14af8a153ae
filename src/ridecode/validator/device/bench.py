"""From the picture of a code to an open gate, with the journal on a real disk.

Every reading is a new rider's: the picture is decoded, the code judged with its signatures (the
certificate and authorisation as a first-time rider's: nothing of it is remembered but the
certificate), the tap written and synced, and then the gate opens. In the same run the same disk is
measured alone: as many bytes written and synced, one file, nothing else.
"""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct

from ridecode.code import (
    Grant,
    KeySigner,
    Root,
    TestRoots,
    authorise,
    make_certificate,
    make_root,
    present,
    symbol,
)
from ridecode.core import MICROS, Bar, Mode, Progress, TapKind, unseen
from ridecode.validator.bundle import Bundle
from ridecode.validator.deny import DenyList
from ridecode.validator.device.actuator import Signal
from ridecode.validator.device.clock import Clock
from ridecode.validator.device.files import Disk, DiskFile
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.lane import Lane
from ridecode.validator.place import Place
from ridecode.validator.rules import ClockRules, Rules

CPU_MS_MOST: Final = 25.0
P99_MS_MOST: Final = 60.0
"""Field reports of the product that we imitate say 0.2 s."""
RIDERS: Final = 300
_NOW_S: Final = 1_767_225_600
_ORIGIN: Final = ("00000001", "00000002", 0x80)
_PLACE: Final = Place(
    kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="rail", line="m1", stop="a",
    validator="g1",
)  # fmt: skip


class OpenBench(Struct, frozen=True, kw_only=True):
    """What `bench_open` found; milliseconds a reading."""

    filesystem: str
    riders: int
    picture_bytes: int
    journal_bytes_each: int
    cpu_ms: float
    """Mean CPU time of the process, kernel included."""
    p50_ms: float
    p99_ms: float
    """Wall time."""
    picture_cpu_ms: float
    """Of that, decoding the picture."""
    sync_p50_ms: float
    sync_p99_ms: float
    """The disk alone."""
    bars: tuple[Bar, ...]


def bench_open(progress: Progress = unseen) -> OpenBench:
    """Measure for some seconds, in a folder for temporary files."""
    bundle, codes = _world()
    pictures = [symbol.png(code) for code in codes]
    with TemporaryDirectory() as folder:
        gate = _Gate(Path(folder) / "gate", bundle)
        walls, cpu = [], time.process_time()
        for done, picture in enumerate(pictures):
            progress(done, RIDERS)
            walls.append(_timed_ms(partial(gate.opens, picture)))
        cpu_ms = (time.process_time() - cpu) * 1_000 / RIDERS
        each = gate.bytes_each()
        alone = _sync_alone(Path(folder) / "alone", each)
        filesystem = _filesystem(Path(folder))
    picture_cpu = time.process_time()
    for picture in pictures[:100]:
        symbol.read(picture)
    p99 = _p99(walls)
    return OpenBench(
        filesystem=filesystem, riders=RIDERS, picture_bytes=len(pictures[0]),
        journal_bytes_each=each, cpu_ms=cpu_ms, p50_ms=statistics.median(walls), p99_ms=p99,
        picture_cpu_ms=(time.process_time() - picture_cpu) * 10, sync_p99_ms=_p99(alone),
        sync_p50_ms=statistics.median(alone),
        bars=(
            Bar.at_most("picture to open, CPU ms", cpu_ms, CPU_MS_MOST),
            Bar.at_most("picture to open, ms p99", p99, P99_MS_MOST),
        ),
    )  # fmt: skip


class _Gate:
    """A lane whose riders come a second apart, whatever the machine needs for them."""

    def __init__(self, folder: Path, bundle: Bundle) -> None:
        self._seconds, self._open = 0, False
        self._disk = Disk(folder)
        self._journal = Journal(self._disk, bytes(range(32)), _PLACE.validator)
        self._empty = self._journal.size_bytes
        clock = Clock(lambda: _NOW_S * 10**9, lambda: self._seconds * 10**9)
        self._journal.set_clock(_NOW_S * MICROS)
        self._lane = Lane(_PLACE, self._journal, clock, lambda _: bundle, self)

    def act(self, signal: Signal) -> None:
        self._open = signal.open

    def opened(self) -> int | None:
        return None

    def opens(self, picture: bytes) -> None:
        self._seconds += 1
        (code,) = symbol.read(picture)
        self._lane.read(code)
        assert self._open, "every code of the benchmark is good"

    def bytes_each(self) -> int:
        """What a reading took of the disk."""
        return (self._journal.size_bytes - self._empty) // RIDERS


def _world() -> tuple[Bundle, list[bytes]]:
    """A code of each rider, made in the second in which it is shown."""
    ca, issuer = KeySigner(bytes([1]) * 32), KeySigner(bytes([2]) * 32)
    root = Root.parse(make_root(ca, 1, "1240"))
    certificate = make_certificate(
        ca, root, issuer=_ORIGIN[0], issuer_key=issuer.public_key, expiry="1240", serial=1
    )
    bundle = Bundle(
        city="bench", version=1, made=_NOW_S * MICROS, roots=(root,), v1_keys=(),
        rules=Rules(
            debounce_ms=2_000, clock=ClockRules(), accepted={_ORIGIN: 60},
            iins={_ORIGIN[0]: "31047700"}, places={},
            test_roots=TestRoots.REFUSED,
        ),
        denied=DenyList(), single_fare={},
    )  # fmt: skip
    codes = []
    for n in range(RIDERS):
        rider = KeySigner((n + 1_000).to_bytes(32, "big"))
        grant = Grant(
            payment_account="0000000000000001", card_account=str(3104770000000000000 + n),
            platform=_ORIGIN[1], account_type=1, limit_fen=2_000, user_key=rider.public_key,
            until_s=_NOW_S + 86_400, validity_s=60,
        )  # fmt: skip
        codes.append(present(authorise(grant, certificate, issuer), rider, _NOW_S + n))
    return bundle, codes


def _sync_alone(path: Path, size: int) -> list[float]:
    file = DiskFile(path, os.O_CREAT)
    data = os.urandom(size)

    def written() -> None:
        file.append(data)
        file.sync()

    walls = [_timed_ms(written) for _ in range(RIDERS)]
    file.close()
    return walls


def _timed_ms(work: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - start) / 1e6


def _p99(walls: list[float]) -> float:
    return sorted(walls)[len(walls) * 99 // 100]


def _filesystem(path: Path) -> str:
    """Type and device of what a path lies on, where the machine tells."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    lying = [
        (place, f"{kind} on {source}")
        for source, place, kind, *_ in map(str.split, mounts)
        if path.resolve().is_relative_to(place)
    ]
    return max(lying, key=lambda found: len(found[0]), default=("", "unknown"))[1]
