"""Rows of a CSV file that remember where they stand, so that every fault names file and line."""

import csv
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import NamedTuple, TextIO

from ridecode.city.track import Position
from ridecode.core import BadInputError, NotFoundError


class Row(NamedTuple):
    """One row of a table, with the place for errors."""

    file: str
    line: int
    cells: Mapping[str, str]

    def text(self, key: str) -> str:
        """A cell that must be there."""
        found = self.either(key)
        if not found:
            raise self.error(f"{key} is empty or absent")
        return found

    def number(self, key: str) -> float:
        """A finite number that must be there."""
        text = self.text(key)
        try:
            found = float(text)
        except ValueError as error:
            raise self.error(f"{key} is {text!r}: expected a number") from error
        if not isfinite(found):
            raise self.error(f"{key} is {text!r}: expected a number")
        return found

    def position(self, lat: str, lon: str) -> Position:
        """Two numbers that must be degrees of latitude and longitude."""
        place = self.number(lat), self.number(lon)
        if abs(place[0]) > 90:
            raise self.error(f"{lat} is {place[0]}: expected degrees from -90 to 90")
        if abs(place[1]) > 180:
            raise self.error(f"{lon} is {place[1]}: expected degrees from -180 to 180")
        return place

    def either(self, *keys: str) -> str:
        """The first of some cells that is not empty, or an empty text."""
        cells = ((self.cells.get(key) or "").strip() for key in keys)
        return next(filter(None, cells), "")

    def error(self, what: str) -> BadInputError:
        return BadInputError(f"{what}.", file=self.file, line=self.line)


def read_rows(text: TextIO, place: str, *needed: str) -> Iterator[Row]:
    """The rows of a CSV text with a header, which must name the columns `needed`."""
    reader = csv.DictReader(text, skipinitialspace=True)
    try:
        for key in needed:
            if key not in (reader.fieldnames or ()):
                raise BadInputError(f"The table has no column {key!r}.", file=place, line=1)
        for cells in reader:
            yield Row(place, reader.line_num, cells)
    except (UnicodeDecodeError, csv.Error) as error:
        at = reader.line_num + 1
        raise BadInputError(f"Not a CSV row: {error}.", file=place, line=at) from error


def read_table(path: Path, *needed: str) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8, with or without a byte order mark."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.")
    with path.open(encoding="utf-8-sig", newline="") as text:
        yield from read_rows(text, str(path), *needed)
