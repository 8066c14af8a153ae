"""Reading an OD matrix: a CSV file beside the tariff, one directed pair a row."""

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ridecode.city import PackError
from ridecode.fares.notices import BadMatrixRow, MissingPairs
from ridecode.fares.reading_scope import MOST

Pairs = dict[tuple[str, str], int]


def read_matrix(path: Path, column: str, stops: Collection[str], known: Collection[str]) -> Pairs:
    """Fares in the smallest unit by directed pair of stop ids.

    The header names the columns `from`, `to` and `column`; others are left alone. `stops` are
    those whose every pair must be there, `known` all stops that may stand in it.
    """
    pairs = _pairs(path, column, known)
    missing = list(_missing(pairs, stops))
    if missing:
        raise PackError(MissingPairs(str(path), 0, len(missing), *missing[0]))
    return pairs


def _pairs(path: Path, column: str, known: Collection[str]) -> Pairs:
    pairs: Pairs = {}
    for line, (origin, destination, fare) in table_of(path, "from", "to", column):
        for stop in (origin, destination):
            if stop not in known:
                raise bad_row(path, line, stop, "the id of a stop of this pack")
        amount = read_amount(path, line, fare)
        if (origin, destination) in pairs:
            raise bad_row(path, line, f"{origin} → {destination}", "each pair once")
        pairs[origin, destination] = amount
    return pairs


def read_amount(path: Path, line: int, text: str | None) -> int:
    """A whole number from 0 that a fare may be."""
    if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST:
        return int(text)
    raise bad_row(path, line, text, f"a fare as a whole number from 0 to {MOST}")


def table_of(path: Path, *wanted: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The line and the wanted cells of each row of a CSV file; other columns are left alone."""
    rows = csv.DictReader(_text(path).splitlines())
    try:
        if not set(wanted) <= set(rows.fieldnames or ()):
            raise bad_row(path, 1, rows.fieldnames, f"a header with {', '.join(wanted)}")
        for row in rows:
            yield rows.line_num, [row[key] for key in wanted]
    except csv.Error as error:
        raise bad_row(path, rows.line_num + 1, str(error), "a row of a CSV file") from error


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad_row(path, line, data[error.start : error.end], "text in UTF-8") from error


def _missing(pairs: Pairs, stops: Collection[str]) -> Iterator[tuple[str, str]]:
    for origin in stops:
        for destination in stops:
            if (origin, destination) not in pairs:
                yield origin, destination


def bad_row(path: Path, line: int, found: object, expected: str) -> PackError:
    return PackError(BadMatrixRow(str(path), line, repr(found), expected))
