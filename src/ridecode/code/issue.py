"""Making ride codes: the root signs a certificate, the issuer an authorisation, the phone a code.

Each maker checks what it is given and refuses it by name (BadInputError); what it makes passes
the parser. Expiries are MMYY, times UTC seconds.
"""

from typing import Final

from msgspec import Struct

from ridecode.code import encode
from ridecode.code.certificate import (
    CERTIFICATE_FORMAT,
    CERTIFICATE_HEADER,
    COMPRESSED_LENGTH,
    RID,
    ROOT_HEADER,
    ROOT_KEY_LENGTH,
    SM2,
    TEST_RID,
    Certificate,
    Root,
)
from ridecode.code.checks import VALIDITY_MOST_S
from ridecode.code.frame import (
    CUSTOM_MOST,
    FORMAT_BYTE,
    LEAST_VERSION,
    SHORTEST,
    UNCOUNTED,
    VERSION_INTEROPERABLE,
    VERSION_LOCAL,
)
from ridecode.code.parse import parse
from ridecode.code.signer import Signer
from ridecode.code.sm2 import DEFAULT_USER_ID, PublicKey
from ridecode.core import BadInputError, Verdict

TRANSIT_SERVICE: Final = bytes.fromhex("01010000")
"""Service id of transit e-cash: the PIX, padded on the right."""
_AUTHORISATION_LEAST: Final = 263


def make_root(signer: Signer, index: int, expiry: str, service: bytes = TRANSIT_SERVICE) -> bytes:
    """A self-signed root record of 144 bytes for service; `index` 0 to 255."""
    return _root(signer, RID, index, expiry, service)


def make_test_root(
    signer: Signer, index: int, expiry: str, service: bytes = TRANSIT_SERVICE
) -> bytes:
    """A root record that is marked as a test root, under its own signature."""
    return _root(signer, TEST_RID, index, expiry, service)


def _root(signer: Signer, rid: bytes, index: int, expiry: str, service: bytes) -> bytes:
    if len(service) != 4:
        raise BadInputError(f"A service id has 4 bytes, not {len(service)}.")
    body = (
        bytes((ROOT_HEADER,))
        + service
        + rid
        + encode.number("root index", index, 1)
        + encode.month("root's expiry", expiry)
        + bytes((SM2, 0x00, ROOT_KEY_LENGTH))
        + PublicKey(signer.public_key).xy
    )
    return body + signer.sign(body, DEFAULT_USER_ID)


def make_certificate(
    signer: Signer,
    root: Root,
    *,
    issuer: str,
    issuer_key: bytes,
    expiry: str,
    serial: int,
    version: int = VERSION_INTEROPERABLE,
) -> bytes:
    """An issuer's certificate of 117 bytes, signed by the root's key.

    `issuer` is its number of 8 digits, `version` that of the codes that will carry it: the user
    id of the signature hangs on it.
    """
    if signer.public_key != root.key.compressed:
        raise BadInputError("This signer does not hold the root's key.")
    head = bytes((CERTIFICATE_HEADER,)) + root.service + bytes((root.index,))
    signed = (
        bytes((CERTIFICATE_FORMAT,))
        + encode.digits("issuer number", issuer, 8)
        + encode.month("certificate's expiry", expiry)
        + encode.number("serial", serial, 3)
        + bytes((SM2, SM2, 0x00, COMPRESSED_LENGTH))
        + encode.point("issuer's key", issuer_key)
    )
    user_id = head[1:6] if version == VERSION_LOCAL else DEFAULT_USER_ID
    return head + signed + signer.sign(signed, user_id)


