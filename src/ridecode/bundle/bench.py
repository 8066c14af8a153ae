"""What the way of a report costs, from the deny list to the lane, at a million denied accounts.

A centre in a folder publishes a thousand changes; a reader takes them by its own `Trust`, and every
byte that it asks for is counted. Look-ups are those of a lane where one rider in a hundred is
denied. Times are CPU of this thread, and medians where there are several.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from msgspec import Struct
from tuf.ngclient import FetcherInterface

from ridecode.bundle.founding import found
from ridecode.bundle.publisher import Publisher
from ridecode.bundle.repository import Repository
from ridecode.code import TestRoots
from ridecode.core import MICROS, Bar, Progress, unseen
from ridecode.validator import (
    DENY_FULL,
    BundleFile,
    ClockRules,
    DenyList,
    FolderCarrier,
    Outcome,
    Rules,
    Terms,
    Trust,
)

DENIED: Final = 1_000_000
CHANGES: Final = 1_000
FULL_BYTES_MOST: Final = 8_000_000
UPDATE_BYTES_MOST: Final = 12_000
LOOK_UP_US_MOST: Final = 1.0
_NOW: Final = 1_767_225_600 * MICROS
_ASKED: Final = 5_000
_SLICES: Final = 24
_ROUNDS: Final = 5

T = TypeVar("T")


class BundleBench(Struct, frozen=True, kw_only=True):
    """What `bench_bundle` found."""

    denied: int
    full_bytes: int
    memory_bytes: int
    changes: int
    delta_bytes: int
    update_bytes: int
    """All that a reader asks for to take those changes: signed metadata and delta."""
    look_up_us: float
    """A question where one rider in a hundred is denied."""
    hit_us: float
    """A question about an account that is denied."""
    set_us: float
    """The same as `look_up_us`, asked of a set of numbers of 70 MB: the baseline."""
    publish_ms: float
    update_ms: float
    idle_update_ms: float
    """Where there is nothing new but that all is still so."""
    bars: tuple[Bar, ...]


def bench_bundle(progress: Progress = unseen) -> BundleBench:
    """Measure for about a minute, on files in a folder of its own."""
    with TemporaryDirectory() as folder:
        return _Work(Path(folder)).measured(progress)


class _Counting(FetcherInterface):
    """A folder, and how many bytes were asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.bytes = FolderCarrier(folder), 0

    def _fetch(self, url: str) -> Iterator[bytes]:
        for chunk in self._folder.fetch(url):
            self.bytes += len(chunk)
            yield chunk


class _Secrets:
    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(self._held)

    def get(self, name: str) -> bytes:
        return self._held[name]

    def put(self, name: str, secret: bytes) -> None:
        self._held[name] = secret


