"""What was told of a tap, whole, and the digest by which one telling is known from another."""

from hashlib import blake2b

from msgspec import json

from ridecode.core import Tap
from ridecode.taps.facts import Charged, UnknownNames


def telling(tap: Tap, charged: Charged | None, unknown: UnknownNames | None) -> str:
    """All that was told, as JSON, to be kept as evidence; a NUL is written as its escape."""
    return json.encode({"tap": tap, "charged": charged, "unknown": unknown}).decode()


def digest_of(told: str) -> bytes:
    """16 bytes over a whole telling."""
    return blake2b(told.encode(), digest_size=16).digest()