class Grant(Struct, frozen=True, kw_only=True):
    """What an issuer authorises a rider to: fields 1 and 4 to 14 of the codes to come."""

    payment_account: str
    """Field 4: 16 printable ASCII characters."""
    card_account: str
    """Field 5: 19 digits."""
    platform: str
    """Field 7: 8 hexadecimal digits."""
    account_type: int
    """Field 8, 1 to 255; 0 is refused by terminals in service."""
    limit_fen: int
    """Field 9: the most that one ride may cost."""
    user_key: bytes
    """Field 10: a compressed point of 33 bytes."""
    until_s: int
    """Field 11: the last second of the authorisation."""
    validity_s: int
    """Field 12: for how long a code is good, 1 to 1,200 seconds."""
    custom: bytes = b""
    """Field 14: 0 to 32 bytes."""
    version: int = VERSION_INTEROPERABLE
    """Field 1: 0x80 to 0xFF."""


def authorise(grant: Grant, certificate: bytes, issuer: Signer) -> bytes:
    """Fields 1 to 15, which the server sends to the phone: 263 + N bytes.

    Field 6 is the issuer of the certificate, so that the two cannot disagree.
    """
    certified = Certificate.parse(certificate)
    if certified.public_key != issuer.public_key:
        raise BadInputError("This signer does not hold the certificate's key.")
    if not LEAST_VERSION <= grant.version <= 0xFF:
        raise BadInputError(f"A ride code's version is 128 to 255, not {grant.version}.")
    fields_6_and_7 = bytes.fromhex(certified.issuer) + encode.hexadecimal(
        "platform number", grant.platform, 4
    )
    signed = certificate + _fields_4_and_5(grant) + fields_6_and_7 + _fields_8_to_14(grant)
    user_id = fields_6_and_7 if grant.version == VERSION_LOCAL else DEFAULT_USER_ID
    length = SHORTEST - UNCOUNTED + len(grant.custom)
    head = bytes((grant.version,)) + length.to_bytes(2, "big")
    return head + signed + bytes((FORMAT_BYTE,)) + issuer.sign(signed, user_id)


def _fields_4_and_5(grant: Grant) -> bytes:
    payment = encode.printable("payment account", grant.payment_account, 16)
    return payment + encode.digits("card account", grant.card_account, 19)


def _fields_8_to_14(grant: Grant) -> bytes:
    if grant.account_type == 0:
        raise BadInputError("Account type 0 is refused by terminals in service.", "Use 1.")
    if not 1 <= grant.validity_s <= VALIDITY_MOST_S:
        raise BadInputError(f"A code is good for 1 to {VALIDITY_MOST_S} seconds.")
    if len(grant.custom) > CUSTOM_MOST:
        raise BadInputError(f"Field 14 holds at most {CUSTOM_MOST} bytes.")
    return (
        encode.number("account type", grant.account_type, 1)
        + encode.number("limit in fen", grant.limit_fen, 3)
        + encode.point("user key", grant.user_key)
        + encode.number("end of authorisation", grant.until_s, 4)
        + encode.number("validity", grant.validity_s, 2)
        + encode.number("custom field's length", len(grant.custom), 1)
        + grant.custom
    )


def present(authorisation: bytes, phone: Signer, now_s: int) -> bytes:
    """The whole code of this moment: the phone adds fields 16 and 17, with no network.

    `authorisation` is fields 1 to 15, `now_s` the phone's clock. BadInputError where the bytes
    are no authorisation, or one for another key.
    """
    if not _AUTHORISATION_LEAST <= len(authorisation) <= _AUTHORISATION_LEAST + CUSTOM_MOST:
        raise BadInputError("These are not fields 1 to 15 of a ride code.")
    if authorisation[158:191] != phone.public_key:
        raise BadInputError("This authorisation is for another phone's key.")
    signed = authorisation + encode.number("time", now_s, 4)
    user_id = authorisation[136:146] if authorisation[0] == VERSION_LOCAL else DEFAULT_USER_ID
    fault = parse(signed + bytes(65))
    if isinstance(fault, Verdict):
        raise BadInputError(f"These are not fields 1 to 15 of a ride code: {fault.name}.")
    return signed + bytes((FORMAT_BYTE,)) + phone.sign(signed, user_id)