class _Work:
    def __init__(self, folder: Path) -> None:
        self.dice = random.Random(1179)
        accounts = sorted({self._account() for _ in range(DENIED + DENIED // 100)})
        self.dice.shuffle(accounts)
        self.denied, self.others = accounts[:DENIED], accounts[DENIED:]
        secrets, self.repository = _Secrets(), Repository(folder / "public")
        file = BundleFile(city="bench", terms=(_terms(),))
        root = found(self.repository, secrets, file, _NOW)
        self.publisher = Publisher(self.repository, secrets)
        self.carrier = _Counting(folder / "public")
        self.trust = Trust(folder / "reader", root=root, city="bench")
        self.now = _NOW

    def _account(self) -> str:
        """Of eight issuers, with eleven digits of their own."""
        return f"{31_047_700 + self.dice.randrange(8)}{self.dice.randrange(10**11):011}"

    def measured(self, progress: Progress) -> BundleBench:
        self.publisher.deny(self.denied, self.now)
        self._update(Outcome.UPDATED)
        rounds = []
        for done in range(_ROUNDS):
            progress(done, _ROUNDS + 1)
            rounds.append(self._round())
        publish, update, update_bytes, delta_bytes, idle = (
            statistics.median(column) for column in zip(*rounds, strict=True)
        )
        look_up, hit, of_set = self._look_ups()
        denied = DenyList(self.denied)
        full = len(denied.to_bytes())
        return BundleBench(
            denied=DENIED, full_bytes=full, memory_bytes=denied.size_bytes, changes=CHANGES,
            delta_bytes=int(delta_bytes), update_bytes=int(update_bytes), look_up_us=look_up,
            hit_us=hit, set_us=of_set, publish_ms=publish, update_ms=update, idle_update_ms=idle,
            bars=(
                Bar.at_most("deny list of a million, bytes", full, FULL_BYTES_MOST),
                Bar.at_most("deny list of a million in memory, bytes", denied.size_bytes,
                            FULL_BYTES_MOST),
                Bar.at_most("deny list, one question, µs", look_up, LOOK_UP_US_MOST),
                Bar.at_most("a thousand changes with all signatures, bytes", update_bytes,
                            UPDATE_BYTES_MOST),
            ),
        )  # fmt: skip

    def _round(self) -> tuple[float, float, float, float, float]:
        half = CHANGES // 2
        gone, self.denied = self.denied[:half], [*self.denied[half:], *self.others[:half]]
        self.others = [*self.others[half:], *gone]
        self.now += 30 * MICROS
        _, publish = _cpu_ms(lambda: self.publisher.deny(self.denied, self.now))
        self.carrier.bytes = 0
        _, update = _cpu_ms(lambda: self._update(Outcome.UPDATED))
        asked = self.carrier.bytes
        self.publisher.vouch(self.now)
        _, idle = _cpu_ms(lambda: self._update(Outcome.CURRENT))
        return publish, update, asked, self._delta_bytes(), idle

    def _update(self, expected: Outcome) -> None:
        update = self.trust.update(self.carrier, self.now)
        assert update.outcome is expected, update

    def _delta_bytes(self) -> int:
        """Of the shortest."""
        targets = self.repository.deny().signed.targets
        return min(info.length for name, info in targets.items() if name != DENY_FULL)

    def _look_ups(self) -> tuple[float, float, float]:
        bundle = self.trust.bundle(self.now)
        assert bundle is not None
        hits = self.dice.sample(self.denied, _ASKED)
        riders = [*self.dice.sample(self.others, _ASKED - _ASKED // 100), *hits[: _ASKED // 100]]
        self.dice.shuffle(riders)
        numbers = _Numbers(self.denied)
        slices = [
            (_asked_us(bundle.denied, riders), _asked_us(bundle.denied, hits),
             _asked_us(numbers, riders))
            for _ in range(_SLICES)
        ]  # fmt: skip
        look_up, hit, of_set = (statistics.median(column) for column in zip(*slices, strict=True))
        return look_up, hit, of_set


class _Numbers:
    """A set, asked the way in which a deny list is."""

    def __init__(self, accounts: list[str]) -> None:
        self._numbers = set(map(int, accounts))

    def __contains__(self, account: str) -> bool:
        return int(account) in self._numbers


def _asked_us(denied: DenyList | _Numbers, accounts: list[str]) -> float:
    start = time.thread_time_ns()
    for account in accounts:
        account in denied  # noqa: B015
    return (time.thread_time_ns() - start) / 1_000 / len(accounts)


def _cpu_ms(work: Callable[[], T]) -> tuple[T, float]:
    start = time.thread_time_ns()
    answer = work()
    return answer, (time.thread_time_ns() - start) / 1_000_000


def _terms() -> Terms:
    return Terms(
        active_from=_NOW, roots=(), v1_keys=(), single_fare={"bus": 200}, tariff="",
        rules=Rules(debounce_ms=2_000, clock=ClockRules(), accepted={}, iins={}, places={},
                    test_roots=TestRoots.REFUSED),
    )  # fmt: skip
