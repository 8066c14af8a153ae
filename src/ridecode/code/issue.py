"""Making ride codes: the root signs a certificate, the issuer an authorisation, the phone a code.

Each maker checks what it is given and refuses it by name; what it makes passes the parser.
"""

from msgspec import Struct

from ridecode.code.certificate import (
    CERTIFICATE_FORMAT,
    CERTIFICATE_HEADER,
    COMPRESSED_LENGTH,
    RID,
    ROOT_HEADER,
    ROOT_KEY_LENGTH,
    SM2,
    TEST_RID,
    expires_s,
)
from ridecode.code.layout import (
    CUSTOM_MOST,
    FORMAT_BYTE,
    LENGTH_BEFORE_FIELD_3,
    SHORTEST,
    VERSION_INTEROPERABLE,
    VERSION_LOCAL,
)
from ridecode.code.signer import KeySigner, Signer
from ridecode.code.sm2 import DEFAULT_USER_ID
from ridecode.code.verify import VALIDITY_MOST_S
from ridecode.core import BadInputError

TRANSIT_SERVICE = bytes.fromhex("01010000")
"""Service id of transit e-cash: the PIX, padded on the right."""


def make_root(
    signer: KeySigner, index: int, expiry: str, *, test: bool, service: bytes = TRANSIT_SERVICE
) -> bytes:
    """A self-signed root record of 144 bytes; `index` 0–255, `expiry` MMYY in digits."""
    body = (
        bytes([ROOT_HEADER])
        + service
        + (TEST_RID if test else RID)
        + bytes([_byte("root index", index)])
        + _mmyy(expiry)
        + bytes([SM2, 0x00, ROOT_KEY_LENGTH])
        + signer.public_xy
    )
    return body + signer.sign(body, DEFAULT_USER_ID)


def make_certificate(
    root: Signer,
    root_index: int,
    *,
    issuer: str,
    issuer_key: bytes,
    expiry: str,
    serial: int,
    version: int = VERSION_INTEROPERABLE,
    service: bytes = TRANSIT_SERVICE,
) -> bytes:
    """An issuer's certificate of 117 bytes, signed by the root; `issuer` 8 digits."""
    head = bytes([CERTIFICATE_HEADER]) + service + bytes([_byte("root index", root_index)])
    signed = (
        bytes([CERTIFICATE_FORMAT])
        + _digits("issuer number", issuer, 8)
        + _mmyy(expiry)
        + _number("serial", serial, 3)
        + bytes([SM2, SM2, 0x00, COMPRESSED_LENGTH])
        + _point("issuer key", issuer_key)
    )
    user_id = head[1:6] if version == VERSION_LOCAL else DEFAULT_USER_ID
    return head + signed + root.sign(signed, user_id)


class Grant(Struct, frozen=True, kw_only=True):
    """What an issuer authorises a rider to: fields 4 to 14 of the codes to come."""

    payment_account: str
    """Field 4: 16 printable ASCII characters."""
    card_account: str
    """Field 5: 19 digits."""
    issuer: str
    platform: str
    account_type: int
    """Field 8, 1 to 255."""
    limit_fen: int
    """Field 9: the most one ride may cost."""
    user_key: bytes
    """Field 10: compressed point."""
    until_s: int
    """Field 11: UTC seconds, inclusive."""
    validity_s: int
    """Field 12: how long a code is good, 1 to 1,200 seconds."""
    custom: bytes = b""
    """Field 14: 0 to 32 bytes."""
    version: int = VERSION_INTEROPERABLE


