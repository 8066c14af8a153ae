"""Reading an OD matrix: a CSV file beside the tariff, one directed pair a row."""

import csv
from collections.abc import Collection, Iterator
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
    rows = csv.DictReader(_text(path).splitlines())
    try:
        pairs = _pairs(rows, path, column, known)
    except csv.Error as error:
        raise _bad(path, rows.line_num + 1, str(error), "a row of a CSV file") from error
    missing = list(_missing(pairs, stops))
    if missing:
        raise PackError(MissingPairs(str(path), 0, len(missing), *missing[0]))
    return pairs


def _pairs(rows: "csv.DictReader[str]", path: Path, column: str, known: Collection[str]) -> Pairs:
    wanted = ("from", "to", column)
    if not set(wanted) <= set(rows.fieldnames or ()):
        raise _bad(path, 1, rows.fieldnames, f"a header with {', '.join(wanted)}")
    pairs: Pairs = {}
    for row in rows:
        origin, destination, fare = (row[key] for key in wanted)
        for stop in (origin, destination):
            if stop not in known:
                raise _bad(path, rows.line_num, stop, "the id of a stop of this pack")
        if not (
            fare and fare.isascii() and fare.isdigit() and len(fare) < 10 and int(fare) <= MOST
        ):
            raise _bad(path, rows.line_num, fare, f"a fare as a whole number from 0 to {MOST}")
        if (origin, destination) in pairs:
            raise _bad(path, rows.line_num, f"{origin} → {destination}", "each pair once")
        pairs[origin, destination] = int(fare)
    return pairs


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _bad(path, line, data[error.start : error.end], "text in UTF-8") from error


def _missing(pairs: Pairs, stops: Collection[str]) -> Iterator[tuple[str, str]]:
    for origin in stops:
        for destination in stops:
            if (origin, destination) not in pairs:
                yield origin, destination


def _bad(path: Path, line: int, found: object, expected: str) -> PackError:
    return PackError(BadMatrixRow(str(path), line, repr(found), expected))
