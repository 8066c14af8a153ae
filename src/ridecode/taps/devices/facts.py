"""What is known of a device: who it is, where it stands, its chain, its alarms."""

from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct

from ridecode.core import TapKind, Words, chain, device


class Stand(Struct, frozen=True, kw_only=True):
    """Where a device may read; what is empty is left open: a bus reader moves from stop to stop."""

    product: str
    kind: TapKind | None = None
    """None: in every way in which its product is read."""
    line: str = ""
    stop: str = ""
    vehicle: str = ""


class Device(Struct, frozen=True, kw_only=True):
    """An enrolled device; times are UTC epoch microseconds."""

    device: str
    """`Tap.validator` of its taps."""
    public_key: bytes
    """Ed25519, 32 bytes."""
    operator: str
    stand: Stand
    enrolled_at: int
    revoked_at: int | None = None
    reason: str = ""
    """Why it was revoked."""

    def is_enrolled_as(self, other: "Device") -> bool:
        """Whether the two differ in nothing but a revocation."""
        return (self.public_key, self.operator, self.stand, self.enrolled_at) == (
            other.public_key, other.operator, other.stand, other.enrolled_at,
        )  # fmt: skip


class Chain(Struct, frozen=True):
    """How far the centre follows a device's readings."""

    seq: int = 0
    """Number of the last one; 0 for none."""
    head: bytes = chain.GENESIS
    """The link after it."""
    ts: int = 0
    """When it was read, by the device's clock, UTC epoch microseconds."""
    opened: int = 0
    """Accepted readings among those that are here."""
    forked: bool = False
    """It once told another history: since then a gap is no longer taken on trust."""


class Gap(Struct, frozen=True):
    """Readings that have not come yet, and the links on both sides of them."""

    first: int
    last: int
    before: bytes
    after: bytes


class AlarmKind(IntEnum):
    """What does not fit together at a device. Numbers are frozen."""

    GAP = 1
    FORK = 2
    CUT_TAIL = 3
    CLOCK = 4
    OPENED_WITHOUT_TAP = 5
    REVOKED_STILL_TALKING = 6

    @property
    def words(self) -> Words:
        """What happened, and what to do."""
        return _WORDS[self]


class Alarm(Struct, frozen=True):
    """One alarm, told once however often its cause is seen."""

    device: str
    kind: AlarmKind
    at: int
    """When it was noticed, UTC epoch microseconds."""
    detail: Mapping[str, int | str]


class HeartbeatSeen(Struct, frozen=True):
    """The latest heartbeat of a device."""

    told: device.Heartbeat
    at: int
    """When it came, by the centre's clock, UTC epoch microseconds."""


_WORDS = {
    AlarmKind.GAP: Words(
        zh="记录有缺口，请检查终端上传。", en="Readings are missing: see why it has not sent them."
    ),
    AlarmKind.FORK: Words(
        zh="终端前后所报不一致，密钥可能被复制，请检查。",
        en="It told two histories: its key may have been copied. Have it looked at.",
    ),
    AlarmKind.CUT_TAIL: Words(
        zh="终端丢失了最近的记录，请检查存储。",
        en="It has lost readings that it had promised: look at its storage.",
    ),
    AlarmKind.CLOCK: Words(zh="终端时钟不准，请校时。", en="Its clock is wrong: set it."),
    AlarmKind.OPENED_WITHOUT_TAP: Words(
        zh="开门次数多于放行记录，请检查闸机。",
        en="It opened more often than it has accepted readings: look at the gate.",
    ),
    AlarmKind.REVOKED_STILL_TALKING: Words(
        zh="已停用的终端仍在上报，请找回。", en="It was revoked and still sends: find it."
    ),
}
