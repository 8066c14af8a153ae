"""What a journal writes down, record by record."""

from typing import Final

from msgspec import Struct, msgpack

from ridecode.core import Tap
from ridecode.validator.memory import ClockSet, Passed, Snapshot


class Reading(Struct, frozen=True, array_like=True, tag="read"):
    """A tap, and what the lane remembers of it."""

    tap: Tap
    remember: tuple[Passed | ClockSet, ...]


class Acknowledged(Struct, frozen=True, array_like=True, tag="acknowledged"):
    """The centre has every reading up to this one."""

    seq: int
    link: bytes
    """The link after that reading."""


class Checkpoint(Struct, frozen=True, array_like=True, tag="checkpoint"):
    """Where the device stood when a segment began: nothing before it is needed but what is owed."""

    device: str
    oldest: int
    """The first segment that holds readings which the centre has not acknowledged; those before it
    are being erased or gone."""
    before_bytes: int
    """How much of the segment before this one counts; what follows there was never synced."""
    seq: int
    link: bytes
    opened: int
    acknowledged: Acknowledged
    memory: Snapshot


Record = Reading | Acknowledged | Checkpoint | ClockSet

to_bytes: Final = msgpack.Encoder().encode
from_bytes: Final = msgpack.Decoder(Record).decode