def authorise(grant: Grant, certificate: bytes, issuer: Signer) -> bytes:
    """Fields 1 to 15, which the server sends to the phone (263 + N bytes)."""
    if len(grant.custom) > CUSTOM_MOST:
        raise BadInputError(f"Field 14 holds at most 32 bytes, not {len(grant.custom)}.")
    if not 0x80 <= grant.version <= 0xFF:
        raise BadInputError(f"A ride code's version is 80 to ff, not {grant.version:02x}.")
    if certificate[7:11].hex() != grant.issuer:
        raise BadInputError("The certificate is not this issuer's.")
    signed = certificate + _fields_4_to_14(grant)
    user_id = DEFAULT_USER_ID
    if grant.version == VERSION_LOCAL:
        user_id = bytes.fromhex(grant.issuer + grant.platform)
    length = SHORTEST + len(grant.custom) - LENGTH_BEFORE_FIELD_3
    head = bytes([grant.version]) + length.to_bytes(2, "big")
    return head + signed + bytes([FORMAT_BYTE]) + issuer.sign(signed, user_id)


def _fields_4_to_14(grant: Grant) -> bytes:
    account = grant.payment_account.encode("ascii", "replace")
    if len(grant.payment_account) != 16 or not grant.payment_account.isascii():
        raise BadInputError("A payment account is 16 printable ASCII characters.")
    if not grant.payment_account.isprintable():
        raise BadInputError("A payment account is 16 printable ASCII characters.")
    if not 1 <= grant.validity_s <= VALIDITY_MOST_S:
        raise BadInputError(f"A code is good for 1 to {VALIDITY_MOST_S} seconds.")
    if grant.account_type == 0:
        raise BadInputError("Account type 0 is refused by terminals in service; use 1.")
    return (
        account
        + bytes.fromhex(_decimal("card account", grant.card_account, 19) + "f")
        + _digits("issuer number", grant.issuer, 8)
        + _digits("platform number", grant.platform, 8)
        + bytes([_byte("account type", grant.account_type)])
        + _number("limit", grant.limit_fen, 3)
        + _point("user key", grant.user_key)
        + _number("expiry", grant.until_s, 4)
        + grant.validity_s.to_bytes(2, "big")
        + bytes([len(grant.custom)])
        + grant.custom
    )


def present(authorisation: bytes, phone: Signer, now_s: int) -> bytes:
    """The whole code of this moment: the phone adds fields 16 and 17, with no network.

    `authorisation` is fields 1 to 15; `now_s` the phone's clock in UTC seconds. BadInputError
    where the blob is not one, or the key not the one that it authorises.
    """
    if not 263 <= len(authorisation) <= 263 + CUSTOM_MOST:
        raise BadInputError("Fields 1 to 15 are 263 to 295 bytes.")
    if authorisation[158:191] != phone.public_key:
        raise BadInputError("This authorisation is for another phone's key.")
    signed = authorisation + _number("time", now_s, 4)
    local = authorisation[0] == VERSION_LOCAL
    user_id = authorisation[136:146] if local else DEFAULT_USER_ID
    return signed + bytes([FORMAT_BYTE]) + phone.sign(signed, user_id)


def _decimal(name: str, text: str, length: int) -> str:
    if len(text) != length or not (text.isascii() and text.isdecimal()):
        raise BadInputError(f"The {name} has {length} digits, not {text!r}.")
    return text


def _digits(name: str, text: str, length: int) -> bytes:
    return bytes.fromhex(_decimal(name, text, length))


def _byte(name: str, value: int) -> int:
    return _number(name, value, 1)[0]


def _number(name: str, value: int, length: int) -> bytes:
    if not 0 <= value < 256**length:
        raise BadInputError(f"The {name} is 0 to {256**length - 1}, not {value}.")
    return value.to_bytes(length, "big")


def _mmyy(text: str) -> bytes:
    digits = _digits("expiry", text, 4)
    if expires_s(digits) is None:
        raise BadInputError(f"An expiry is MMYY with a month from 01 to 12, not {text!r}.")
    return digits


def _point(name: str, point: bytes) -> bytes:
    if len(point) != COMPRESSED_LENGTH or point[0] not in (2, 3):
        raise BadInputError(f"The {name} is a compressed point of 33 bytes.")
    return point
