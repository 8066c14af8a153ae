"""The issuer's 117-byte certificate and the root CA's 144-byte record.

Layouts as the sources of docs/ride-code.md agree; integers big-endian, dates BCD MMYY of this
century and good to the end of their month, UTC.
"""

from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct as Layout
from typing import Final

from msgspec import Struct

from ridecode.code.sm2 import DEFAULT_USER_ID, PublicKey
from ridecode.core import BadInputError

CERTIFICATE_LENGTH: Final = 117
CERTIFICATE_HEADER: Final = 0x24
CERTIFICATE_FORMAT: Final = 0x12
SM2: Final = 0x04
COMPRESSED_LENGTH: Final = 0x21
ROOT_LENGTH: Final = 144
ROOT_HEADER: Final = 0x21
ROOT_KEY_LENGTH: Final = 0x40
RID: Final = bytes.fromhex("a000000632")
"""The registered application provider of the transit trade."""
TEST_RID: Final = bytes.fromhex("f000000632")
"""Marks a test root. ISO/IEC 7816-5 keeps identifiers that begin with F for proprietary use
without registration, so that no real root carries it; the mark is under the root's signature."""

_CERTIFICATE: Final = Layout(">B4sBB4s2s3sBBBB33s64s")
_ROOT: Final = Layout(">B4s5sB2sBBB64s64s")


class Certificate(Struct, frozen=True, gc=False):
    """Field 3 of a ride code: who may sign authorisations, certified by a root."""

    service: bytes
    """Item 2: 4 bytes, 01010000 for transit e-cash. Under no signature for version 0x80."""
    root_index: int
    """Item 3: with the service, selects the root."""
    issuer: str
    """Item 5: the issuer's number, 8 digits."""
    expires_s: int
    """Item 6: the first second after the last month of the certificate, UTC."""
    serial: int
    """Item 7: given by the root CA."""
    parameter: int
    """Item 10: 0x00 by default, 0x20 in a real one."""
    public_key: bytes
    """Item 12: a compressed point of 33 bytes."""
    signature: bytes
    """Item 13: the root's r ‖ s, without a format byte."""
    raw: bytes

    @staticmethod
    def parse(raw: bytes) -> "Certificate":
        """Read 117 bytes; BadInputError where they are no certificate of this standard."""
        certificate = read_certificate(raw) if len(raw) == CERTIFICATE_LENGTH else None
        if certificate is None:
            raise BadInputError(
                f"These {len(raw)} bytes are not a certificate of JT/T 1179.",
                "It has 117 bytes: header 24, format 12, algorithms 04 04, key length 21, an "
                "issuer of 8 digits, an expiry MMYY and a compressed key.",
            )
        return certificate

    @property
    def signed(self) -> bytes:
        """Items 4 to 12, 47 bytes: what the root signs."""
        return self.raw[6:53]


def read_certificate(raw: bytes) -> Certificate | None:
    """The certificate in 117 bytes, its signature and its key's place on the curve unchecked."""
    (header, service, index, form, issuer, expiry, serial, signs, encrypts, parameter, length,
     key, signature) = _CERTIFICATE.unpack(raw)  # fmt: skip
    number, expires_s = issuer.hex(), end_of_month(expiry)
    well_formed = (
        header == CERTIFICATE_HEADER
        and form == CERTIFICATE_FORMAT
        and signs == encrypts == SM2
        and length == COMPRESSED_LENGTH
        and key[0] in (2, 3)
        and number.isdecimal()
    )
    if not well_formed or expires_s is None:
        return None
    return Certificate(service, index, number, expires_s, int.from_bytes(serial, "big"),
                       parameter, key, signature, raw)  # fmt: skip


@lru_cache(maxsize=1_200)
def end_of_month(mmyy: bytes) -> int | None:
    """The first UTC second after a BCD month MMYY of 2000 to 2099; None where it is no month."""
    digits = mmyy.hex()
    if not digits.isdecimal() or not 1 <= int(digits[:2]) <= 12:
        return None
    month, year = int(digits[:2]), 2000 + int(digits[2:])
    return int(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())


class Root(Struct, frozen=True):
    """A root CA's record as validators hold it; made by `Root.parse` alone, so always sound."""

    raw: bytes
    service: bytes
    """4 bytes; certificates name it with the index."""
    index: int
    expires_s: int
    """The first second after the root's last month, UTC."""
    key: PublicKey

    @staticmethod
    def parse(raw: bytes) -> "Root":
        """Read 144 bytes; BadInputError names what is wrong, up to the record's own signature."""
        if len(raw) != ROOT_LENGTH:
            raise BadInputError(f"A root record has {ROOT_LENGTH} bytes, not {len(raw)}.", _ROOTS)
        (header, service, rid, index, expiry, algorithm, _parameter, length, point, signature) = (
            _ROOT.unpack(raw)
        )
        expires_s = end_of_month(expiry)
        if header != ROOT_HEADER or rid not in (RID, TEST_RID):
            raise BadInputError("A root record begins 21, service, A000000632.", _ROOTS)
        if expires_s is None:
            raise BadInputError(f"A root's expiry is MMYY in digits, not {expiry.hex()}.", _ROOTS)
        if (algorithm, length) != (SM2, ROOT_KEY_LENGTH):
            raise BadInputError("A root's key is SM2 (04) of 64 bytes (40).", _ROOTS)
        key = PublicKey(point)
        if not key.verify(raw[:80], signature, DEFAULT_USER_ID):
            raise BadInputError("The root record's own signature does not verify.", _ROOTS)
        return Root(raw, service, index, expires_s, key)

    @property
    def is_test(self) -> bool:
        """Whether the record is marked as a test root: refused wherever the pack is no demo."""
        return self.raw[5:10] == TEST_RID


_ROOTS: Final = "Take the record again from the clearing body, byte for byte."
