"""The device is stopped at every call to its disk, and the disk loses what was not synced.

Whatever is found afterwards: no gate was opened without its tap, no reading that the centre heard
of is missing or another, the lane remembers what it wrote, and going on ends in one whole chain.
"""

import random
from collections.abc import Callable
from typing import Final

import pytest

from ridecode.core import Tap, Verdict
from ridecode.validator import ClockSet, Effect, Memory, Snapshot
from ridecode.validator.device.journal import Journal
from tests.validator.device.faulty import FaultyDisk, Stopped
from tests.validator.device.world import DEVICE, NOW, SECRET, Centre, numbered, reading, upload

REFUSED: Final = Verdict.CODE_EXPIRED


class Day:
    """A device's day: what it does, and what the world outside has seen of it."""

    def __init__(self) -> None:
        self.opened: list[Tap] = []
        """Gates that stood open, by their taps."""
        self.remembered: list[tuple[int, tuple[Effect, ...]]] = [(0, ())]
        """What was ever handed to the journal: the reading's number, and what to remember."""
        self.centre = Centre()
        self._riders = 0

    def live(self, disk: FaultyDisk) -> None:
        """Readings with and without network, restarts, and an hour at a time for tidying up."""
        journal = Journal(disk, SECRET, DEVICE)
        self.set_clock(journal)
        self.read(journal, Verdict.ACCEPTED, REFUSED, Verdict.ACCEPTED)
        self.hear(journal)
        upload(journal, self.centre)
        self.read(journal, Verdict.ACCEPTED)
        journal.tidy(3_600.0)
        self.read(journal, REFUSED)
        self.hear(journal)
        upload(journal, self.centre)
        journal.sync()
        upload(journal, self.centre)
        journal.tidy(7_200.0)
        self.read(journal, Verdict.ACCEPTED)
        self.set_clock(journal)
        journal.close()
        journal = Journal(disk, SECRET, DEVICE)
        self.hear(journal)
        self.read(journal, Verdict.ACCEPTED, REFUSED)
        journal.close()
        journal = Journal(disk, SECRET, DEVICE)
        upload(journal, self.centre, most=2)
        self.read(journal, Verdict.ACCEPTED)
        journal.tidy(3_600.0)
        upload(journal, self.centre)
        self.hear(journal)
        journal.tidy(10_800.0)
        journal.close()

    def read(self, journal: Journal, *verdicts: Verdict) -> None:
        for verdict in verdicts:
            self._riders += 1
            tap, remember = reading(self._riders, verdict)
            self.remembered.append((journal._written.seq + 1, remember))
            written = journal.record(tap, remember)
            assert written is not None
            if verdict.accepted:
                self.opened.append(written)

    def set_clock(self, journal: Journal) -> None:
        effect = ClockSet(NOW + self._riders)
        self.remembered.append((journal._written.seq, (effect,)))
        journal.set_clock(effect.ts)

    def hear(self, journal: Journal) -> None:
        self.centre.hear(journal.head)

    def memories(self) -> list[tuple[int, Snapshot]]:
        """What a lane remembers after each thing that it wrote, by the number of its readings."""
        memory, told = Memory(), []
        for seq, effects in self.remembered:
            memory.keep(effects)
            told.append((seq, memory.snapshot()))
        return told

    def judge(self, disk: FaultyDisk) -> None:
        """A new start on this disk keeps every promise, and the day goes on to its end."""
        journal = Journal(disk, SECRET, DEVICE)
        head = journal.head
        told = len(self.centre.taps), self.centre.heard.seq
        assert head.seq >= max([*told, *(tap.seq for tap in self.opened)])
        assert head.opened >= len(self.opened)
        assert (head.seq, journal.memory.snapshot()) in self.memories()
        after = Centre()
        after.taps, after.links = list(self.centre.taps), list(self.centre.links)
        after.heard = self.centre.heard
        after.hear(head)
        upload(journal, after)
        tap, remember = reading(99)
        assert journal.record(tap, remember) == numbered(tap, head.seq + 1)
        after.hear(journal.head)
        upload(journal, after)
        after.agrees()
        assert len(after.taps) == head.seq + 1
        for opened in self.opened:
            assert after.taps[opened.seq - 1] == opened
        journal.tidy(60.0)
        assert len(disk.names()) == 1, "all is acknowledged, so but the new segment all is erased"


