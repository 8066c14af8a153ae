"""Root records, sound and unsound; each is read alone, with no clock."""

from dataclasses import dataclass, field
from typing import Final

from tests.code import forge
from tests.code.cases import N_BYTES, R_ZERO, S_ZERO
from tests.code.forge import OFF_CURVE, OTHER, Sign

REAL: Final = bytes.fromhex(
    "2101010000a000000632021240041140dcb53b215317dd87eac919eea6524085cacf49e37cf055b0b6c0aa84"
    "d8157f496f32bfd10bef202cdd897fa8e6172f2f14e3ca810fed8089702cb61277690c6c4ef502d60834bb03"
    "3ab536d4d652a200f08ee141cdd6695c44580f0a75af944249fc17b5652bab5e4df6b2c692fa351e04ac5285"
    "0a6adffb2e12053f34b800d2"
)
"""Index 02 of service 01010000, as a mini program that inspects ride codes carries it in its
published source. Whether it is a root in service is not said there."""


@dataclass(frozen=True)
class Case:
    """One record, and whether it is a sound one."""

    comment: str
    valid: bool
    flag: str
    changes: dict[str, bytes] = field(default_factory=dict)
    length: int = 144
    """What is left of it."""
    record: bytes = b""
    """The record itself, where it was not made here."""

    def made(self, sign: Sign = forge.openssl) -> bytes:
        return self.record or forge.build_root(self.changes, sign)[: self.length]


SOUND: Final = (
    Case("a real record: index 02, expiry 12/40, from the published source of a mini program "
         "that inspects ride codes", True, "Published", record=REAL),
    Case("index 01 of service 01010000", True, "Valid"),
    Case("a test root: its RID begins with F", True, "Root", {"rid": forge.TEST_RID}),
    Case("public key parameter 0x11, as the real one has", True, "Valid", {"parameter": b"\x11"}),
    Case("index 0xff, last month of 2099", True, "Valid",
         {"index": b"\xff", "expiry": bytes.fromhex("1299")}),
    Case("a record out of date still reads", True, "Time", {"expiry": bytes.fromhex("0119")}),
)  # fmt: skip

UNSOUND: Final = (
    Case("one byte short", False, "Length", length=143),
    Case("empty", False, "Length", length=0),
    Case("the header of a certificate", False, "Root", {"header": b"\x24"}),
    Case("RID of another scheme", False, "Root", {"rid": bytes.fromhex("a000000333")}),
    Case("expiry in month 13", False, "Root", {"expiry": bytes.fromhex("1330")}),
    Case("expiry not decimal", False, "Root", {"expiry": b"\x12\x3a"}),
    Case("algorithm 0x00", False, "Downgrade", {"algorithm": b"\x00"}),
    Case("key length 0x21", False, "Root", {"length": b"\x21"}),
    Case("key is no point of the curve", False, "Point", {"key": OFF_CURVE[1:] + bytes(32)}),
    Case("key is zero", False, "Point", {"key": bytes(64)}),
    Case("signed by another key", False, "Signature", {"signer": OTHER}),
    Case("signature: r is 0", False, "Range", {"signature": R_ZERO}),
    Case("signature: s is 0", False, "Range", {"signature": S_ZERO}),
    Case("signature: r is n", False, "Range", {"signature": N_BYTES + b"\x01" * 32}),
    Case("the real record with its index changed", False, "Modified",
         record=REAL[:10] + b"\x03" + REAL[11:]),
    Case("the real record marked as a test root", False, "Modified",
         record=REAL[:5] + b"\xf0" + REAL[6:]),
)  # fmt: skip
