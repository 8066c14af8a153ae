"""What a device tells the centre, and how both of them know that it was the device.

A body is signed as it stands, by the SHA-256 of its bytes, under a context that says what it is: a
signature over taps is none over a heartbeat. The keys are Ed25519 (RFC 8032): 32 bytes each, and a
signature of 64. A second sending of the same body is harmless, because every tap has its number and
id.
"""

from enum import Enum
from hashlib import sha256
from typing import Final

from msgspec import DecodeError, Struct, ValidationError, json

from ridecode.core.chain import TS_END
from ridecode.core.errors import BadInputError
from ridecode.core.facts import Tap

BATCH_MOST: Final = 1_000
"""Taps of one batch."""
_COUNT_END: Final = 2**31
"""No device reads, opens or is given bundles more often."""


class Said(Enum):
    """What a signed body is."""

    TAPS = b"ridecode taps 1\0"
    HEARTBEAT = b"ridecode heartbeat 1\0"


class TapBatch(Struct, frozen=True, kw_only=True):
    """Readings of one device in a row, each linked to the one before (`chain.link`)."""

    device: str
    """`Tap.validator` of every tap."""
    before: bytes
    """The link before the first tap, 32 bytes."""
    taps: tuple[Tap, ...]
    """1 to 1,000, their `seq` one after another."""


class Heartbeat(Struct, frozen=True, kw_only=True):
    """How a device is, signed, so that a cut tail of its journal is seen at the centre."""

    device: str
    ts: int
    """The device's own clock, UTC epoch microseconds."""
    seq: int
    """Number of the last reading in its journal; 0 for none."""
    head: bytes
    """The link after that reading, 32 bytes."""
    opened: int
    """How often it has opened since it was enrolled."""
    acknowledged: int
    """Number of the last reading that the centre acknowledged."""
    bundle: int
    """Version of the bundle that it judges by; 0 for none."""
    clock_set: int | None
    """When its clock was last set, UTC epoch microseconds; None: never."""


_decode_batch = json.Decoder(TapBatch).decode
_decode_heartbeat = json.Decoder(Heartbeat).decode
_encode = json.Encoder().encode


def to_json(said: TapBatch | Heartbeat) -> bytes:
    """As it travels: ids as text, bytes in base64, enums as their numbers."""
    return _encode(said)


def read_batch(body: bytes) -> TapBatch:
    """Raises `BadInputError` for what is no batch of one device in a row."""
    try:
        batch = _decode_batch(body)
    except (ValidationError, DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"This is no batch of taps: {error}.") from error
    return checked(batch)


def checked(batch: TapBatch) -> TapBatch:
    """The batch itself; raises `BadInputError` where its taps are not one device's in a row."""
    taps = batch.taps
    if not 1 <= len(taps) <= BATCH_MOST or len(batch.before) != 32:
        what = f"A batch has 1 to {BATCH_MOST:,} taps and a link of 32 bytes before them."
        raise BadInputError(what, "Send smaller batches.")
    first = taps[0].seq
    if first < 1:
        raise BadInputError("A device's first reading has the number 1.")
    for at, tap in enumerate(taps, first):
        if tap.seq != at or tap.validator != batch.device:
            what = f"Tap {tap.tap_id} is not reading {at} of {batch.device!r}."
            raise BadInputError(what, "Send one device's readings in the order of its journal.")
    return batch


def read_heartbeat(body: bytes) -> Heartbeat:
    """Raises `BadInputError` for what is none."""
    try:
        told = _decode_heartbeat(body)
    except (ValidationError, DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"This is no heartbeat: {error}.") from error
    counts = (told.seq, told.opened, told.acknowledged, told.bundle)
    moments = (told.ts, told.clock_set or 0)
    if (
        len(told.head) != 32
        or min(counts) < 0
        or max(counts) >= _COUNT_END
        or told.acknowledged > told.seq
        or min(moments) < 0
        or max(moments) >= TS_END
    ):
        raise BadInputError("This is no heartbeat: its numbers contradict one another.")
    return told


def new_key() -> bytes:
    """A new private key, 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> bytes:
    """The 32 bytes by which others know the holder of a private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, said: Said, body: bytes) -> bytes:
    """64 bytes over the context and the digest of the body."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).sign(_signed(said, body))


def is_signed(public: bytes, said: Said, body: bytes, signature: bytes) -> bool:
    """Whether the holder of the key said this."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(said, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(said: Said, body: bytes) -> bytes:
    """Ed25519's own SHA-512 takes three times as long where the processor has SHA-256."""
    return said.value + sha256(body).digest()
