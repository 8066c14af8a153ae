"""Writing a settlement file: it is there whole under its name, or not at all.

Whatever is written is read by the linter as it is written, so its totals are those of the bytes in
the file and of nothing else, and no file leaves here that a linter would find anything wrong with.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from msgspec import Struct

from ridecode.money.clearing import layout
from ridecode.money.clearing.findings import Findings
from ridecode.money.clearing.layout import Head, file_name, head_line, sums_line, total_lines
from ridecode.money.clearing.scan import Scan, blocks
from ridecode.money.clearing.settled import Settled, Totals
from ridecode.money.clearing.signing import Said, signature_line
from ridecode.store import whole_file


class Written(Struct, frozen=True):
    """A settlement file that was written."""

    path: Path
    digest: bytes
    """SHA-256 of the whole file: the next one names it."""
    totals: Totals


def write_settlement(folder: Path, head: Head, lines: Iterable[bytes], private: bytes) -> Written:
    """Write a settlement file into a folder.

    `lines` are the lines F, C and A as they will stand in the file, in their order, in chunks of
    any size, as `line_of` gives them. Raises `BadInputError` for the first line that a linter would
    find fault with; then there is no file.
    """
    findings = Findings()
    content = Settled(findings)
    scan = Scan(layout.RECORDS, content, findings)
    path = folder / file_name(head)
    with whole_file(path) as out:
        for part in _settlement(head, lines, content):
            _put(part, out, scan, findings, path)
        _put(signature_line(private, Said.SETTLEMENT, scan.digest), out, scan, findings, path)
        scan.finish()
        if findings.told:
            raise findings.error(path)
    return Written(path, scan.digest, content.totals)


def _settlement(head: Head, lines: Iterable[bytes], content: Settled) -> Iterator[bytes]:
    """All but the signature; the totals are asked for when the lines before them were taken."""
    yield head_line(head)
    yield from blocks(lines)
    of = content.totals
    yield total_lines("O", of.operators) + total_lines("P", of.platforms)
    yield total_lines("K", of.channels) + sums_line(of.fares, of.charges, of.again)


def _put(part: bytes, out: IO[bytes], scan: Scan, findings: Findings, path: Path) -> None:
    scan.take(part)
    if findings.told:
        raise findings.error(path)
    out.write(part)
