"""What a journal's files say after a stop, of whatever kind.

1. An unfinished segment is removed: it was never relied on.
2. The newest segment opens and begins with a checkpoint, which names the oldest segment needed.
   What is older is erased again: it may have come back, or been left half erased.
3. Every segment from the oldest to the newest is there, and each one's checkpoint agrees with what
   the one before it said: number, link, opened. In a segment that has a follower, every byte that
   the follower's checkpoint counts is good; what follows those bytes was never synced.
4. In the newest segment the first frame that is not good ends what counts. As much as may have
   been written and not synced, `TORN_MOST`, may follow it: that is a *torn tail*, which a power
   cut leaves, and it never opened a gate. More is tampering.

Anything else is `TamperedError`: the files are left as they are. Nothing on a disk can tell a
journal from an older copy of itself, or from one whose end was cut off at a frame: that is what
the centre's memory of the last heartbeat is for.
"""

from typing import Final

from msgspec import DecodeError, Struct, ValidationError

from ridecode.core import RefusedError, chain, tap_digest
from ridecode.validator.device import segment
from ridecode.validator.device.files import Folder
from ridecode.validator.device.records import Acknowledged, Checkpoint, Reading, from_bytes
from ridecode.validator.device.segment import Segment
from ridecode.validator.device.shelf import Shelf
from ridecode.validator.memory import ClockSet, Memory

UNSYNCED_MOST: Final = 65_536
"""Bytes that may be written and not yet synced."""
FRAME_MOST: Final = 16_384
"""No reading is longer."""
TORN_MOST: Final = UNSYNCED_MOST + FRAME_MOST


class TamperedError(RefusedError):
    """A journal says what no device and no power cut can have written."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Change nothing in the folder: it is evidence. Enrol a new device.")


class Head(Struct, frozen=True):
    """How far a device has come."""

    seq: int
    """Number of its last reading; 0 for none."""
    link: bytes
    opened: int
    """Accepted readings since the device was enrolled: each opens once, after it is on disk."""

    def after(self, reading: Reading) -> "Head":
        """With one more reading."""
        tap = reading.tap
        link = chain.link(self.link, tap_digest(tap))
        return Head(tap.seq, link, self.opened + tap.verdict.accepted)


START: Final = Head(0, chain.GENESIS, 0)


class Recovered(Struct):
    """What the files say."""

    head: Head
    acknowledged: Acknowledged
    memory: Memory
    shelves: list[Shelf]
    """From the oldest segment to the newest."""


def recover(folder: Folder, secret: bytes, device: str) -> Recovered | None:
    """None where there is no journal yet. `TamperedError` for one that cannot be, `RefusedError`
    for another device's."""
    segment.clear_unfinished(folder)
    there = segment.numbers(folder)
    if not there:
        return None
    newest = _checkpoint(_found(folder, secret, there[-1]))
    if newest.device != device:
        raise RefusedError(
            f"This folder holds the journal of {newest.device!r}, not of {device!r}.",
            "Give each device a folder of its own.",
        )
    _erase_before(folder, newest.oldest, there)
    needed = range(newest.oldest, there[-1] + 1)
    parts = [_found(folder, secret, number) for number in needed]
    return _read(parts)


def _erase_before(folder: Folder, oldest: int, there: list[int]) -> None:
    useless = [number for number in there if number < oldest]
    if useless:
        # After a process was killed, the newest segment's name may be seen and not be on the disk.
        folder.sync()
    for number in useless:
        segment.erase(folder, number)


def _found(folder: Folder, secret: bytes, number: int) -> Segment:
    found = Segment.find(folder, secret, number) if number in segment.numbers(folder) else None
    if found is None:
        raise TamperedError(f"Segment {number} of the journal is missing or has another's head.")
    return found


def _checkpoint(part: Segment) -> Checkpoint:
    first = next(part.scan(), None)
    record = None if first is None else _decoded(part, first)
    if not isinstance(record, Checkpoint):
        raise TamperedError(f"Segment {part.number} of the journal does not begin as one.")
    return record


def _decoded(part: Segment, record: bytes) -> object:
    try:
        return from_bytes(record)
    except (DecodeError, ValidationError) as error:
        raise TamperedError(f"Segment {part.number} holds no record: {error}.") from error


def _read(parts: list[Segment]) -> Recovered:
    checkpoints = [_checkpoint(part) for part in parts]
    first = checkpoints[0]
    found = Recovered(Head(first.seq, first.link, first.opened), first.acknowledged, Memory(), [])
    for at, part in enumerate(parts):
        begins = checkpoints[at]
        if Head(begins.seq, begins.link, begins.opened) != found.head:
            raise TamperedError(f"Segment {part.number} does not go on where the last one ended.")
        found.memory = Memory.of(begins.memory)
        until = checkpoints[at + 1].before_bytes if at + 1 < len(parts) else None
        found.shelves.append(_shelf(part, until, found))
        _judge_end(part, until)
    return found


def _shelf(part: Segment, until: int | None, found: Recovered) -> Shelf:
    shelf = Shelf(part, found.head.seq + 1)
    for index, sealed in enumerate(part.scan(until)):
        record = _decoded(part, sealed)
        if isinstance(record, Reading):
            if record.tap.seq != found.head.seq + 1:
                raise TamperedError(f"Reading {found.head.seq + 1} is not in the journal.")
            found.head = found.head.after(record)
            found.memory.keep(record.remember)
            shelf.frames.append(index)
        elif isinstance(record, ClockSet):
            found.memory.keep([record])
        elif isinstance(record, Acknowledged):
            found.acknowledged = max(found.acknowledged, record, key=lambda one: one.seq)
    return shelf


def _judge_end(part: Segment, until: int | None) -> None:
    if until is not None and part.end != until:
        raise TamperedError(
            f"Segment {part.number} of the journal is not what it was: its frame {len(part)} "
            f"is bad, {until - part.end:,} bytes before the end that the next segment tells."
        )
    if until is None and part.torn_bytes() > TORN_MOST:
        raise TamperedError(
            f"Frame {len(part)} of segment {part.number}, the newest, is bad, and more follows it "
            f"than a power cut can leave: {part.torn_bytes():,} bytes."
        )
