"""The two files of a closed business day, by which anyone can check it without us.

`journals-2018-09-01.csv` has a line for each journal in the order of posting; no value holds a
comma, so there are no quotes. Its lines, without their ends and without the head, are the leaves of
a Merkle tree (`merkle`). `seal-2018-09-01.json` has the root, the chain of all roots so far, and
what every account had moved and had at the end of the day.
"""

from typing import Final

from msgspec import Struct, json

from ridecode.core import BadInputError, day_name, day_named
from ridecode.money.ledger.chart import Kind

HEADER: Final = b"n,journal_id,flow,debit,credit,amount,about"
FORMAT: Final = "ridecode seal 1"
LINE_MOST: Final = 4096
"""Bytes of a line with its end; no journal's is as long."""
SEAL_MOST: Final = 1 << 22
"""Bytes of a seal: some twenty thousand accounts that are not riders'."""


class DaySum(Struct, frozen=True):
    """What a day moved in one account, or in all riders' accounts of a kind; fen."""

    kind: Kind
    party: str
    """Empty for all riders'."""
    debits: int
    credits: int
    closing: int
    """Debits minus credits of all business days to the end of this one."""


class Seal(Struct, frozen=True):
    """A sealed business day."""

    city: str
    day: int
    journals: int
    root: bytes
    chain: bytes
    sums: tuple[DaySum, ...]


class _Sum(Struct, forbid_unknown_fields=True):
    kind: str
    party: str
    debits: int
    credits: int
    closing: int


class _Seal(Struct, forbid_unknown_fields=True):
    """As it stands in the file: kinds by their names, hashes in hexadecimal."""

    format: str
    city: str
    day: str
    journals: int
    root: str
    chain: str
    sums: list[_Sum]


def lines_name(day: int) -> str:
    return f"journals-{day_name(day)}.csv"


def seal_name(day: int) -> str:
    return f"seal-{day_name(day)}.json"


def seal_bytes(seal: Seal) -> bytes:
    """The file of a seal: the same seal gives the same bytes."""
    sums = [
        _Sum(one.kind.name, one.party, one.debits, one.credits, one.closing) for one in seal.sums
    ]
    told = _Seal(
        FORMAT, seal.city, day_name(seal.day), seal.journals, seal.root.hex(), seal.chain.hex(),
        sums,
    )  # fmt: skip
    return json.format(json.encode(told)) + b"\n"


def read_seal(file: bytes, name: str) -> Seal:
    """The seal that a file holds; `BadInputError` where it is none."""
    try:
        told = json.decode(file, type=_Seal)
        if told.format != FORMAT:
            raise ValueError(f"its format is {told.format!r}, not {FORMAT!r}")
        day = day_named(told.day)
        root, chain = bytes.fromhex(told.root), bytes.fromhex(told.chain)
        sums = tuple(
            DaySum(Kind[one.kind], one.party, one.debits, one.credits, one.closing)
            for one in told.sums
        )
    except (ValueError, KeyError, BadInputError) as error:
        raise BadInputError(f"This is no seal of a business day: {error}.", file=name) from error
    return Seal(told.city, day, told.journals, root, chain, sums)
