"""Where one reading ends and the next begins in a scanner's stream.

Scanners in raw mode deliver a code's bytes with nothing between two codes, or with a line's end;
others deliver text. What begins as a ride code is cut by its own length: field 2 where the version
is 0x80 or above, 226 bytes for the older form. Anything else ends at a line's end, and is taken for
hexadecimal digits where it is that many of nothing else. Where the stream falls silent, what is
there is a reading: a code that was cut short is read as such.
"""

import re
from typing import Final

LONGEST: Final = 4_096
"""What is longer without an end is cut here: it is no ride code."""
_LONGEST_CODE: Final = 364
_SHORTEST_CODE: Final = 332
_V1: Final = 0x40
_V1_LENGTH: Final = 226
_HEX: Final = re.compile(rb"(?:[0-9a-fA-F]{2}){100,}")
_ENDS: Final = b"\r\n"


class Cutter:
    """Takes a stream piece by piece, and gives readings."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The readings that are whole with this piece."""
        self._held += piece
        found = []
        while self._held:
            self._held = self._held.lstrip(_ENDS)
            length = _length(self._held)
            if length is None or length > len(self._held):
                break
            found.append(self._held[:length])
            self._held = self._held[length:]
        return [_plain(reading) for reading in found]

    def silence(self) -> list[bytes]:
        """The stream has been silent for a moment, or has ended: what is left is a reading."""
        left, self._held = self._held, b""
        return [_plain(left)] if left.strip(_ENDS) else []


def _length(held: bytes) -> int | None:
    """Of the reading in front; None while that cannot be known."""
    if not held:
        return None
    if held[0] >= 0x80:
        if len(held) < 3:
            return None
        length = int.from_bytes(held[1:3], "big") + 3
        if _SHORTEST_CODE <= length <= _LONGEST_CODE:
            return length
    elif held[0] == _V1:
        return _V1_LENGTH
    ends = [at for end in _ENDS if (at := held.find(end)) >= 0]
    if ends:
        return min(ends)
    return LONGEST if len(held) >= LONGEST else None


def _plain(reading: bytes) -> bytes:
    text = reading.strip()
    return bytes.fromhex(text.decode()) if _HEX.fullmatch(text) else reading
