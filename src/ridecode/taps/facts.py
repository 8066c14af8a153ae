"""What the room answers and keeps beside a tap: its receipt, and what a file says was charged."""

from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from ridecode.core import Tap, Verdict
from ridecode.taps.suspicion import Suspicion


class Receipt(IntEnum):
    """The answer for each tap that was sent. Every one is final: none asks to be sent again."""

    ACCEPTED = 1
    """It is new, and kept."""
    DUPLICATE = 2
    """The same tap is there already; nothing changed."""
    REFUSED = 3
    """Another tap of that id is there already; this one is kept as evidence only."""
    QUARANTINED = 4
    """It is new, and kept, but does not stand: a device could not have read it so."""


class Answer(Struct, frozen=True, gc=False):
    """What became of one tap that a device sent."""

    tap_id: UUID
    receipt: Receipt
    reason: Suspicion | None = None
    """Of a tap in quarantine, and of a refused one."""


class Charged(Struct, frozen=True, gc=False):
    """What a card company's file says was charged at a tap; amounts in the smallest unit."""

    full_fare: int
    """Before any discount."""
    paid: int
    transfer: bool
    """Whether the company marked it as a transfer."""


class UnknownNames(Struct, frozen=True, gc=False):
    """What a file called the place of a tap, where the city pack knows no such name; else empty."""

    stop: str = ""
    line: str = ""
    operator: str = ""


class NewAccounts(Struct, frozen=True):
    """Whose taps came to stand behind an offset of the log, and the offset to ask with next."""

    high: int
    """The last batch that is told of here."""
    since: dict[str, int]
    """By account: the earliest time of its new taps, UTC epoch microseconds."""


class Totals(Struct, frozen=True):
    """What a cell holds."""

    taps: int
    conflicts: int
    """Refused tellings, once per distinct one."""
    quarantined: int
    """Taps that are kept, but set aside."""
    rejected: int
    """Rows of imported files that could not be read when the file was read last."""


class Conflict(Struct, frozen=True):
    """A refused telling of a tap: its id belongs to another."""

    tap_id: UUID
    told: str
    """The whole of it, as JSON."""
    at: int
    """When it first came, by the server's clock, UTC epoch microseconds."""


class Unchecked(Struct, frozen=True, gc=False):
    """What the check asks of a tap."""

    tap_id: UUID
    account: str
    account_type: int
    ts: int
    code: bytes
    code_time: int


class Quarantined(Struct, frozen=True):
    """A tap that was set aside."""

    tap: Tap
    reason: Suspicion
    verdict: Verdict | None
    """The centre's verdict on its code; None where it was set aside before that was asked."""
    at: int
    """Since when, by the centre's clock, UTC epoch microseconds."""
