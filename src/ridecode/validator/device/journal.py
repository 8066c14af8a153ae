"""The journal of a device: every reading on disk before its gate opens, until the centre has it.

The files are segments (`segment` tells their form): the newest is written, older ones wait for the
centre. A segment begins with a checkpoint, so that a reader needs no segment before it.

- **A reading** is numbered, linked to the one before (`core.chain`) and written with what the lane
  is to remember of it. An accepted one is synced before `record` returns: only then may the gate
  open and the memory keep its effects. A refused one opens nothing and is synced with the next
  accepted one, by `sync`, or when `UNSYNCED_MOST` bytes wait.
- **Only what is synced is said**: batches and heartbeats never tell of a reading that a power cut
  could still take, so that no cut makes a device contradict itself.
- **A new segment** is begun at every start, when one is full, and when all is acknowledged and the
  segment a minute old. Its file is written and synced under another name; then the name is given.
  It says how many bytes of the segment before it count. So nothing is ever written behind a torn
  tail, and no key meets one nonce twice.
- **Erased** are, after a new segment is begun, all those that hold only what the centre has
  acknowledged: their keys are overwritten first (`segment.erase`).
- **After a stop** `recovery` reads the files, tells a torn tail from tampering, and rebuilds the
  lane's memory from the newest checkpoint and what follows it.
- **When a write or sync fails** nobody knows what is on the disk: the journal takes nothing more,
  the gate stays shut, and a new start reads what is there.

For any threads: a lane writes while an uploader reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Final

from msgspec.structs import replace

from ridecode.core import Tap, UnavailableError, chain, device, tap_digest
from ridecode.validator.device import segment
from ridecode.validator.device.files import Folder
from ridecode.validator.device.records import (
    Acknowledged,
    Checkpoint,
    Reading,
    Record,
    to_bytes,
)
from ridecode.validator.device.recovery import (
    FRAME_MOST,
    START,
    UNSYNCED_MOST,
    Head,
    Recovered,
    recover,
)
from ridecode.validator.device.segment import Segment
from ridecode.validator.device.shelf import Shelf
from ridecode.validator.memory import ClockSet, Effect, Memory

SEGMENT_BYTES: Final = 1_048_576
"""A segment that has grown so far is closed."""
ERASE_AFTER_S: Final = 60.0
"""A segment so old, all of it acknowledged, is closed, to be erased."""
FULL_BYTES: Final = 536_870_912
"""So much of a disk the journal may take, about 700,000 readings. Then the lane is closed."""
CROWDED_BYTES: Final = FULL_BYTES // 4 * 3
"""From here on refused readings are no longer written: a flood of them must not close the lane."""


class Journal:
    """A device's readings that the centre does not have yet, and the lane's memory."""

    def __init__(self, folder: Folder, secret: bytes, name: str, began_s: float = 0.0) -> None:
        """Read what is there and begin a new segment. `secret` has 32 bytes; `began_s` is now by
        the clock that `tidy` is told.

        Raises `TamperedError` where the files cannot be this device's, `RefusedError` where they
        are another's, `UnavailableError` where they cannot be written.
        """
        found = recover(folder, secret, name) or Recovered(
            START, Acknowledged(0, chain.GENESIS), Memory(), []
        )
        self.device = name
        self.memory = found.memory
        """Of the lane, for its thread alone."""
        self._folder, self._secret = folder, secret
        self._written = self._synced = found.head
        self._acknowledged = found.acknowledged
        self._shelves = found.shelves
        self._unsynced = self._closed_bytes = 0
        self._broken = False
        self._lock = RLock()
        self._began_s = began_s
        with self._guarded():
            self._begin()

    @property
    def head(self) -> Head:
        """How far the device has come, as far as no power cut can take it back."""
        return self._synced

    @property
    def acknowledged(self) -> int:
        """Number of the last reading that the centre has."""
        return self._acknowledged.seq

    @property
    def size_bytes(self) -> int:
        """What the journal takes on disk."""
        with self._lock:
            return self._closed_bytes + self._newest.part.end

    def record(self, tap: Tap, remember: tuple[Effect, ...]) -> Tap | None:
        """Write a reading down; the tap with its number. An accepted one is on disk on return.

        None where the journal is crowded and the reading, a refused one, was left out. Raises
        `UnavailableError` where it is full or cannot be written: then nothing may open.
        """
        with self._lock:
            self._refuse_if_full()
            if self.size_bytes > CROWDED_BYTES and not tap.verdict.accepted:
                return None
            numbered = replace(tap, seq=self._written.seq + 1)
            with self._guarded():
                self._record(Reading(numbered, remember))
            self.memory.keep(remember)
            return numbered

    def set_clock(self, ts: int) -> None:
        """Note that the clock was set to `ts` (UTC epoch microseconds), and remember it."""
        with self._lock:
            with self._guarded():
                self._append(ClockSet(ts))
            self.memory.keep([ClockSet(ts)])

    def sync(self) -> None:
        """Bring to disk whatever waits."""
        with self._lock:
            if self._unsynced:
                with self._guarded():
                    self._sync()

    def batch(self, most: int) -> device.TapBatch | None:
        """The next readings, 1 to `most`, that the centre has not acknowledged; None for none.

        For the thread that acknowledges. The lane does not wait meanwhile: what is not acknowledged
        is neither changed nor erased.
        """
        with self._lock:
            before, shelves = self._acknowledged, self._shelves
            until = min(self._synced.seq, before.seq + most)
        with self._guarded():
            taps = [tap for shelf in shelves for tap in shelf.taps(before.seq + 1, until)]
        if not taps:
            return None
        return device.TapBatch(device=self.device, before=before.link, taps=tuple(taps))

    def acknowledge(self, batch: device.TapBatch) -> None:
        """The centre has every reading of a batch that `batch` gave, or of its beginning."""
        with self._lock:
            if batch.taps[-1].seq <= self._acknowledged.seq:
                return
            assert batch.taps[0].seq == self._acknowledged.seq + 1, "this is not the next batch"
            link = chain.head(batch.before, map(tap_digest, batch.taps))
            self._acknowledged = Acknowledged(batch.taps[-1].seq, link)
            # Not synced: what is acknowledged and forgotten is sent again, which does no harm.
            with self._guarded():
                self._append(self._acknowledged)

    def tidy(self, now_s: float) -> None:
        """Close a full segment, and erase what the centre has; `now_s` never runs back."""
        with self._lock:
            full = self._newest.part.end >= SEGMENT_BYTES
            done = bool(self._newest.frames) and self._acknowledged.seq == self._written.seq
            if full or (done and now_s - self._began_s >= ERASE_AFTER_S):
                self._began_s = now_s
                with self._guarded():
                    self._begin()

    def close(self) -> None:
        """Bring all to disk and write no more."""
        with self._lock:
            if not self._broken:
                self.sync()
            self._broken = True
            self._newest.part.close()

    @property
    def _newest(self) -> Shelf:
        return self._shelves[-1]

    def _refuse_if_full(self) -> None:
        if self.size_bytes > FULL_BYTES:
            waiting = self._written.seq - self._acknowledged.seq
            raise UnavailableError(
                f"The journal is full: the centre lacks {waiting:,} readings.",
                "Connect the device.",
            )

    def _record(self, reading: Reading) -> None:
        self._append(reading)
        self._newest.frames.append(len(self._newest.part) - 1)
        self._written = self._written.after(reading)
        if reading.tap.verdict.accepted or self._unsynced > UNSYNCED_MOST:
            self._sync()

    def _append(self, record: Record) -> None:
        body = to_bytes(record)
        assert len(body) <= FRAME_MOST, "a place of such long names makes no readings"
        end = self._newest.part.end
        self._newest.part.append(body)
        self._unsynced += self._newest.part.end - end

    def _sync(self) -> None:
        self._newest.part.sync()
        self._synced, self._unsynced = self._written, 0

    def _begin(self) -> None:
        """Close the newest segment, begin the next, and erase what nobody needs any more."""
        last = self._shelves[-1].part if self._shelves else None
        if last is not None:
            # After a process was killed, what it wrote is there to be read but may not be on disk.
            last.sync()
            last.close()
        owed = [shelf for shelf in self._shelves if shelf.last > self._acknowledged.seq]
        number = last.number + 1 if last else 1
        head = self._written
        checkpoint = Checkpoint(
            device=self.device,
            oldest=owed[0].part.number if owed else number,
            before_bytes=last.end if last else 0,
            seq=head.seq,
            link=head.link,
            opened=head.opened,
            acknowledged=self._acknowledged,
            memory=self.memory.snapshot(),
        )
        made = Segment.make(self._folder, self._secret, number, to_bytes(checkpoint))
        erased = [shelf for shelf in self._shelves if shelf.part.number < checkpoint.oldest]
        self._shelves = [*self._shelves[len(erased) :], Shelf(made, head.seq + 1)]
        self._closed_bytes = sum(shelf.part.end for shelf in self._shelves[:-1])
        self._synced, self._unsynced = head, 0
        for shelf in erased:
            segment.erase(self._folder, shelf.part.number)
        self._folder.sync()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if self._broken:
            raise UnavailableError("The journal was closed.", "Start the device again.")
        try:
            yield
        except OSError as error:
            self._broken = True
            raise UnavailableError(
                f"The journal cannot be kept: {error.strerror or error}.",
                "Look after the disk and start the device again.",
            ) from error
