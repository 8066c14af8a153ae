"""The issuer's 117-byte certificate and the root CA's 144-byte record.

Layouts as the sources of docs/ride-code.md agree; multi-byte numbers big-endian, dates BCD MMYY
and good to the end of that month, UTC.
"""

from datetime import UTC, datetime

from ridecode.code.sm2 import DEFAULT_USER_ID, PublicKey
from ridecode.core import BadInputError

CERTIFICATE_LENGTH = 117
CERTIFICATE_HEADER = 0x24
CERTIFICATE_FORMAT = 0x12
SM2 = 0x04
COMPRESSED_LENGTH = 0x21

ROOT_LENGTH = 144
ROOT_HEADER = 0x21
ROOT_KEY_LENGTH = 0x40
RID = bytes.fromhex("A000000632")
"""The registered application provider of the transit trade."""
TEST_RID = bytes.fromhex("F000000632")
"""Marks a test root: ISO/IEC 7816-5 keeps identifiers that begin with F for unregistered use, so
no real root can carry it, and the mark is under the root's own signature."""


class Certificate:
    """Field 3 of a ride code: who may sign authorisations, certified by a root."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def service(self) -> bytes:
        """Item 2: 4 bytes, 01010000 for transit e-cash."""
        return self.raw[1:5]

    @property
    def root_index(self) -> int:
        """Item 3: selects the root key in the terminal."""
        return self.raw[5]

    @property
    def issuer(self) -> str:
        """Item 5: the issuer number, 8 digits."""
        return self.raw[7:11].hex()

    @property
    def expiry(self) -> bytes:
        """Item 6: BCD MMYY."""
        return self.raw[11:13]

    @property
    def serial(self) -> int:
        """Item 7: given by the root CA."""
        return int.from_bytes(self.raw[13:16], "big")

    @property
    def public_key(self) -> bytes:
        """Item 12: a compressed point of 33 bytes."""
        return self.raw[20:53]

    @property
    def signed(self) -> bytes:
        """Items 4 to 12: what the root signs."""
        return self.raw[6:53]

    @property
    def signature(self) -> bytes:
        """Item 13: r ‖ s, without a format byte."""
        return self.raw[53:117]

    def well_formed(self) -> bool:
        """Whether header, format, algorithms, lengths and digits are those of the standard."""
        raw = self.raw
        return (
            len(raw) == CERTIFICATE_LENGTH
            and raw[0] == CERTIFICATE_HEADER
            and raw[6] == CERTIFICATE_FORMAT
            and raw[16] == raw[17] == SM2
            and raw[19] == COMPRESSED_LENGTH
            and raw[20] in (2, 3)
            and self.issuer.isdecimal()
            and expires_s(self.expiry) is not None
        )


def expires_s(mmyy: bytes) -> int | None:
    """The first UTC second after a BCD MMYY month of this century; None where it is no month."""
    digits = mmyy.hex()
    if not digits.isdecimal() or not 1 <= int(digits[:2]) <= 12:
        return None
    month, year = int(digits[:2]), 2000 + int(digits[2:])
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return int(after.timestamp())


class Root:
    """A root CA's record as validators hold it; made by `Root.parse` alone, so always sound."""

    __slots__ = ("expires", "key", "raw")

    def __init__(self, raw: bytes, key: PublicKey, expires: int) -> None:
        self.raw = raw
        self.key = key
        self.expires = expires

    @classmethod
    def parse(cls, raw: bytes) -> "Root":
        """Read 144 bytes; BadInputError names what is wrong, up to the record's own signature."""
        if len(raw) != ROOT_LENGTH:
            raise BadInputError(f"A root record has {ROOT_LENGTH} bytes, not {len(raw)}.")
        if raw[0] != ROOT_HEADER:
            raise BadInputError(f"A root record begins with 21, not {raw[0]:02x}.")
        if raw[5:10] not in (RID, TEST_RID):
            raise BadInputError(f"A root's RID is {RID.hex()}, not {raw[5:10].hex()}.")
        expires = expires_s(raw[11:13])
        if expires is None:
            raise BadInputError(f"A root's expiry is MMYY in digits, not {raw[11:13].hex()}.")
        if raw[13] != SM2 or raw[15] != ROOT_KEY_LENGTH:
            raise BadInputError("A root's key is SM2 (04) of 64 bytes (40).")
        key = PublicKey(raw[16:80])
        if not key.verify(raw[:80], raw[80:], DEFAULT_USER_ID):
            raise BadInputError("The root record's own signature does not verify.")
        return cls(raw, key, expires)

    @property
    def service(self) -> bytes:
        return self.raw[1:5]

    @property
    def index(self) -> int:
        return self.raw[10]

    @property
    def is_test(self) -> bool:
        """Whether the record is marked as a test root: refused wherever the pack is no demo."""
        return self.raw[5:10] == TEST_RID

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Root) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Root({self.raw.hex()})"
