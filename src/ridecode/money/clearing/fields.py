"""The fields of the clearing's lines, and the records that are made of them.

A line is fields with commas between and LF behind. No field's alphabet has a comma, a quote or a
control character, so nothing is ever quoted, and a line is well-formed if one expression says so.
"""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct


class Field(Struct, frozen=True):
    """One field of a record."""

    name: str
    pattern: str
    """What the whole of it matches; a regular expression of the plainest kind."""
    expected: str
    """The same in words."""

    def is_wrong(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is None


class Record(Struct, frozen=True):
    """One kind of line."""

    letter: str
    """Its first field."""
    rank: int
    """Lines of a lower rank stand before it."""
    fields: tuple[Field, ...]
    taken: tuple[str, ...]
    """Names of the fields that a match gives, in their order."""
    whole: re.Pattern[str]
    """Matches a line with its end; among many lines it finds all that are well-formed."""
    is_once: bool
    """Whether a file has one such line, neither more nor less."""


def record(
    rank: int, fields: Iterable[Field], taken: Iterable[str] = (), *, is_once: bool = False
) -> Record:
    """A record of fields, the first of which is its letter; `taken` none: all but the letter."""
    letter, *others = made = tuple(fields)
    wanted = tuple(taken) or tuple(one.name for one in others)
    parts = [f"({one.pattern})" if one.name in wanted else one.pattern for one in made]
    whole = re.compile("^" + ",".join(parts) + "\n", re.MULTILINE)
    return Record(letter.pattern, rank, made, wanted, whole, is_once)


def letter(of: str) -> Field:
    """The first field of a record."""
    return Field("record", of, of)


def digits(name: str) -> Field:
    return Field(name, "[1-9][0-9]{0,17}", "a whole number above zero")


def count(name: str) -> Field:
    return Field(name, "(?:0|[1-9][0-9]{0,6})", "a number of lines, 0 to 9999999")


def moment(name: str) -> Field:
    return Field(name, "(?:0|[1-9][0-9]{0,15})?", "UTC epoch microseconds, or nothing")


def fen(name: str) -> Field:
    return Field(name, "-?[1-9][0-9]{0,14}", "fen: not zero, below 10^15")


def fen_sum(name: str) -> Field:
    return Field(name, "(?:0|-?[1-9][0-9]{0,21})", "a sum of fen")


def id_of(name: str) -> Field:
    return Field(name, ID, "1 to 64 of 0-9A-Za-z._:-")


def id_or_nothing(name: str) -> Field:
    return Field(name, "[0-9A-Za-z._:-]{0,64}", "at most 64 of 0-9A-Za-z._:-")


def text(name: str, most: int = 64) -> Field:
    return Field(
        name, f'[^\\x00-\\x1f"\\x7f-\\x9f,]{{0,{most}}}',
        f"at most {most} characters: no comma, quote or control character",
    )  # fmt: skip


def hexadecimal(name: str, length: int) -> Field:
    return Field(name, f"[0-9a-f]{{{length}}}", f"{length} hexadecimal digits, small letters")


def day(name: str) -> Field:
    return Field(name, "[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as 2018-09-01")


def city(name: str) -> Field:
    return Field(name, "[a-z0-9][a-z0-9-]{0,63}", "1 to 64 of a-z0-9-")


ID: Final = "[0-9A-Za-z._:-]{1,64}"
LINE_MOST: Final = 4096
"""Bytes of a line with its end; the longest well-formed one is shorter."""
