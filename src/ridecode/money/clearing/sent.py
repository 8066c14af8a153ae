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
    shares = _shares(path, rejected)
    return shares.totals(), frozenset(shares.met)


def cleared_fares(
    path: Path, rejected: Mapping[int, int]
) -> tuple[Cleared, dict[tuple[str, str], int]]:
    """The same, and the fares of it in fen by operator and platform: both are one sum, so that what
    is booked is what the card company's totals were compared with."""
    shares = _shares(path, rejected)
    fares = {(of[0], of[1]): one.fen for of, one in shares.fares.by_all().items()}
    return shares.totals(), fares


def _shares(path: Path, rejected: Mapping[int, int]) -> "_Shares":
    findings, shares = Findings(), _Shares(rejected)
    scan = Scan(RECORDS, shares, findings)
    with path.open("rb") as file:
        for block in blocks(file):
            scan.take(block)
    scan.finish()
    if findings.told:
        raise findings.error(path)
    return shares


class _Shares:
    """The lines of a settlement file, those that are cleared and those that are not."""

    def __init__(self, rejected: Mapping[int, int]) -> None:
        self.fares, self.charges = Sums(), Sums()
        self._cleared = {"F": self.fares, "C": self.charges}
        self._out = {"F": Sums(), "C": Sums()}
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
        _add(self._out[kind[-1]], number, [rows[line - at] for line in out])
        kept = [row for line, row in enumerate(rows, at) if line not in self.met] if out else rows
        _add(self._cleared[kind[-1]], number, kept)

    def finish(self) -> None:
        """Its totals were looked at before it was sent."""

    def totals(self) -> Cleared:
        return Cleared(
            operators=self.fares.by(0), channels=self.charges.by(0), fares=self.fares.total(),
            charges=self.charges.total(), fares_rejected=self._out["F"].total(),
            charges_rejected=self._out["C"].total(),
        )  # fmt: skip


def _add(sums: Sums, number: int, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        columns = list(zip(*rows, strict=True))
        sums.add(columns[number + 1 :])
