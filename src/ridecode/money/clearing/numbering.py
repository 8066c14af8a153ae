"""Was a file sent before? A file's number is its name for good, and its digest what it says."""

from collections.abc import Mapping
from enum import IntEnum


class Seen(IntEnum):
    """How a file stands to those that came before. The numbers are frozen."""

    NEW = 1
    SENT_AGAIN = 2
    """The same file, byte for byte: whoever has it does nothing, and answers as before."""
    CONFLICT = 3
    """Another file has its number: neither may count before people have looked."""


def recognise(number: int, digest: bytes, known: Mapping[int, bytes]) -> Seen:
    """How a file stands to those of its city, or answers to those before: digests by number."""
    had = known.get(number)
    if had is None:
        return Seen.NEW
    return Seen.SENT_AGAIN if had == digest else Seen.CONFLICT
