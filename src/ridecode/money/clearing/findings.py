"""What can be wrong with a file of the clearing."""

from enum import IntEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError


class Fault(IntEnum):
    """Kinds of faults. The numbers are frozen."""

    ENCODING = 1
    """A line is not UTF-8."""
    LINE_END = 2
    """A line ends with CR LF: it is LF alone."""
    TOO_LONG = 3
    """A line is longer than any well-formed one can be."""
    RECORD = 4
    """A line begins with no letter of a record."""
    ORDER = 5
    """A record stands where it may not, or is missing."""
    FIELDS = 6
    """A line has more or fewer fields than its record."""
    FIELD = 7
    """A field does not hold what it may."""
    NOT_ASCENDING = 8
    """A number, or a party of totals, is not above the one before."""
    TWICE = 9
    """A line of the ledger stands twice in the file."""
    TOO_MANY = 10
    """There are more lines F, C and A than one file may have."""
    TOTAL = 11
    """A total is not what the lines add up to."""
    PART = 12
    """The part is above the parts, or does not follow from the file before."""
    TRUNCATED = 13
    """The file ends before its line S does."""
    TRAILING = 14
    """Something stands behind line S."""
    NAME = 15
    """The file's name is not the one that its head gives."""
    NUMBER = 16
    """The number does not follow from that of the file before: there is a gap."""
    DIGEST = 17
    """The digest is not that of the file before."""
    NOT_THE_FILE_BEFORE = 18
    """What was given as the file before is of another city, or no settlement file."""
    KEY = 19
    """It is signed with a key that is not known."""
    SIGNATURE = 20
    """The signature does not hold: something was changed, or somebody else signed."""
    ANOTHER_FILE = 21
    """An answer is not to the settlement file that was given."""
    NEVER_SENT = 22
    """An answer rejects a line that the settlement file does not have."""


class Finding(Struct, frozen=True):
    """One fault: where, what was found, and what was expected."""

    fault: Fault
    line: int | None
    """From 1, the head included; None where it is no line's."""
    field: str
    """Name of the field; empty where it is the whole line."""
    found: str
    """Shortened; without control characters, so that it may be shown on a terminal."""
    expected: str


MOST: Final = 100
"""Findings that are told; further ones are only counted."""
_SHOWN: Final = 60


class Findings:
    """The findings of a file while it is read."""

    def __init__(self) -> None:
        self.told: list[Finding] = []
        self.count = 0

    def add(
        self, fault: Fault, line: int | None, field: str, found: object, expected: object
    ) -> None:
        self.count += 1
        if len(self.told) < MOST:
            self.told.append(Finding(fault, line, field, shown(str(found)), str(expected)))

    def error(self, path: Path) -> BadInputError:
        """The first of them, for whoever needs a file without any."""
        first = self.told[0]
        where = f" in {first.field}" if first.field else ""
        return BadInputError(
            f"{first.fault.name}{where}: found {first.found}, expected {first.expected}.",
            "See docs/clearing.md.", file=str(path), line=first.line,
        )  # fmt: skip

    def add_all(self, others: "Findings") -> None:
        self.count += others.count
        self.told += others.told[: MOST - len(self.told)]


def shown(text: str) -> str:
    """Text of a file that nobody vouches for, as a person may see it."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cut)
