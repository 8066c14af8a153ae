"""The tables of a GTFS feed, row by row, each row with the place for errors."""

import csv
import io
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from re import fullmatch
from typing import Final
from zipfile import BadZipFile, ZipFile

from msgspec import Struct

from ridecode.core import BadInputError, NotFoundError
from ridecode.fares.gtfs.refusals import Refusal, Why

MOST_BYTES: Final = 2_000_000_000
"""Of all tables together, unpacked: no feed of one city is so large."""

NEEDED: Final = frozenset(
    f"{name}.txt"
    for name in (
        "agency", "routes", "stops", "trips", "stop_times", "calendar", "calendar_dates",
        "fare_attributes", "fare_rules", "fare_rider_categories", "rider_categories",
        "fare_products", "fare_leg_rules", "fare_leg_join_rules", "fare_transfer_rules",
        "fare_media", "areas", "stop_areas", "area_set_elements", "networks", "route_networks",
        "timeframes",
    )
)  # fmt: skip


class Row(Struct, frozen=True):
    """One row of a table."""

    file: str
    line: int
    cells: Mapping[str, str]

    def cell(self, key: str) -> str:
        """A cell, empty where it is absent."""
        return self.cells.get(key, "")

    def text(self, key: str) -> str:
        """A cell that must be there."""
        if not (found := self.cell(key)):
            raise self.error(f"{key} is empty or absent", f"a value for {key}")
        return found

    def integer(self, key: str, least: int, most: int) -> int | None:
        """A whole number, or None where the cell is empty."""
        text = self.cell(key)
        if not text:
            return None
        if fullmatch("-?[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        raise self.error(f"{key} is {text!r}", f"a whole number from {least} to {most}")

    def error(self, what: str, expected: str) -> BadInputError:
        return BadInputError(f"{what}: expected {expected}.", file=self.file, line=self.line)

    def strange(self, known: frozenset[str]) -> Refusal | None:
        """The refusal of a row that fills columns which GTFS does not define."""
        filled = [f"{key} = {text!r}" for key, text in self.cells.items() if text]
        odd = [told for told in filled if told.partition(" ")[0] not in known]
        return self.refusal(Why.UNKNOWN_COLUMN, ", ".join(odd)) if odd else None

    def refusal(self, why: Why, found: str) -> Refusal:
        return Refusal(self.file, self.line, why, found)


class Tables:
    """The tables of one feed that tell of fares, and of what fares speak of."""

    def __init__(self, files: Mapping[str, bytes], source: str) -> None:
        self.source = source
        self._files = files

    def has(self, name: str) -> bool:
        return name in self._files

    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def place(self, name: str) -> str:
        return f"{self.source}:{name}"

    def columns(self, name: str) -> tuple[str, ...]:
        """The names of the columns of a table; none where it is absent."""
        if name not in self._files:
            return ()
        first = self._files[name].partition(b"\n")[0].decode("utf-8-sig", "replace")
        header = next(csv.reader([first]), [])
        return tuple(column.strip() for column in header)

    def rows(self, name: str, *needed: str) -> Iterator[Row]:
        """The rows of a table that may be absent; `needed` columns must be there."""
        if name not in self._files:
            return
        place, columns = self.place(name), self.columns(name)
        for column in needed:
            if column not in columns:
                what = f"The table has no column {column!r}: expected {', '.join(needed)}."
                raise BadInputError(what, file=place, line=1)
        reader = csv.reader(io.StringIO(self._text(name), newline=""))
        try:
            next(reader, None)
            for cells in reader:
                if any(cells):
                    stripped = (cell.strip() for cell in cells)
                    yield Row(place, reader.line_num, dict(zip(columns, stripped, strict=False)))
        except csv.Error as error:
            at = reader.line_num + 1
            raise BadInputError(f"Not a CSV row: {error}.", file=place, line=at) from error

    def _text(self, name: str) -> str:
        data = self._files[name]
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            what = "The bytes are not text: expected UTF-8."
            raise BadInputError(what, file=self.place(name), line=line) from error


def open_feed(source: Path) -> Tables:
    """The tables of a zip, which may lie in one folder of it."""
    if not source.is_file():
        raise NotFoundError(f"There is no file {source}.")
    try:
        with ZipFile(source) as archive:
            return Tables(_files(archive, source), str(source))
    except (
        BadZipFile,
        EOFError,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise BadInputError(f"This is not a whole zip file: {error}.", file=str(source)) from error


def _files(archive: ZipFile, source: Path) -> dict[str, bytes]:
    """Of several tables of one name, the outermost."""
    wanted = {}
    for info in sorted(archive.infolist(), key=lambda info: len(info.filename), reverse=True):
        name = info.filename.rpartition("/")[2]
        told = name in NEEDED or name.startswith("fare_")
        if told and name.endswith(".txt") and not info.filename.startswith("__MACOSX"):
            wanted[name] = info
    if sum(info.file_size for info in wanted.values()) > MOST_BYTES:
        raise BadInputError(
            f"The tables are more than {MOST_BYTES:,} bytes: expected a feed.", file=str(source)
        )
    return {name: archive.read(info) for name, info in sorted(wanted.items())}
