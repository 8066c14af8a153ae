"""The station's peer: a small TCP server that knows which codes were used at the station's gates.

    frame = length u16 ‖ tag 16 ‖ body        (big-endian; length counts tag and body)

The body of a question is a msgpack list of 1 to 200 claims after a number of 8 bytes, that of an
answer the same number and one item each, an earlier claim or nil. The tag is a keyed BLAKE2b under
the station's 32-byte key, over a word that says question or answer, and the body: a stranger on
the station's network can neither ask, nor answer, nor give an old answer to a new question.
"""

import socket
import socketserver
from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest
from threading import Lock
from typing import Final

from msgspec import DecodeError, ValidationError, msgpack

from ridecode.validator.device.tiers import Claim, Claims, Tier

MOST: Final = 200
"""Claims of one frame."""
KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_NUMBER_BYTES: Final = 8
_FRAME_MOST: Final = 65_535
QUESTION: Final = b"question"
ANSWER: Final = b"answer"

_encode = msgpack.Encoder().encode
_read_claims = msgpack.Decoder(list[Claim]).decode
_read_answers = msgpack.Decoder(list[Claim | None]).decode


class BadFrameError(Exception):
    """A frame that nobody with the key wrote."""


def frame(key: bytes, word: bytes, number: bytes, items: Sequence[Claim | None]) -> bytes:
    """One question or answer as it travels."""
    body = number + _encode(items)
    return (_TAG_BYTES + len(body)).to_bytes(2, "big") + _tag(key, word, body) + body


def read_frame(wire: socket.socket, key: bytes, word: bytes) -> tuple[bytes, bytes]:
    """Number and items of the next frame; EOFError at the end, BadFrameError for a bad one."""
    length = int.from_bytes(_exactly(wire, 2), "big")
    whole = _exactly(wire, length)
    tag, body = whole[:_TAG_BYTES], whole[_TAG_BYTES:]
    if len(body) < _NUMBER_BYTES or not compare_digest(tag, _tag(key, word, body)):
        raise BadFrameError
    return body[:_NUMBER_BYTES], body[_NUMBER_BYTES:]


def read_claims(items: bytes) -> list[Claim]:
    """Of a question."""
    try:
        claims = _read_claims(items)
    except (DecodeError, ValidationError) as error:
        raise BadFrameError from error
    if not 1 <= len(claims) <= MOST:
        raise BadFrameError
    return claims


def read_answers(items: bytes) -> list[Claim | None]:
    """Of an answer."""
    try:
        return _read_answers(items)
    except (DecodeError, ValidationError) as error:
        raise BadFrameError from error


def _tag(key: bytes, word: bytes, body: bytes) -> bytes:
    return blake2b(word + b"\0" + body, key=key, digest_size=_TAG_BYTES).digest()


def _exactly(wire: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = wire.recv(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Station(socketserver.ThreadingTCPServer):
    """Answers the gates of a station, one thread a gate; `serve_forever` and `shutdown` are those
    of the standard library."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], key: bytes, above: Tier | None = None) -> None:
        """`above` is asked of what this station does not know."""
        super().__init__(address, _Gate)
        self.key = key
        self.above = above
        self.claims = Claims()
        self.found: list[tuple[Claim, Claim]] = []
        """Evidence: a claim, and the earlier one of another gate on the same code; the latest
        1,000."""
        self._lock = Lock()

    def claim(self, claim: Claim) -> Claim | None:
        """The earlier claim on this code, if there is one here or above."""
        with self._lock:
            held = self.claims.put(claim)
        if held is None and self.above is not None:
            held = self.above.claim(claim)
        if held is not None:
            with self._lock:
                self.found = [*self.found[-999:], (claim, held)]
        return held


class _Gate(socketserver.BaseRequestHandler):
    server: Station

    def handle(self) -> None:
        wire: socket.socket = self.request
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = self.server.key
        try:
            while True:
                number, items = read_frame(wire, key, QUESTION)
                held = [self.server.claim(claim) for claim in read_claims(items)]
                wire.sendall(frame(key, ANSWER, number, held))
        except (EOFError, BadFrameError, OSError):
            return  # the gate comes again by itself
