"""Who a rider is, without keeping it: a keyed hash of the verified document.

The same person gives the same hash on every platform and with every issuer, however the number is
typed, so that a debt is found again. Without the key, which lies in the vault, no hash tells whose
it is: there are too few document numbers for a hash that anybody could compute.
"""

import re
import secrets
import unicodedata
from contextlib import suppress
from enum import Enum
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError, ConflictError
from ridecode.store import Vault

_KEY: Final = "riders/identity/1"
_COUNTRY: Final = re.compile("[A-Z]{3}")
_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECK: Final = "10X98765432"
"""GB 11643-1999: ISO 7064, MOD 11-2."""


class DocumentKind(Enum):
    """Documents by which platforms verify people; the value is the form of its number."""

    RESIDENT_ID = "[0-9]{17}[0-9X]"
    """居民身份证, and 港澳台居民居住证, whose numbers are made alike."""
    PASSPORT = "[A-Z0-9]{5,20}"
    TRAVEL_PERMIT = "[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}"
    """港澳居民来往内地通行证, 台湾居民来往大陆通行证."""


class Document(Struct, frozen=True):
    """What the platform has verified. It is never stored, and shown in no error or log."""

    kind: DocumentKind
    number: str
    country: str = "CHN"
    """Who issued it: the three letters of ICAO 9303."""

    def __repr__(self) -> str:
        return f"Document({self.kind.name})"


def identity_key(vault: Vault) -> bytes:
    """The key of the city's hashes, made where there is none. Without it no debtor is known again:
    it must be in every backup."""
    if _KEY not in vault.names():
        # Another process may be faster: then its key is the one that is kept.
        with suppress(ConflictError):
            vault.put(_KEY, secrets.token_bytes(32))
    return vault.get(_KEY)


def identity_of(key: bytes, document: Document) -> str:
    """64 hexadecimal digits; `BadInputError` for what is no number of such a document."""
    kind, number = document.kind, _plain(document.number)
    if not re.fullmatch(kind.value, number) or not _COUNTRY.fullmatch(document.country):
        raise BadInputError(f"This is no number of a {_named(kind)}.", "Read it again.")
    if kind is DocumentKind.RESIDENT_ID and number[17] != _check_digit(number):
        raise BadInputError(f"The check digit of this {_named(kind)} is wrong.", "Read it again.")
    if kind is DocumentKind.TRAVEL_PERMIT and number[0] in "HM":
        number = number[:9]  # the last two digits count how often it was renewed
    told = f"{kind.name}\0{document.country}\0{number}"
    return blake2b(told.encode(), digest_size=32, key=key).hexdigest()


def _plain(number: str) -> str:
    """Full-width forms, small letters, blanks and hyphens make no other person."""
    wide = unicodedata.normalize("NFKC", number).upper()
    return "".join(one for one in wide if one != "-" and not one.isspace())


def _named(kind: DocumentKind) -> str:
    return kind.name.lower().replace("_", " ")


def _check_digit(number: str) -> str:
    return _CHECK[sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True)) % 11]
