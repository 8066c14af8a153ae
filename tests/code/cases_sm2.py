"""SM2 signatures, good and bad, each with its own key; the good ones made by `paper_sm2`."""

from dataclasses import dataclass
from typing import Final

from tests.code import paper_sm2
from tests.code.cases import N_BYTES, ONES, R_ZERO, S_ZERO, SUM_N
from tests.code.cases_root import REAL
from tests.code.forge import DEFAULT_ID, OFF_CURVE, OTHER, RIDER, RIDER_POINT

EXAMPLE_KEY: Final = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
EXAMPLE_SIGNATURE: Final = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
EXAMPLE_MESSAGE: Final = b"message digest"
"""GB/T 32918.5-2017 A.2."""
MESSAGE: Final = b"message"
LONG: Final = b"\x5a" * 300


@dataclass(frozen=True)
class Case:
    """A key, a message and what claims to be its signature."""

    comment: str
    valid: bool
    flag: str
    signature: bytes
    public_key: bytes = RIDER_POINT
    """33 bytes 02/03 ‖ X, or 64 bytes X ‖ Y."""
    user_id: bytes = DEFAULT_ID
    message: bytes = MESSAGE


def _signed(message: bytes, user_id: bytes = DEFAULT_ID) -> bytes:
    return paper_sm2.sign(RIDER, message, user_id)


def _numbered(number: int, comment: str) -> Case:
    """Of a series of messages, one whose signature has the wanted shape."""
    message = b"message %d" % number
    return Case(comment, True, "Encoding", _signed(message), message=message)


def good() -> tuple[Case, ...]:
    return (
        Case("GB/T 32918.5-2017 A.2", True, "Published", EXAMPLE_SIGNATURE, EXAMPLE_KEY,
             message=EXAMPLE_MESSAGE),
        Case("the same, key compressed", True, "Published", EXAMPLE_SIGNATURE,
             b"\x03" + EXAMPLE_KEY[:32], message=EXAMPLE_MESSAGE),
        Case("a real root record's signature of itself", True, "Published", REAL[80:],
             REAL[16:80], message=REAL[:80]),
        Case("a message of 300 bytes", True, "Valid", _signed(LONG), message=LONG),
        Case("an empty message", True, "Valid", _signed(b""), message=b""),
        Case("a user id of 5 bytes", True, "UserId", _signed(MESSAGE, b"\x01\x01\x00\x00\x01"),
             user_id=b"\x01\x01\x00\x00\x01"),
        Case("an empty user id", True, "UserId", _signed(MESSAGE, b""), user_id=b""),
        _numbered(169, "r begins with a zero byte, then one below 0x80"),
        _numbered(364, "r begins with a zero byte, then one from 0x80"),
        _numbered(202, "s begins with a zero byte, then one below 0x80"),
        _numbered(395, "s begins with a zero byte, then one from 0x80"),
    )  # fmt: skip


def bad() -> tuple[Case, ...]:
    right = _signed(MESSAGE)
    return (
        Case("another message", False, "Modified", right, message=b"massage"),
        Case("GB/T 32918.5-2017 A.2 with a byte more", False, "Modified", EXAMPLE_SIGNATURE,
             EXAMPLE_KEY, message=EXAMPLE_MESSAGE + b"\x00"),
        Case("another key", False, "Signature", paper_sm2.sign(OTHER, MESSAGE, DEFAULT_ID)),
        Case("the other point of the same X", False, "Point", right, b"\x03" + RIDER_POINT[1:]),
        Case("another user id", False, "UserId", right, user_id=b"1234567812345679"),
        Case("the empty user id", False, "UserId", right, user_id=b""),
        Case("r is 0", False, "Range", R_ZERO),
        Case("s is 0", False, "Range", S_ZERO),
        Case("r and s are 0", False, "Range", bytes(64)),
        Case("r is n", False, "Range", N_BYTES + right[32:]),
        Case("s is n", False, "Range", right[:32] + N_BYTES),
        Case("r + s is n", False, "Range", SUM_N),
        Case("all ones", False, "Range", ONES),
        Case("r and s exchanged", False, "Modified", right[32:] + right[:32]),
        Case("one byte short", False, "Length", right[:-1]),
        Case("one byte more", False, "Length", right + b"\x00"),
        Case("with the format byte before it", False, "Length", b"\x15" + right),
        Case("no signature", False, "Length", b""),
        Case("key is no point of the curve", False, "Point", right, OFF_CURVE),
        Case("key has an X beyond the field", False, "Point", right, b"\x02" + b"\xff" * 32),
        Case("key is X ‖ Y of no point", False, "Point", right, EXAMPLE_KEY[:63] + b"\x14"),
        Case("key of one zero byte: the point at infinity", False, "Point", right, b"\x00"),
        Case("key of 33 bytes begins 04", False, "Point", right, b"\x04" + RIDER_POINT[1:]),
        Case("key of 65 bytes: one prefix too many", False, "Point", right,
             b"\x04" + EXAMPLE_KEY),
    )  # fmt: skip
