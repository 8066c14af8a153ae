"""The lines of a file, one at a time, however long somebody made one."""

import codecs
import hashlib
from collections.abc import Iterator
from typing import IO

from msgspec import Struct

LINE_BYTES = 8_192
"""A row is at most this long; of a longer line only so much is kept in memory."""


class Line(Struct, frozen=True, gc=False):
    """A line without its end; `whole` is False where it was too long and is cut."""

    number: int
    text: bytes
    whole: bool


class Lines:
    """Iterates over the lines of a file from the first one on; blank lines hold nothing, and a
    byte-order mark of UTF-8 is no part of the first. Line numbers count from 1."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._number = 0

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        while raw := self._file.readline(LINE_BYTES):
            self._hash.update(raw)
            self._number += 1
            whole = self._to_the_end(raw)
            text = raw.rstrip(b"\r\n")
            if self._number == 1:
                text = text.removeprefix(codecs.BOM_UTF8)
            if text:
                return Line(self._number, text, whole)
        raise StopIteration

    def _to_the_end(self, raw: bytes) -> bool:
        """Pass over the rest of a line that is too long; True where there was none."""
        whole = True
        while len(raw) == LINE_BYTES and not raw.endswith(b"\n"):
            whole = False
            raw = self._file.readline(LINE_BYTES)
            self._hash.update(raw)
        return whole

    @property
    def sha256(self) -> bytes:
        """Of all that was read, byte for byte."""
        return self._hash.digest()
