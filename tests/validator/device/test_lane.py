"""One lane from a scanner's bytes to an open gate, with real codes."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import pytest
from msgspec.structs import replace

from ridecode.core import UnavailableError, Verdict
from ridecode.validator import Bundle, DenyList
from ridecode.validator.device.actuator import CLOSED, TOO_FAST, Signal, Sound, as_json, as_words
from ridecode.validator.device.clock import Clock
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.lane import Lane
from ridecode.validator.device.tiers import Claim, claim_of
from tests.validator.device.faulty import FaultyDisk, Stopped
from tests.validator.device.world import SECRET
from tests.validator.lane import ACCOUNT, GATE, NOW, NOW_S, S, bundle, code

CODE: Final = code()
NEXT: Final = code(made_s=NOW_S + 1)


class Gate:
    """An actuator that remembers what it was told."""

    def __init__(self) -> None:
        self.signals: list[Signal] = []

    def act(self, signal: Signal) -> None:
        self.signals.append(signal)

    def opened(self) -> int | None:
        return None


class World:
    """A lane whose time is moved by hand."""

    def __init__(self, disk: FaultyDisk | None = None, trusted: Bundle | None = None) -> None:
        self.steady, self.gate = 0, Gate()
        self.disk = disk or FaultyDisk()
        self.trusted: Bundle | None = trusted or bundle()
        self.journal = Journal(self.disk, SECRET, GATE.validator)
        self.clock = Clock(lambda: NOW * 1_000, lambda: self.steady)
        self.asked: list[Claim] = []
        self.elsewhere: Callable[[Claim], Claim | None] = lambda _: None
        self.lane = Lane(
            GATE, self.journal, self.clock, lambda _: self.trusted, self.gate, station=self
        )

    def claim(self, claim: Claim) -> Claim | None:
        self.asked.append(claim)
        return self.elsewhere(claim)

    def passes(self, us: int) -> None:
        self.steady += us * 1_000


@pytest.fixture
def world() -> World:
    made = World()
    made.journal.set_clock(NOW)
    return made


def test_a_good_code_opens_once_and_its_tap_names_the_bundle(world: World) -> None:
    signal = world.lane.read(CODE)
    assert (signal.open, signal.sound, signal.verdict, signal.seq) == (
        True, Sound.PASS, Verdict.ACCEPTED, 1,
    )  # fmt: skip
    batch = world.journal.batch(10)
    assert batch is not None
    (tap,) = batch.taps
    assert (tap.tap_id, tap.seq, tap.bundle, tap.code) == (signal.tap_id, 1, 1, CODE)
    world.passes(3 * S)
    assert world.lane.read(CODE).verdict is Verdict.SAME_CODE


def test_a_refused_reading_is_told_why_and_is_a_tap(world: World) -> None:
    world.trusted = bundle(denied=DenyList([ACCOUNT]))
    signal = world.lane.read(CODE)
    assert (signal.open, signal.sound, signal.words) == (
        False, Sound.REFUSED, Verdict.DENIED.words,
    )  # fmt: skip
    world.journal.sync()
    batch = world.journal.batch(10)
    assert batch is not None and batch.taps[0].verdict is Verdict.DENIED
    assert world.asked == []


def test_what_has_just_passed_changes_nothing_on_the_display(world: World) -> None:
    world.lane.read(CODE)
    world.passes(S)
    signal = world.lane.read(CODE)
    assert (signal.open, signal.sound, signal.words) == (False, Sound.NONE, None)


def test_a_code_used_at_another_gate_stays_outside_and_leaves_no_memory(world: World) -> None:
    world.elsewhere = lambda claim: replace(claim, device="gate-2")
    assert world.lane.read(CODE).verdict is Verdict.SAME_CODE
    assert len(world.journal.memory) == 0
    assert world.journal.head.opened == 0
    world.elsewhere = lambda _: None
    world.passes(3 * S)
    assert world.lane.read(NEXT).open


def test_what_is_claimed_is_the_code_that_passed(world: World) -> None:
    world.lane.read(CODE)
    passed = world.journal.memory.passage(ACCOUNT)
    assert passed is not None
    assert world.asked == [claim_of(passed, GATE.validator)]


def test_a_flood_is_not_judged_and_not_written_down(world: World) -> None:
    told = [world.lane.read(b"\x80noise") for _ in range(100)]
    assert sum(signal.verdict is not None for signal in told) == 20
    assert told[-1].words == TOO_FAST
    assert world.lane.unjudged == 80
    world.journal.sync()
    assert world.journal.head.seq == 20
    world.passes(3 * S)
    assert world.lane.read(CODE).open


def test_a_clock_that_nobody_set_is_a_fault_of_the_lane() -> None:
    world = World()
    assert world.lane.fault() is Verdict.CLOCK_UNTRUSTED
    assert world.lane.read(CODE).words == Verdict.CLOCK_UNTRUSTED.words
    world.journal.set_clock(NOW)
    assert world.lane.fault() is None
    assert world.journal.memory.clock_set == NOW


def test_an_old_bundle_is_a_fault_of_the_lane(world: World) -> None:
    world.trusted = bundle(made=NOW - 400 * 86_400 * S)
    assert world.lane.fault() is Verdict.BUNDLE_EXPIRED


def test_a_lane_without_a_bundle_is_closed(world: World) -> None:
    world.trusted = None
    assert world.lane.fault() is Verdict.BUNDLE_EXPIRED
    assert world.lane.read(CODE).words == CLOSED
    assert (world.lane.unjudged, world.journal.head.seq) == (1, 0)


class Failing(FaultyDisk):
    failing = False

    def step(self, work: Callable[[], None]) -> None:
        if self.failing:
            raise OSError(28, "No space left on device")
        super().step(work)


def test_a_journal_that_takes_nothing_closes_the_lane() -> None:
    disk = Failing()
    world = World(disk)
    world.journal.set_clock(NOW)
    disk.failing = True
    with pytest.raises(UnavailableError, match="No space left"):
        world.lane.read(CODE)
    assert [(s.open, s.sound, s.words) for s in world.gate.signals] == [
        (False, Sound.OUT_OF_ORDER, CLOSED)
    ]
    assert len(world.journal.memory) == 0


def test_stopped_anywhere_while_a_code_is_read_it_passes_at_most_once() -> None:
    """Stopped at every step from the scanner to the gate: the same code never opens twice, and
    what opened is in the journal."""
    at = 0
    while True:
        at += 1
        first = World()
        first.journal.set_clock(NOW)
        first.journal.sync()
        first.disk._stop_at = first.disk.half_steps + at
        with suppress(Stopped):
            first.lane.read(CODE)
        for found in first.disk.after_power_cut(lambda unsynced: [0, unsynced // 2, unsynced]):
            again = World(found)
            again.passes(5 * S)
            signal = again.lane.read(CODE)
            opened = [s for s in (*first.gate.signals, signal) if s.open]
            assert len(opened) <= 1
            again.journal.sync()
            batch = again.journal.batch(10)
            assert batch is not None
            written = {tap.tap_id for tap in batch.taps if tap.verdict.accepted}
            assert {s.tap_id for s in opened} <= written
        if first.gate.signals:
            break
    assert at > 4


def test_a_restart_remembers_the_clock_and_the_codes(world: World) -> None:
    world.lane.read(CODE)
    again = World(world.disk.after_kill())
    assert again.journal.memory.clock_set == NOW
    again.passes(5 * S)
    assert again.lane.read(CODE).verdict is Verdict.SAME_CODE
    assert again.journal.head.opened == 1


def test_signals_as_lines() -> None:
    signal = Signal(True, Sound.PASS, Verdict.ACCEPTED.words, Verdict.ACCEPTED, None, 7, 900)
    assert as_json(signal) == (
        '{"open":true,"sound":"pass","words":{"zh":"请通行。","en":"Please pass."},'
        '"verdict":"ACCEPTED","tap_id":null,"seq":7,"took_us":900}'
    )
    assert as_words(signal) == "开 open  请通行。 Please pass."
    assert as_words(Signal(False, Sound.NONE, None)) == "关 shut"
