"""One file of the journal: frames that can be read with a key which the file itself holds.

    file    = "RCJ1" ‖ number u64 ‖ nonce 12 ‖ wrapped key 48 ‖ frame …
    frame   = length u32 ‖ AES-256-GCM(segment key, nonce = index of the frame u96, record)

Integers are big-endian; `length` counts the record and its 16-byte tag. Each segment has a key of
its own, drawn when it is made and wrapped with AES-256-GCM under the device's secret, the first
12 bytes of the file being authenticated with it. The first frame is a `Checkpoint`. No frame can
be changed, moved, or brought over from another segment without its tag failing.

Erasing a segment overwrites nonce and wrapped key with zeros, syncs, and removes the file: its
frames, wherever copies of them lie on a worn flash, can be read by nobody any more. A flash may
keep the old 60 bytes as well, so whoever can read its raw cells needs the device's secret besides.
"""

import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from struct import Struct as Layout
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ridecode.validator.device.files import File, Folder

MAGIC: Final = b"RCJ1"
_NAME: Final = Layout(">4sQ")
_LENGTH: Final = Layout(">I")
_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
HEAD_BYTES: Final = _NAME.size + _NONCE_BYTES + _KEY_BYTES + _TAG_BYTES
SUFFIX: Final = ".segment"
UNFINISHED: Final = ".unfinished"


class Segment:
    """A segment of the journal. Its frames are numbered from 0."""

    def __init__(self, folder: Folder, number: int, key: bytes) -> None:
        self.number = number
        self._folder = folder
        self._cipher = AESGCM(key)
        self._ends = array("Q", [HEAD_BYTES])
        """Where each good frame ends, after where the first one begins."""
        self._file: File | None = None
        """Open while the segment is written."""

    @staticmethod
    def make(folder: Folder, secret: bytes, number: int, first: bytes) -> "Segment":
        """A new segment with one record. It gets its name when it is whole and synced, so that a
        file of that name never lacks its head or its first record."""
        key, nonce = AESGCM.generate_key(256), os.urandom(_NONCE_BYTES)
        head = _NAME.pack(MAGIC, number)
        made = Segment(folder, number, key)
        made._file = folder.make(_name(number, UNFINISHED))
        made._file.append(head + nonce + AESGCM(secret).encrypt(nonce, key, head))
        made.append(first)
        made.sync()
        folder.rename(_name(number, UNFINISHED), _name(number, SUFFIX))
        folder.sync()
        return made

    @staticmethod
    def find(folder: Folder, secret: bytes, number: int) -> "Segment | None":
        """A segment to be read; None where the file's head is not its own, or its key erased."""
        with closing(folder.open(_name(number, SUFFIX))) as file:
            head = file.read(0, HEAD_BYTES)
        named, nonce = head[: _NAME.size], head[_NAME.size : _NAME.size + _NONCE_BYTES]
        if named != _NAME.pack(MAGIC, number):
            return None
        try:
            key = AESGCM(secret).decrypt(nonce, head[_NAME.size + _NONCE_BYTES :], named)
        except (InvalidTag, ValueError):
            return None
        return Segment(folder, number, key)

    @property
    def end(self) -> int:
        """Bytes up to which all frames are good."""
        return self._ends[-1]

    def __len__(self) -> int:
        """How many good frames there are."""
        return len(self._ends) - 1

    def scan(self, until: int | None = None) -> Iterator[bytes]:
        """The record of each frame, up to the first that is not good, or to `until` bytes."""
        with closing(self._folder.open(_name(self.number, SUFFIX))) as file:
            whole = file.read(0, file.size() if until is None else until)
        del self._ends[1:]
        while (record := self._record(whole, self.end, len(self))) is not None:
            self._ends.append(self.end + _LENGTH.size + len(record) + _TAG_BYTES)
            yield record

    def append(self, record: bytes) -> None:
        """Write a record, without syncing it."""
        assert self._file is not None, "only the newest segment is written, by whoever made it"
        sealed = self._cipher.encrypt(_nonce(len(self)), record, None)
        self._file.append(_LENGTH.pack(len(sealed)) + sealed)
        self._ends.append(self.end + _LENGTH.size + len(sealed))

    def read(self, frames: Sequence[int]) -> Iterator[bytes]:
        """Some records again, by the rising numbers of their frames."""
        start, end = self._ends[frames[0]], self._ends[frames[-1] + 1]
        with closing(self._folder.open(_name(self.number, SUFFIX))) as file:
            part = file.read(start, end - start)
        for index in frames:
            record = self._record(part, self._ends[index] - start, index)
            assert record is not None, "a good frame has gone bad under the running process"
            yield record

    def _record(self, part: bytes, at: int, index: int) -> bytes | None:
        if at + _LENGTH.size > len(part):
            return None
        (length,) = _LENGTH.unpack_from(part, at)
        sealed = part[at + _LENGTH.size : at + _LENGTH.size + length]
        if len(sealed) != length:
            return None
        try:
            return self._cipher.decrypt(_nonce(index), sealed, None)
        except (InvalidTag, ValueError):
            return None

    def torn_bytes(self) -> int:
        """How much follows the last good frame."""
        with closing(self._folder.open(_name(self.number, SUFFIX))) as file:
            return file.size() - self.end

    def sync(self) -> None:
        """Make what was written survive a power cut, whoever wrote it."""
        if self._file is not None:
            self._file.sync()
            return
        with closing(self._folder.open(_name(self.number, SUFFIX))) as file:
            file.sync()

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()
            self._file = None


def numbers(folder: Folder) -> list[int]:
    """Of the segments that a folder has, rising."""
    return sorted(int(name[: -len(SUFFIX)]) for name in folder.names() if name.endswith(SUFFIX))


def clear_unfinished(folder: Folder) -> None:
    """Remove what a stop left half made: nothing in it was ever relied on."""
    for name in folder.names():
        if name.endswith(UNFINISHED):
            folder.remove(name)


def erase(folder: Folder, number: int) -> None:
    """Make a segment unreadable for good. The folder is left to be synced."""
    with closing(folder.open(_name(number, SUFFIX))) as file:
        file.overwrite(_NAME.size, bytes(HEAD_BYTES - _NAME.size))
        file.sync()
    folder.remove(_name(number, SUFFIX))


def _name(number: int, suffix: str) -> str:
    return f"{number:010}{suffix}"


def _nonce(index: int) -> bytes:
    return index.to_bytes(_NONCE_BYTES, "big")
