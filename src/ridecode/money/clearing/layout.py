"""The settlement file (清算文件): what a city's business day moved, for its card company. Pure.

`docs/clearing.md` says it field by field for whoever reads such a file without us. The national
standard's own layout (JT/T 978.4) could not be read; this one is ours.
"""

from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.core import BadInputError, day_name, day_named
from ridecode.money.clearing import fields as of
from ridecode.money.clearing.fields import Field, Record, record

NAME: Final = "ridecode-settlement"
VERSION: Final = "1"
LINES_MOST: Final = 1_000_000
"""Lines F, C and A of one file."""
FIRST: Final = bytes(32)
"""What a city's first file has for the digest of the one before."""


class Head(Struct, frozen=True, kw_only=True):
    """The first line of a settlement file."""

    city: str
    card_company: str
    day: int
    """Business day, days since 1970-01-01."""
    number: int
    """Of the city's files, from 1 without a gap."""
    part: int
    """From 1."""
    parts: int
    """How many files the day has."""
    before: bytes
    """SHA-256 of the whole file before; `FIRST` for number 1."""


class Fare(Struct, frozen=True, gc=False):
    """A fare that moved (F): a ride was priced, or priced otherwise."""

    n: int
    """Number of the line in the ledger."""
    ride: UUID
    account: str
    """Card account."""
    operator: str
    """Empty where nobody knows who carried the rider."""
    platform: str
    """Empty where no platform's code was read."""
    product: str
    line: str
    """May be empty, as may the stops."""
    entry_stop: str
    entry_ts: int | None
    """UTC epoch microseconds; None for a tap that is missing."""
    exit_stop: str
    exit_ts: int | None
    tariff: str
    """Id of the tariff version."""
    amount: int
    """Fen; above zero it is owed (FARE), below it is given back (FARE_BACK)."""


class Charge(Struct, frozen=True, gc=False):
    """What a channel took or gave back (C)."""

    n: int
    order: UUID
    """Its 32 hexadecimal digits are the number that the channel knows."""
    account: str
    channel: str
    transaction: str
    """The channel's own number; may be empty."""
    amount: int
    """Fen; above zero it was taken, below refunded."""


class Again(Struct, frozen=True, gc=False):
    """A line that was rejected, sent again under dispute (A, 清分异议)."""

    file: int
    """Number of the file that it was in last."""
    at: int
    """Its line there, from 1, the head included."""
    sent: Fare | Charge


Sent: TypeAlias = Fare | Charge | Again


class Total(Struct, frozen=True, gc=False):
    """So many lines and their fen."""

    lines: int
    fen: int


NOTHING: Final = Total(0, 0)

_FARE: Final = (
    of.letter("F"), of.digits("n"), of.hexadecimal("ride", 32), of.id_of("account"),
    of.id_or_nothing("operator"), of.id_or_nothing("platform"), of.id_of("product"),
    of.text("line"), of.text("entry_stop"), of.moment("entry_ts"), of.text("exit_stop"),
    of.moment("exit_ts"), of.id_of("tariff"), of.fen("amount"),
)  # fmt: skip
_CHARGE: Final = (
    of.letter("C"), of.digits("n"), of.hexadecimal("order", 32), of.id_of("account"),
    of.id_of("channel"),
    Field("transaction", "[!#-+\\--~]{0,64}", "at most 64 of ASCII: no comma, quote or space"),
    of.fen("amount"),
)  # fmt: skip
_AGAIN: Final = (of.letter("A"), of.digits("file"), of.digits("at"))
_FARE_TAKEN: Final = ("n", "operator", "platform", "amount")
_CHARGE_TAKEN: Final = ("n", "channel", "amount")

SIGNATURE: Final = (of.letter("S"), of.hexadecimal("key", 16), of.hexadecimal("signature", 128))

