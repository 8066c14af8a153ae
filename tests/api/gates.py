"""The gates of a demonstration without process, threads and disks: for what HTTP does with them.

They judge as every gate does, and what they read is at the centre at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from msgspec import Struct

from ridecode import taps
from ridecode.api import Desk
from ridecode.core import TapKind
from ridecode.money import close_day
from ridecode.validator import Bundle, ClockSet, Memory, Update, decide, make_bundle
from ridecode.validator.device import Signal, Sound


class Read(Struct, frozen=True):
    signal: Signal
    bundle: int
    ts: int
    stored: bool


class Moment(Struct, frozen=True):
    seq: int
    stop: str
    kind: TapKind
    opened: bool


class Seen(Struct, frozen=True):
    moments: Sequence[Moment]
    seq: int
    opened: int
    waiting: Sequence[UUID] = ()
    ingest_runs: bool = True
    cut: frozenset[str] = frozenset()
    version: int = 1
    behind: int = 0
    refused: Update | None = None
    denied: int = 0


class Gates:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._memories: dict[str, Memory] = {}
        self._moments: list[Moment] = []
        self.cut: set[str] = set()
        self.lost: list[str] = []
        self.runs = True

    def read(self, place: str, code: bytes) -> Read:
        desk = self._desk
        now, memory = desk.clock.now(), self._memories.setdefault(place, Memory())
        memory.keep([ClockSet(now)])
        decision = decide(self._bundle(now), memory, code, desk.places[place], now)
        memory.keep(decision.remember)
        taps.record(desk.cell, [decision.tap])
        opened, at = decision.verdict.accepted, desk.places[place]
        self._moments.append(Moment(len(self._moments) + 1, at.stop, at.kind, opened))
        signal = Signal(
            opened, Sound.PASS, decision.verdict.words, decision.verdict, decision.tap.tap_id, 1, 7
        )
        return Read(signal, 1, now, stored=True)

    def _bundle(self, now: int) -> Bundle:
        return make_bundle(
            self._desk.pack, [self._desk.authority.root], version=1, made=now, single_fare={}
        )

    @contextmanager
    def still(self) -> Iterator[None]:
        yield

    def seen(self, after: int) -> Seen:
        moments = [one for one in self._moments if one.seq > after]
        return Seen(
            moments, len(self._moments), 0, cut=frozenset(self.cut), ingest_runs=self.runs,
            denied=len(self.lost),
        )  # fmt: skip

    def run_at(self, speed: int) -> None:
        self._desk.clock.run_at(speed)

    def connect(self, stop: str, connected: bool) -> None:
        (self.cut.discard if connected else self.cut.add)(stop)

    def run_ingest(self, running: bool) -> None:
        self.runs = running

    def roll_back(self) -> None:
        """Nothing is published here."""

    def report_loss(self, account: str) -> None:
        self.lost.append(account)

    def bring_home(self) -> None:
        """Nobody but the visitor is in this city."""

    def close_day(self, day: int) -> None:
        """Without a card company: closed and filed, and not answered."""
        folder = self._desk.files
        close_day(self._desk.cell, self._desk.pack, day, folder, b"k" * 32, self._desk.clock.now())
