"""What no power cut can leave is told as tampering, and the files are left as they are."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.core import RefusedError, UnavailableError, Verdict
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.recovery import TORN_MOST, TamperedError
from ridecode.validator.device.segment import HEAD_BYTES
from tests.validator.device.faulty import FaultyDisk
from tests.validator.device.world import DEVICE, SECRET, Centre, reading, upload

OLD, MIDDLE, NEW = "0000000001.segment", "0000000002.segment", "0000000003.segment"


def full(*, newest: int = 3) -> FaultyDisk:
    """Three segments of readings that the centre lacks, all synced."""
    disk, rider = FaultyDisk(), 0
    for readings in (3, 3, newest):
        journal = Journal(disk, SECRET, DEVICE)
        for _ in range(readings):
            rider += 1
            journal.record(*reading(rider))
        journal.close()
    return disk.copied()


def _flip(name: str, at: int) -> Callable[[FaultyDisk], None]:
    def change(disk: FaultyDisk) -> None:
        data = disk.bytes_of(name)
        data[at] ^= 1

    return change


def _cut(name: str, left: int) -> Callable[[FaultyDisk], None]:
    def change(disk: FaultyDisk) -> None:
        del disk.bytes_of(name)[left:]

    return change


def _swap(disk: FaultyDisk) -> None:
    disk.bytes_of(OLD)[:], disk.bytes_of(MIDDLE)[:] = (
        bytes(disk.bytes_of(MIDDLE)),
        bytes(disk.bytes_of(OLD)),
    )


def _two_frames_swapped(disk: FaultyDisk) -> None:
    data = disk.bytes_of(OLD)
    ends = [HEAD_BYTES]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 4 + int.from_bytes(data[ends[-1] : ends[-1] + 4], "big"))
    first, second = data[ends[1] : ends[2]], data[ends[2] : ends[3]]
    data[ends[1] : ends[3]] = second + first


@dataclass
class Tampering:
    comment: str
    change: Callable[[FaultyDisk], None]
    says: str


@pytest.mark.parametrize(
    "case",
    [
        Tampering("an old segment is taken away", lambda d: d.remove(OLD), "Segment 1 .* missing"),
        Tampering("a middle segment is taken away", lambda d: d.remove(MIDDLE), "Segment 2"),
        Tampering("a segment is put in another's place", _swap, "Segment 1 .* another's head"),
        Tampering("an old segment's key is erased", _flip(OLD, 20), "Segment 1"),
        Tampering("an old segment's end is cut off", _cut(OLD, 1_000), "frame [0-9]+ is bad"),
        Tampering("an old frame's bit is flipped", _flip(OLD, 900), "frame [0-9]+ is bad"),
        Tampering("two old frames change places", _two_frames_swapped, "frame 1 is bad"),
        Tampering("an old length is changed", _flip(OLD, HEAD_BYTES), "does not begin"),
        Tampering("the newest lacks its head", _cut(NEW, 30), "Segment 3"),
        Tampering("the newest lacks its checkpoint", _cut(NEW, HEAD_BYTES), "does not begin"),
        Tampering("the newest is of no journal", _flip(NEW, 0), "Segment 3"),
    ],
    ids=lambda case: case.comment,
)
def test_tampering_is_told(case: Tampering) -> None:
    disk = full()
    case.change(disk)
    before = {name: bytes(disk.bytes_of(name)) for name in disk.names()}
    with pytest.raises(TamperedError, match=case.says) as told:
        Journal(disk, SECRET, DEVICE)
    assert "evidence" in told.value.remedy
    assert {name: bytes(disk.bytes_of(name)) for name in disk.names()} == before


def test_more_behind_a_bad_frame_than_a_power_cut_can_leave_is_tampering() -> None:
    disk = full(newest=200)
    _flip(NEW, len(disk.bytes_of(NEW)) - TORN_MOST - 2_000)(disk)
    with pytest.raises(TamperedError, match="newest"):
        Journal(disk, SECRET, DEVICE)


def test_a_cut_tail_opens_here_and_is_seen_at_the_centre() -> None:
    """No disk can tell it from an older copy of itself; whoever heard its heartbeat can."""
    disk, centre = full(), Centre()
    centre.hear(Journal(disk.copied(), SECRET, DEVICE).head)
    _cut(NEW, len(disk.bytes_of(NEW)) - 1)(disk)
    with pytest.raises(AssertionError, match="a cut tail"):
        centre.hear(Journal(disk, SECRET, DEVICE).head)


def test_an_older_copy_of_the_disk_forks_the_chain() -> None:
    disk, centre = full(), Centre()
    copy = disk.copied()
    for part, rider in ((disk, 50), (copy, 51)):
        journal = Journal(part, SECRET, DEVICE)
        journal.record(*reading(rider))
        if part is disk:
            upload(journal, centre)
        else:
            with pytest.raises(AssertionError, match="a fork"):
                upload(journal, centre)


def test_segments_of_two_copies_of_a_disk_do_not_go_together() -> None:
    """Each by itself is whole, under the right key, and as long as it should be."""
    first = full()
    one, other = first.copied(), first.copied()
    for disk, rider in ((one, 50), (other, 51)):
        for _ in range(2):
            journal = Journal(disk, SECRET, DEVICE)
            journal.record(*reading(rider))
            journal.close()
    four = "0000000004.segment"
    one.bytes_of(four)[:] = other.bytes_of(four)
    with pytest.raises(TamperedError, match="Segment 5 does not go on"):
        Journal(one, SECRET, DEVICE)


def test_another_secret_or_device_opens_nothing() -> None:
    with pytest.raises(TamperedError):
        Journal(full(), b"\x08" * 32, DEVICE)
    with pytest.raises(RefusedError, match="the journal of 'gate-1', not of 'gate-2'"):
        Journal(full(), SECRET, "gate-2")


def test_nothing_of_a_rider_can_be_read_without_the_key() -> None:
    disk = full()
    for name in disk.names():
        data = bytes(disk.bytes_of(name))
        assert b"31051700000" not in data and b"code" not in data and b"metro" not in data


def test_what_is_acknowledged_is_erased_key_first() -> None:
    disk, centre = full(), Centre()
    journal = Journal(disk, SECRET, DEVICE)
    seen = {name: disk.open(name) for name in disk.names()}
    upload(journal, centre)
    journal.record(*reading(40))
    upload(journal, centre)
    journal.tidy(60.0)
    assert disk.names() == ["0000000005.segment"]
    for file in seen.values():
        assert file.read(12, HEAD_BYTES - 12) == bytes(HEAD_BYTES - 12)


class Broken(FaultyDisk):
    """From some moment on no sync succeeds."""

    failing = False

    def step(self, work: Callable[[], None]) -> None:
        if self.failing:
            raise OSError(5, "Input/output error")
        super().step(work)


def test_a_disk_that_fails_closes_the_lane_until_a_new_start() -> None:
    disk = Broken()
    journal = Journal(disk, SECRET, DEVICE)
    journal.record(*reading(1))
    disk.failing = True
    with pytest.raises(UnavailableError, match="Input/output error"):
        journal.record(*reading(2))
    disk.failing = False
    with pytest.raises(UnavailableError, match="Start the device again"):
        journal.record(*reading(3))
    journal.close()
    again = Journal(disk.after_kill(), SECRET, DEVICE)
    assert again.head.seq == 1
    assert journal.memory.snapshot() == again.memory.snapshot()


CLEAN = full()


@settings(max_examples=300)
@given(st.sampled_from([OLD, MIDDLE, NEW]), st.randoms(use_true_random=False))
def test_no_bytes_break_the_start(name: str, dice: random.Random) -> None:
    """Changed, cut or lengthened anywhere: tampering is told, or what is left is the beginning."""
    fuzz(name, dice)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_journals() -> None:
    for seed in range(100_000):
        dice = random.Random(seed)
        fuzz(dice.choice([OLD, MIDDLE, NEW]), dice)


def fuzz(name: str, dice: random.Random) -> None:
    disk = CLEAN.copied()
    data = disk.bytes_of(name)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(3):
            case 0:
                data[at : at + 1] = dice.randbytes(1)
            case 1:
                del data[at : at + dice.randrange(1, 200)]
            case 2:
                data[at:at] = dice.randbytes(dice.randrange(1, 200))
    try:
        journal = Journal(disk, SECRET, DEVICE)
    except TamperedError:
        return
    centre = Centre()
    upload(journal, centre)
    real = Centre()
    upload(Journal(CLEAN.copied(), SECRET, DEVICE), real)
    assert centre.taps == real.taps[: len(centre.taps)]
    assert all(tap.verdict is Verdict.ACCEPTED for tap in centre.taps)