def _steps() -> int:
    disk = FaultyDisk()
    Day().live(disk)
    return disk.half_steps


STEPS: Final = _steps()


def _stopped(at: int) -> tuple[Day, FaultyDisk]:
    day, disk = Day(), FaultyDisk(at)
    with pytest.raises(Stopped):
        day.live(disk)
    return day, disk


def some(unsynced: int) -> list[int]:
    """Lengths at which something may go wrong: ends of frames, lengths and tags, and near them."""
    near = {0, 1, 3, 4, 5, unsynced // 2, unsynced - 17, unsynced - 16, unsynced - 1, unsynced}
    return sorted(kept for kept in near if 0 <= kept <= unsynced)


def every(unsynced: int) -> list[int]:
    return list(range(unsynced + 1))


def test_a_whole_day_ends_in_one_chain() -> None:
    day, disk = Day(), FaultyDisk()
    day.live(disk)
    day.centre.agrees()
    assert [tap.seq for tap in day.centre.taps] == list(range(1, 10))
    assert len(day.opened) == 6
    assert STEPS > 150


@pytest.mark.parametrize("at", range(1, STEPS + 1))
def test_a_power_cut_at_any_step_opens_no_gate_without_its_tap(at: int) -> None:
    day, disk = _stopped(at)
    for found in disk.after_power_cut(some):
        day.judge(found)


@pytest.mark.parametrize("at", range(1, STEPS + 1))
def test_a_killed_process_and_then_a_power_cut_lose_nothing_either(at: int) -> None:
    """After a kill unsynced bytes can be read: the new start may not rely on them unsynced."""
    day, disk = _stopped(at)
    day.judge(disk.after_kill())
    again = disk.after_kill()
    journal = Journal(again, SECRET, DEVICE)
    day.hear(journal)
    for found in again.after_power_cut(some):
        day.judge(found)


@pytest.mark.parametrize("at", range(1, STEPS + 1, 3))
def test_a_stop_in_the_middle_of_the_start_after_a_stop(at: int) -> None:
    day, disk = _stopped(at)
    start = disk.after_kill()
    Journal(start, SECRET, DEVICE)
    for later in range(1, start.half_steps + 1, 2):
        second = disk.after_kill(later)
        with pytest.raises(Stopped):
            Journal(second, SECRET, DEVICE)
        for found in second.after_power_cut(lambda unsynced: [0, unsynced // 2]):
            day.judge(found)


@pytest.mark.soak
def test_every_step_and_every_length() -> None:
    for at in range(1, STEPS + 1):
        day, disk = _stopped(at)
        for found in disk.after_power_cut(every):
            day.judge(found)


@pytest.mark.soak
def test_many_days_of_chance() -> None:
    """Days of other orders, stopped anywhere, cut anywhere."""
    for seed in range(2_000):
        dice = random.Random(seed)
        day = ChanceDay(dice)
        disk = FaultyDisk()
        try:
            disk._stop_at = dice.randrange(1, 400)
            day.live(disk)
        except Stopped:
            pass
        found = list(disk.after_power_cut(_one_of(dice)))
        day.judge(dice.choice(found))


class ChanceDay(Day):
    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    def live(self, disk: FaultyDisk) -> None:
        now_s, journal = 0.0, Journal(disk, SECRET, DEVICE)
        for _ in range(self._dice.randrange(60)):
            now_s += 30.0
            match self._dice.randrange(8):
                case 0 | 1 | 2:
                    self.read(journal, Verdict.ACCEPTED)
                case 3:
                    self.read(journal, REFUSED)
                case 4:
                    upload(journal, self.centre, self._dice.randrange(1, 5))
                case 5:
                    journal.tidy(now_s)
                case 6:
                    self.hear(journal)
                case 7:
                    journal.close()
                    journal = Journal(disk, SECRET, DEVICE, now_s)


def _one_of(dice: random.Random) -> Callable[[int], list[int]]:
    return lambda unsynced: [dice.randint(0, unsynced)]
