"""The older 226-byte form of the ride code: no certificate, but the id of a key that readers hold.

One source alone shows it (a bus terminal of Tianjin, 2019), and of these bytes alone:

    0        version: 0x40, or 0x80 and above        84–87    end of authorisation, UTC seconds
    3        0 or 1                                  88–89    validity, seconds
    4–7      key id                                  90       format byte
    34–43    card account, BCD, 19 digits and F      91–154   issuer's r ‖ s over [10, 90)
    51–83    user's public key, compressed           157–160  made at, UTC seconds
                                                     161      format byte
                                                     162–225  user's r ‖ s over [8, 161)

Not sourced, and therefore our reading: the user id of both signatures (the default one), that the
times are UTC, that the pad of the account is F, and that dates and freshness are judged as those
of the later form. What the other bytes mean is not known; they are kept and not judged. Bytes 0–7
are under no signature: nothing but the choice of the key hangs on them.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from ridecode.code import encode
from ridecode.code.signer import Signer
from ridecode.code.sm2 import DEFAULT_USER_ID, PublicKey
from ridecode.core import BadInputError, Verdict

LENGTH: Final = 226
VERSION: Final = 0x40
USER_ID: Final = DEFAULT_USER_ID


class Key(Struct, frozen=True):
    """An entry of the key list: whose authorisations carry this key id."""

    key_id: str
    """4 bytes as 8 hexadecimal digits."""
    issuer: str
    """The issuer's number, 8 digits: the code itself does not tell it."""
    public_key: PublicKey


class Code(Struct, frozen=True, gc=False):
    """A V1 code; its attributes are named as those of `RideCode` where they mean the same."""

    version: int
    key_id: str
    """4 bytes as 8 hexadecimal digits."""
    card_account: str
    """19 digits, without the pad F."""
    user_key: bytes
    """A compressed point of 33 bytes."""
    authorised_until_s: int
    validity_s: int
    authorisation_signature: bytes
    """r ‖ s"""
    made_s: int
    user_signature: bytes
    """r ‖ s"""
    raw: bytes

    @property
    def signed_by_issuer(self) -> bytes:
        return self.raw[10:90]

    @property
    def signed_by_user(self) -> bytes:
        return self.raw[8:161]

    @property
    def issuer_user_id(self) -> bytes:
        return USER_ID

    @property
    def rider_user_id(self) -> bytes:
        return USER_ID

    @property
    def identity(self) -> bytes:
        """The code with all bytes zeroed that are under no signature: 0–7 and 161."""
        return bytes(8) + self.raw[8:161] + b"\x00" + self.raw[162:]


def is_v1(data: bytes) -> bool:
    """Told by length, version and byte 3."""
    return len(data) == LENGTH and (data[0] == VERSION or data[0] >= 0x80) and data[3] in (0, 1)


def dissect(data: bytes) -> Code:
    """Cut into fields 226 bytes for which `is_v1` holds; nothing else is promised."""
    return Code(
        data[0], data[4:8].hex(), data[34:44].hex()[:19], data[51:84],
        int.from_bytes(data[84:88], "big"), int.from_bytes(data[88:90], "big"), data[91:155],
        int.from_bytes(data[157:161], "big"), data[162:226], data,
    )  # fmt: skip


def account_fault(code: Code) -> Verdict:
    """The card account is 19 digits and the pad F."""
    if not code.card_account.isdecimal() or code.raw[43] & 0x0F != 0x0F:
        return Verdict.CARD_ACCOUNT_MALFORMED
    return Verdict.ACCEPTED


def form_fault(code: Code) -> Verdict:
    """The first fault of form, ACCEPTED where there is none."""
    fault = account_fault(code)
    if fault is Verdict.ACCEPTED and code.user_key[0] not in (2, 3):
        return Verdict.USER_KEY_MALFORMED
    return fault


def authorise(
    issuer: Signer,
    *,
    key_id: str,
    card_account: str,
    user_key: bytes,
    until_s: int,
    validity_s: int,
) -> bytes:
    """Bytes 0–154, which the phone keeps. Bytes of unknown meaning are zero."""
    signed = (
        bytes(24)
        + encode.digits("card account", card_account, 19)
        + bytes(7)
        + encode.point("user key", user_key)
        + encode.number("end of authorisation", until_s, 4)
        + encode.number("validity", validity_s, 2)
    )
    head = bytes((VERSION, 0, 0, 0)) + encode.hexadecimal("key id", key_id, 4) + bytes(2)
    return head + signed + b"\x15" + issuer.sign(signed, USER_ID)


def present(authorisation: bytes, phone: Signer, now_s: int) -> bytes:
    """The whole code of this moment; BadInputError where the authorisation is not this phone's."""
    if len(authorisation) != 155 or authorisation[51:84] != phone.public_key:
        raise BadInputError("This is not a V1 authorisation for this phone's key.")
    made = authorisation + bytes(2) + encode.number("time", now_s, 4)
    unsigned = made + bytes(65)
    if not is_v1(unsigned) or form_fault(dissect(unsigned)):
        raise BadInputError("This V1 authorisation is malformed: no reader would take its codes.")
    return made + b"\x15" + phone.sign(made[8:], USER_ID)


def by_id(keys: Iterable[Key]) -> dict[str, Key]:
    """The key list by key id; BadInputError where an id names two keys, or a key two issuers.

    The id is under no signature: by another id of the same key, a rider would choose the issuer.
    """
    found: dict[str, Key] = {}
    issuers: dict[PublicKey, str] = {}
    for key in keys:
        if issuers.setdefault(key.public_key, key.issuer) != key.issuer:
            raise BadInputError(f"The V1 key {key.key_id} is listed for two issuers.")
        if found.setdefault(key.key_id, key) != key:
            raise BadInputError(f"Two V1 keys have the id {key.key_id}.")
    return found