RECORDS: Final[dict[str, Record]] = {
    "H": record(
        0,
        (
            of.letter("H"), Field("layout", NAME, NAME), Field("version", VERSION, VERSION),
            of.city("city"), of.id_of("card_company"), of.day("day"), of.digits("number"),
            of.digits("part"), of.digits("parts"), of.hexadecimal("before", 64),
        ),
        is_once=True,
    ),
    "F": record(1, _FARE, _FARE_TAKEN),
    "C": record(2, _CHARGE, _CHARGE_TAKEN),
    "AF": record(3, (*_AGAIN, *_FARE), ("file", "at", *_FARE_TAKEN)),
    "AC": record(3, (*_AGAIN, *_CHARGE), ("file", "at", *_CHARGE_TAKEN)),
    "O": record(
        4, (of.letter("O"), of.id_or_nothing("operator"), of.count("lines"), of.fen_sum("fen"))
    ),
    "P": record(
        5, (of.letter("P"), of.id_or_nothing("platform"), of.count("lines"), of.fen_sum("fen"))
    ),
    "K": record(6, (of.letter("K"), of.id_of("channel"), of.count("lines"), of.fen_sum("fen"))),
    "T": record(
        7,
        (
            of.letter("T"), of.count("fares"), of.fen_sum("fares_fen"), of.count("charges"),
            of.fen_sum("charges_fen"), of.count("again"), of.fen_sum("again_fen"),
        ),
        is_once=True,
    ),
    "S": record(8, SIGNATURE, is_once=True),
}  # fmt: skip
"""By their letters; A by its own and that of the line which it has within."""

MOVED: Final = ("F", "C", "AF", "AC")
"""The records that are lines of the ledger."""


def file_name(head: Head) -> str:
    """As settlement-shenzhen-2018-09-01-000017.csv."""
    return f"settlement-{head.city}-{day_name(head.day)}-{head.number:06}.csv"


def head_line(head: Head) -> bytes:
    return _joined(
        "H", NAME, VERSION, head.city, head.card_company, day_name(head.day), head.number,
        head.part, head.parts, head.before.hex(),
    )  # fmt: skip


def read_head(line: str) -> Head:
    """The head that a line with its end holds; `BadInputError` where it is none."""
    found = RECORDS["H"].whole.fullmatch(line)
    if found is None:
        raise BadInputError("This is no head of a settlement file.")
    _, _, city, card_company, day, number, part, parts, before = found.groups()
    return Head(
        city=city, card_company=card_company, day=day_named(day), number=int(number),
        part=int(part), parts=int(parts), before=bytes.fromhex(before),
    )  # fmt: skip


def line_of(one: Sent) -> bytes:
    """A line with its end. What its fields may hold is judged by whoever writes the file."""
    if isinstance(one, Again):
        return again(one.file, one.at, line_of(one.sent))
    if isinstance(one, Charge):
        return _joined(
            "C", one.n, one.order.hex, one.account, one.channel, one.transaction, one.amount
        )
    return _joined(
        "F", one.n, one.ride.hex, one.account, one.operator, one.platform, one.product, one.line,
        one.entry_stop, _moment(one.entry_ts), one.exit_stop, _moment(one.exit_ts), one.tariff,
        one.amount,
    )  # fmt: skip


def again(file: int, at: int, line: bytes) -> bytes:
    """A line of a file, as it is sent again; one that was sent again before names that file."""
    own = line.split(b",", 3)[3] if line.startswith(b"A,") else line
    return b"A,%d,%d,%b" % (file, at, own)


def total_lines(letter: str, totals: dict[str, Total]) -> bytes:
    """Lines O, P or K: one for each party, in the order of their ids."""
    return b"".join(
        _joined(letter, party, total.lines, total.fen) for party, total in sorted(totals.items())
    )


def sums_line(*totals: Total) -> bytes:
    """Line T."""
    return _joined("T", *(part for one in totals for part in (one.lines, one.fen)))


def read_line(line: str) -> Sent:
    """What a line F, C or A with its end holds; `BadInputError` where it is none."""
    fields = line.removesuffix("\n").split(",")
    kind = fields[0] + fields[3] if fields[0] == "A" and len(fields) > 3 else fields[0]
    known = RECORDS.get(kind)
    if kind not in MOVED or known is None or known.whole.fullmatch(line) is None:
        raise BadInputError("This is no line F, C or A of a settlement file.")
    if kind.startswith("A"):
        return Again(int(fields[1]), int(fields[2]), _moved(fields[3:]))
    return _moved(fields)


def _moved(fields: list[str]) -> Fare | Charge:
    if fields[0] == "C":
        _, n, order, account, channel, transaction, amount = fields
        return Charge(int(n), UUID(order), account, channel, transaction, int(amount))
    _, n, ride, account, operator, platform, product, line, *way, tariff, amount = fields
    entry_stop, entry_ts, exit_stop, exit_ts = way
    return Fare(
        int(n), UUID(ride), account, operator, platform, product, line,
        entry_stop, int(entry_ts) if entry_ts else None,
        exit_stop, int(exit_ts) if exit_ts else None, tariff, int(amount),
    )  # fmt: skip


def _moment(ts: int | None) -> str:
    return "" if ts is None else str(ts)


def _joined(*fields: object) -> bytes:
    return ",".join(map(str, fields)).encode() + b"\n"
