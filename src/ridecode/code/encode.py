"""Values into the bytes of a field, refused by name where they do not fit."""

from ridecode.code.certificate import COMPRESSED_LENGTH, end_of_month
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError


def digits(name: str, text: str, length: int) -> bytes:
    """Decimal digits as BCD; an odd length is padded with F on the right."""
    if len(text) != length or not (text.isascii() and text.isdecimal()):
        raise BadInputError(f"The {name} has {length} digits, not {text!r}.")
    return bytes.fromhex(text + "f" * (length % 2))


def hexadecimal(name: str, text: str, length: int) -> bytes:
    """`length` bytes, written as twice as many hexadecimal digits."""
    if len(text) != 2 * length or set(text) - set("0123456789abcdefABCDEF"):
        raise BadInputError(f"The {name} has {2 * length} hexadecimal digits, not {text!r}.")
    return bytes.fromhex(text)


def number(name: str, value: int, length: int) -> bytes:
    """A whole number from 0, big-endian."""
    if not 0 <= value < 256**length:
        raise BadInputError(f"The {name} is 0 to {256**length - 1}, not {value}.")
    return value.to_bytes(length, "big")


def printable(name: str, text: str, length: int) -> bytes:
    """ASCII from space to tilde."""
    if len(text) != length or not (text.isascii() and text.isprintable()):
        raise BadInputError(f"The {name} has {length} printable ASCII characters, not {text!r}.")
    return text.encode("ascii")


def month(name: str, text: str) -> bytes:
    """MMYY as BCD."""
    encoded = digits(name, text, 4)
    if end_of_month(encoded) is None:
        raise BadInputError(f"The {name} is MMYY with a month from 01 to 12, not {text!r}.")
    return encoded


def point(name: str, encoded: bytes) -> bytes:
    """A compressed point that lies on the curve."""
    if len(encoded) != COMPRESSED_LENGTH:
        raise BadInputError(f"The {name} is a compressed point of 33 bytes, not {len(encoded)}.")
    PublicKey(encoded)
    return encoded
