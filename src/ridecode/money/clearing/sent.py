"""A settlement file that was sent, looked at again: for its answer, and for the file after it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.money.clearing.answer import Cleared
from ridecode.money.clearing.fields import LINE_MOST
from ridecode.money.clearing.findings import Findings
from ridecode.money.clearing.layout import MOVED, RECORDS, Head, Sent, read_head, read_line
from ridecode.money.clearing.scan import Scan, blocks
from ridecode.money.clearing.totals import Sums

_LETTERS: Final = frozenset(kind[:1].encode() for kind in MOVED)


class SentFile(Struct, frozen=True):
    """A settlement file as it lies there."""

    path: Path
    head: Head
    digest: bytes
    """SHA-256 of the whole file."""


def sent_file(path: Path) -> SentFile:
    """Head and digest of a settlement file; `BadInputError` where it is none, or not there."""
    try:
        with path.open("rb") as file:
            head = read_head(file.readline(LINE_MOST).decode(errors="replace"))
            file.seek(0)
            return SentFile(path, head, file_digest(file, "sha256").digest())
    except OSError as error:
        raise BadInputError("The file cannot be read.", "Name another.", file=str(path)) from error


def sent_lines(path: Path) -> Iterator[tuple[int, Sent]]:
    """The lines F, C and A of a file that was found sound, each with its number in the file.

    Raises `BadInputError` where one of them cannot be read.
    """
    with path.open("rb") as file:
        for at, line in enumerate(file, 1):
            if line[:1] in _LETTERS:
                try:
                    yield at, read_line(line.decode(errors="replace"))
                except BadInputError as error:
                    raise BadInputError(error.what, file=str(path), line=at) from error


def raw_lines(path: Path, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """Lines of a file by their numbers, as they stand, for `again`."""
    with path.open("rb") as file:
        yield from ((at, line) for at, line in enumerate(file, 1) if at in wanted)


def cleared(path: Path, rejected: Mapping[int, int]) -> tuple[Cleared, frozenset[int]]:
    """What a card company clears of a settlement file if it rejects lines, and which of those
    lines are in the file: of each the line's number there and its number in the ledger.

    Raises `BadInputError` where the file cannot be read as one.
    """
    findings, shares = Findings(), _Shares(rejected)
    scan = Scan(RECORDS, shares, findings)
    with path.open("rb") as file:
        for block in blocks(file):
            scan.take(block)
    scan.finish()
    if findings.told:
        raise findings.error(path)
    fares, charges = shares.cleared["F"], shares.cleared["C"]
    made = Cleared(
        operators=fares.by(0), channels=charges.by(0), fares=fares.total(),
        charges=charges.total(), fares_rejected=shares.rejected["F"].total(),
        charges_rejected=shares.rejected["C"].total(),
    )  # fmt: skip
    return made, frozenset(shares.met)


class _Shares:
    """The lines of a settlement file, those that are cleared and those that are not."""

    def __init__(self, rejected: Mapping[int, int]) -> None:
        self.cleared = {"F": Sums(), "C": Sums()}
        self.rejected = {"F": Sums(), "C": Sums()}
        self.met: set[int] = set()
        self._rejected = rejected

    def take(self, kind: str, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        if kind not in MOVED:
            return
        number = len(kind) * 2 - 2  # behind the file and the line of one that is sent again
        out = [
            line
            for line in range(at, at + len(rows))
            if line in self._rejected and self._rejected[line] == int(rows[line - at][number])
        ]
        self.met.update(out)
        _add(self.rejected[kind[-1]], number, [rows[line - at] for line in out])
        kept = [row for line, row in enumerate(rows, at) if line not in self.met] if out else rows
        _add(self.cleared[kind[-1]], number, kept)

    def finish(self) -> None:
        """Its totals were looked at before it was sent."""


def _add(sums: Sums, number: int, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        columns = list(zip(*rows, strict=True))
        sums.add((columns[number + 1], columns[-1]))
