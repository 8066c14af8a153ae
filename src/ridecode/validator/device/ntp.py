"""What an NTP server says the time is (SNTP, RFC 4330): one question, one answer, no key."""

import socket
import time
from struct import unpack_from
from typing import Final

from ridecode.core import MICROS, UnavailableError
from ridecode.validator.device.clock import Said

PORT: Final = 123
_TIMEOUT_S: Final = 3.0
_SINCE_1900_S: Final = 2_208_988_800
_QUESTION: Final = b"\x23" + bytes(47)
"""Version 4, client."""


def ask(host: str, port: int = PORT) -> Said:
    """Raises `UnavailableError` where no answer comes, or one that says nothing."""
    asked = time.monotonic_ns()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(_TIMEOUT_S)
            wire.connect((host, port))
            wire.send(_QUESTION)
            answer = wire.recv(512)
    except OSError as error:
        raise UnavailableError(f"No time comes from {host}: {error.strerror or error}.") from error
    return read(answer, (time.monotonic_ns() - asked) // 1_000)


def read(answer: bytes, took: int) -> Said:
    """An answer's time; it was sent somewhere within the `took` microseconds of the question."""
    if len(answer) < 48 or answer[0] & 7 != 4 or not 1 <= answer[1] <= 15:
        raise UnavailableError("This is no answer of a time server that knows the time.")
    seconds, fraction = unpack_from(">II", answer, 40)
    # The count of seconds overflows in 2036: what seems before 1968 is after it (RFC 4330 §3).
    if seconds < 1 << 31:
        seconds += 1 << 32
    ts = (seconds - _SINCE_1900_S) * MICROS + fraction * MICROS // (1 << 32)
    return Said(ts, took // 2 + 1_000, took)
