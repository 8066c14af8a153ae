"""A card company's file format, as the city pack describes it in imports.toml."""

import codecs
import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.core import Mode, NotFoundError, TapKind


class Mark(Struct, frozen=True):
    """How a column says yes or no."""

    column: str
    yes: str
    no: str


class RowType(Struct, frozen=True):
    """What rows of one kind word say. A column that is empty is not in such rows."""

    word: str
    kind: TapKind
    product: str
    mode: Mode
    charged: bool
    """Whether such a tap charges; where it does not, its amounts must be 0."""
    stop: str
    line: str
    operator: str
    vehicle: str


class Format(Struct, frozen=True, kw_only=True):
    """One file format: a text with one header and one row a line."""

    name: str
    encoding: str
    columns: tuple[str, ...]
    """The header, in order; a row has as many fields."""
    time: str
    """Column of the moment of the tap."""
    time_format: str
    """As in strptime, without an offset."""
    utc_offset_s: int
    account: str
    account_pattern: re.Pattern[str]
    device: str
    device_pattern: re.Pattern[str]
    stop_digits: int
    """So many leading characters of a device stand for its stop; 0 where they tell nothing."""
    absent: str
    """What stands in a field for "not known"."""
    stop_suffix: str
    """What may be left off a stop's name."""
    type: str
    """Column of the kind word."""
    types: Mapping[str, RowType]
    """By kind word."""
    full_fare: str
    paid: str
    transfer: Mark


def formats(pack: Pack) -> tuple[str, ...]:
    """The names of the file formats that a pack knows."""
    return tuple(sorted(pack.sections.imports))


def read_format(pack: Pack, name: str) -> Format:
    """A format by its name; raises `NotFoundError` naming those that there are, or `PackError`."""
    section = pack.sections.imports.get(name)
    if section is None:
        known = ", ".join(formats(pack)) or "none"
        raise NotFoundError(
            f"The city pack {pack.id} knows no file format {name!r}.",
            f"It knows: {known}. Formats stand in the pack's imports.toml (docs/taps.md).",
        )
    columns = section.texts("columns")
    if len(set(columns)) != len(columns):
        raise section.error("columns", "no column twice")
    read = Format(
        name=name,
        encoding=_encoding(section),
        columns=columns,
        time=_column(section, "time", columns),
        time_format=_time_format(section),
        utc_offset_s=section.integer("utc_offset_s", least=-43_200, most=50_400),
        account=_column(section, "account", columns),
        account_pattern=_pattern(section, "account_pattern"),
        device=_column(section, "device", columns),
        device_pattern=_pattern(section, "device_pattern"),
        stop_digits=section.integer("device_stop_digits", 0, least=1, most=32),
        absent=section.text("absent", ""),
        stop_suffix=section.text("stop_suffix", ""),
        type=_column(section, "type", columns),
        types=_types(section, columns, pack),
        full_fare=_column(section, "full_fare", columns),
        paid=_column(section, "paid", columns),
        transfer=_mark(section.table("transfer"), columns),
    )
    section.done()
    return read


def _types(section: Section, columns: tuple[str, ...], pack: Pack) -> dict[str, RowType]:
    types: dict[str, RowType] = {}
    for table in section.tables("row"):
        word = table.text("word")
        if word in types:
            raise table.error("word", "a kind word of its own")
        types[word] = _row_type(table, word, columns, pack)
        table.done()
    if not types:
        raise section.error("row", "at least one [[row]] with its kind word")
    return types


def _row_type(table: Section, word: str, columns: tuple[str, ...], pack: Pack) -> RowType:
    product = pack.products.get(table.text("product"))
    if product is None:
        raise table.error("product", f"one of the pack's products: {', '.join(pack.products)}")
    return RowType(
        word=word,
        kind=table.choice("kind", TapKind),
        product=product.id,
        mode=product.mode,
        charged=table.flag("charged"),
        stop=_column(table, "stop", columns, ""),
        line=_column(table, "line", columns, ""),
        operator=_column(table, "operator", columns, ""),
        vehicle=_column(table, "vehicle", columns, ""),
    )


def _mark(table: Section, columns: tuple[str, ...]) -> Mark:
    read = Mark(
        column=_column(table, "column", columns), yes=table.text("yes"), no=table.text("no")
    )
    if read.yes == read.no:
        raise table.error("no", "another word than yes")
    table.done()
    return read


def _column(
    section: Section, key: str, columns: tuple[str, ...], default: str | None = None
) -> str:
    named = section.text(key, default)
    if named and named not in columns:
        raise section.error(key, f"one of the columns: {', '.join(columns)}")
    return named


def _time_format(section: Section) -> str:
    """It must tell a moment to the second, and nothing of an offset: that stands beside it."""
    form = section.text("time_format")
    try:
        exact = datetime.strptime(_MOMENT.strftime(form), form) == _MOMENT
    except ValueError:
        exact = False
    if not exact:
        raise section.error("time_format", "a strptime format with date and time, no offset")
    return form


def _pattern(section: Section, key: str) -> re.Pattern[str]:
    try:
        return re.compile(section.text(key), re.ASCII)
    except re.error as error:
        raise section.error(key, "a regular expression") from error


def _encoding(section: Section) -> str:
    """Only those in which no part of a longer character looks like a comma, quote or newline."""
    named = section.text("encoding", "utf-8").lower()
    if named not in _ENCODINGS:
        raise section.error("encoding", f"one of {', '.join(_ENCODINGS)}")
    return codecs.lookup(named).name


_ENCODINGS = ("utf-8", "gb18030")
_MOMENT = datetime(2001, 2, 13, 14, 5, 16)
