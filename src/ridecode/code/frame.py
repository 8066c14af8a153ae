"""The frame: where each field of a ride code lies (JT/T 1179-2018 as four implementations read it).

Offsets in bytes from 0, integers big-endian; N is the length of field 14, 0 to 32. Field numbers
are the standard's.
"""

from struct import Struct as Layout
from typing import Final

from msgspec import Struct

from ridecode.code.certificate import Certificate, read_certificate
from ridecode.code.sm2 import DEFAULT_USER_ID
from ridecode.core import Verdict

SHORTEST: Final = 332
CUSTOM_MOST: Final = 32
LONGEST: Final = SHORTEST + CUSTOM_MOST
UNCOUNTED: Final = 3
"""Field 2 counts the bytes after itself and the version."""
LEAST_VERSION: Final = 0x80
VERSION_INTEROPERABLE: Final = 0x80
VERSION_LOCAL: Final = 0x81
FORMAT_BYTE: Final = 0x15
"""Goes before r ‖ s in fields 15 and 17; readers skip it."""

_HEAD: Final = Layout(">BH117s16s10s4s4sB3s33sIHB")
_HEAD_LENGTH: Final = _HEAD.size


class RideCode(Struct, frozen=True, gc=False):
    """One whole ride code. Only `parse` makes one that is known to be well-formed.

    Field 2 is the length of `raw` less 3 and field 13 the length of `custom`.
    """

    version: int
    """Field 1: 0x80 interoperable, 0x81 local; 0x82 to 0xFF are read as 0x80 is."""
    certificate: Certificate
    """Field 3: the issuer's public-key certificate."""
    payment_account: str
    """Field 4: 16 printable ASCII characters."""
    card_account: str
    """Field 5: the card account's 19 digits, without the pad F."""
    issuer: str
    """Field 6: the issuer's number, 8 digits."""
    platform: str
    """Field 7: the code platform's number, 4 bytes as 8 hexadecimal digits."""
    account_type: int
    """Field 8: 1 ordinary, 2 student, 3 senior, 4 test, 5 soldier (JT/T 978.3)."""
    limit_fen: int
    """Field 9: the most that one ride may cost, in fen."""
    user_key: bytes
    """Field 10: the rider's public key, a compressed point of 33 bytes."""
    authorised_until_s: int
    """Field 11: the last second of the authorisation, UTC."""
    validity_s: int
    """Field 12: for how many seconds after `made_s` the code is good, inclusive."""
    custom: bytes
    """Field 14: the issuer's own, 0 to 32 bytes."""
    authorisation_signature: bytes
    """Field 15 without its format byte: the issuer's r ‖ s."""
    made_s: int
    """Field 16: when the code was made, UTC seconds."""
    user_signature: bytes
    """Field 17 without its format byte: the rider's r ‖ s."""
    raw: bytes

    @property
    def authorisation(self) -> bytes:
        """Fields 1 to 15, as the issuer's server sends them to the phone."""
        return self.raw[:-69]

    @property
    def signed_by_issuer(self) -> bytes:
        """Fields 3 to 14: what field 15 signs."""
        return self.raw[3:-134]

    @property
    def signed_by_user(self) -> bytes:
        """Fields 1 to 16: what field 17 signs."""
        return self.raw[:-65]

    @property
    def identity(self) -> bytes:
        """The code with its last format byte zeroed: that byte is under no signature, so anyone
        could make 256 codes of one by changing it. Whatever keys on a code keys on this."""
        return self.raw[:-65] + b"\x00" + self.raw[-64:]

    @property
    def certificate_user_id(self) -> bytes:
        """The SM2 user id under which the root signs the certificate."""
        return self.raw[4:9] if self.version == VERSION_LOCAL else DEFAULT_USER_ID

    @property
    def issuer_user_id(self) -> bytes:
        """The SM2 user id of field 15."""
        return self.raw[146:154] if self.version == VERSION_LOCAL else DEFAULT_USER_ID

    @property
    def rider_user_id(self) -> bytes:
        """The SM2 user id of field 17."""
        return self.raw[136:146] if self.version == VERSION_LOCAL else DEFAULT_USER_ID


def dissect(data: bytes) -> RideCode | Verdict:
    """Cut bytes into fields; a verdict where length, version, field 2 or the certificate forbids.

    Of the remaining fields nothing is promised (see `form_fault`): where field 13 does not fit,
    what follows it is not what it seems.
    """
    if len(data) < SHORTEST:
        return Verdict.TOO_SHORT
    if len(data) > LONGEST:
        return Verdict.TOO_LONG
    (version, length, certificate, payment, card, issuer, platform, account_type, limit, user_key,
     until_s, validity_s, custom_length) = _HEAD.unpack_from(data)  # fmt: skip
    if version < LEAST_VERSION:
        return Verdict.VERSION_UNKNOWN
    if length + UNCOUNTED != len(data):
        return Verdict.LENGTH_MISMATCH
    certified = read_certificate(certificate)
    if certified is None:
        return Verdict.CERTIFICATE_MALFORMED
    after = _HEAD_LENGTH + custom_length
    return RideCode(
        version, certified, payment.decode("latin-1"), card.hex()[:19], issuer.hex(),
        platform.hex(), account_type, int.from_bytes(limit, "big"), user_key, until_s, validity_s,
        data[_HEAD_LENGTH:after], data[after + 1 : after + 65],
        int.from_bytes(data[after + 65 : after + 69], "big"), data[after + 70 :], data,
    )  # fmt: skip


def account_fault(code: RideCode) -> Verdict:
    """Fields 4 (printable), 5 (19 digits and the pad F) and 8 (0 is no account type)."""
    payment = code.payment_account
    if not (payment.isascii() and payment.isprintable()):
        return Verdict.PAYMENT_ACCOUNT_MALFORMED
    if not code.card_account.isdecimal() or code.raw[145] & 0x0F != 0x0F:
        return Verdict.CARD_ACCOUNT_MALFORMED
    return Verdict.ACCOUNT_TYPE_UNKNOWN if code.account_type == 0 else Verdict.ACCEPTED


def custom_fault(code: RideCode) -> Verdict:
    """Field 13: at most 32, and the whole code just as long as it makes it."""
    length = code.raw[197]
    if length > CUSTOM_MOST or SHORTEST + length != len(code.raw):
        return Verdict.CUSTOM_FIELD_LENGTH
    return Verdict.ACCEPTED


def form_fault(code: RideCode) -> Verdict:
    """The first fault of form that `dissect` lets pass, ACCEPTED where there is none."""
    fault = account_fault(code) or custom_fault(code)
    if fault is Verdict.ACCEPTED and code.user_key[0] not in (2, 3):
        return Verdict.USER_KEY_MALFORMED
    return fault
