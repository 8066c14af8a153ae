"""The card company's answer (回执) to one settlement file: what it cleared, and what it did not.

Every line that is not rejected is cleared. Pure; `docs/clearing.md` has it field by field.
"""

from collections.abc import Iterable
from enum import IntEnum
from hashlib import sha256
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError, day_name, day_named
from ridecode.money.clearing import fields as of
from ridecode.money.clearing.fields import Field, Record, record
from ridecode.money.clearing.layout import SIGNATURE, Total, sums_line, total_lines
from ridecode.money.clearing.signing import Said, signature_line

NAME: Final = "ridecode-answer"
VERSION: Final = "1"


class Reason(IntEnum):
    """Why a line is rejected. The numbers are frozen."""

    UNKNOWN_ACCOUNT = 1
    UNKNOWN_OPERATOR = 2
    UNKNOWN_PLATFORM = 3
    UNKNOWN_CHANNEL = 4
    UNKNOWN_TARIFF = 5
    WRONG_AMOUNT = 6
    """The tariff, or the channel's own account of it, gives another amount."""
    DUPLICATE = 7
    """The ledger line was cleared before."""
    OUT_OF_DAY = 8
    """It does not belong to the business day."""
    NEVER_REJECTED = 9
    """It was sent again, and no such line was rejected."""
    DISPUTE_REFUSED = 10
    """It was looked at again and stays rejected: people have to settle it."""


class AnswerHead(Struct, frozen=True, kw_only=True):
    """The first line of an answer; all of it is of the settlement file that is answered."""

    city: str
    card_company: str
    day: int
    """Business day, days since 1970-01-01."""
    number: int
    digest: bytes
    """SHA-256 of the whole settlement file."""


class Rejected(Struct, frozen=True, gc=False):
    """A line that was not cleared (R)."""

    at: int
    """Its line in the settlement file, from 1, the head included."""
    n: int
    """Its number in the ledger."""
    reason: Reason
    detail: str
    """At most 100 characters for people; may be empty."""


class Cleared(Struct, frozen=True, kw_only=True):
    """The totals of an answer."""

    operators: dict[str, Total]
    """Fares that are cleared, F and A, by operator; none for one that has no such line."""
    channels: dict[str, Total]
    """Charges that are cleared, by channel."""
    fares: Total
    charges: Total
    fares_rejected: Total
    charges_rejected: Total


class Answer(Struct, frozen=True):
    """An answer that was found to be sound and signed."""

    head: AnswerHead
    rejected: tuple[Rejected, ...]
    """In the order of the file's lines."""
    digest: bytes
    """SHA-256 of the whole answer."""


RECORDS: Final[dict[str, Record]] = {
    "H": record(
        0,
        (
            of.letter("H"), Field("layout", NAME, NAME), Field("version", VERSION, VERSION),
            of.city("city"), of.id_of("card_company"), of.day("day"), of.digits("number"),
            of.hexadecimal("digest", 64),
        ),
        is_once=True,
    ),
    "R": record(
        1,
        (
            of.letter("R"), of.digits("at"), of.digits("n"),
            Field("reason", "(?:[1-9]|10)", "1 to 10"),
            of.text("detail", 100),
        ),
    ),
    "O": record(
        2,
        (of.letter("O"), of.id_or_nothing("operator"), of.count("lines"), of.fen_sum("fen")),
    ),
    "K": record(3, (of.letter("K"), of.id_of("channel"), of.count("lines"), of.fen_sum("fen"))),
    "T": record(
        4,
        (
            of.letter("T"), of.count("fares"), of.fen_sum("fares_fen"), of.count("charges"),
            of.fen_sum("charges_fen"), of.count("fares_rejected"),
            of.fen_sum("fares_rejected_fen"), of.count("charges_rejected"),
            of.fen_sum("charges_rejected_fen"),
        ),
        is_once=True,
    ),
    "S": record(5, SIGNATURE, is_once=True),
}  # fmt: skip


def answer_name(head: AnswerHead) -> str:
    """As answer-shenzhen-2018-09-01-000017.csv, with the number of the file that is answered."""
    return f"answer-{head.city}-{day_name(head.day)}-{head.number:06}.csv"


def answer_file(
    head: AnswerHead, rejected: Iterable[Rejected], cleared: Cleared, private: bytes
) -> bytes:
    """A whole answer, signed. What it says is judged by whoever reads it."""
    fields = NAME, VERSION, head.city, head.card_company, day_name(head.day), head.number
    sums = cleared.fares, cleared.charges, cleared.fares_rejected, cleared.charges_rejected
    body = b"".join((
        f"H,{','.join(map(str, fields))},{head.digest.hex()}\n".encode(),
        *(f"R,{one.at},{one.n},{int(one.reason)},{one.detail}\n".encode() for one in rejected),
        total_lines("O", cleared.operators), total_lines("K", cleared.channels), sums_line(*sums),
    ))  # fmt: skip
    return body + signature_line(private, Said.ANSWER, sha256(body).digest())


def read_answer_head(line: str) -> AnswerHead:
    """The head that a line with its end holds; `BadInputError` where it is none."""
    found = RECORDS["H"].whole.fullmatch(line)
    if found is None:
        raise BadInputError("This is no head of an answer to a settlement file.")
    _, _, city, card_company, day, number, digest = found.groups()
    return AnswerHead(
        city=city, card_company=card_company, day=day_named(day), number=int(number),
        digest=bytes.fromhex(digest),
    )  # fmt: skip


def read_rejected(row: tuple[str, ...]) -> Rejected:
    """The fields of a line R that matched."""
    at, n, reason, detail = row
    return Rejected(int(at), int(n), Reason(int(reason)), detail)
