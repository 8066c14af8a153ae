"""A table of a TOML file that is read by type, and remembers where it stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from ridecode.city.notices import (
    BadToml,
    MissingFile,
    MissingKey,
    PackError,
    UnexpectedValue,
    UnknownKey,
)
from ridecode.city.positions import Spot, scan
from ridecode.core import BadInputError, Words, from_iso

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")

_TEXT = Words(zh="非空文本", en="a text that is not empty")
_FLAG = Words(zh="true 或 false", en="true or false")
_MOMENT = Words(
    zh="带时区偏移的时间，如 2018-08-31T22:14:50+08:00",
    en="a time with offset, like 2018-08-31T22:14:50+08:00",
)
_TEXTS = Words(zh="文本列表，各项非空", en="a list of texts, none of them empty")
_TABLE = Words(zh="一个表", en="a table")
_TABLES = Words(zh="表的数组", en="an array of tables")

E = TypeVar("E", bound=Enum)


def read_toml(path: Path) -> "Section":
    """The root table of a file; raises `PackError` where it is absent or not TOML."""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise PackError(MissingFile(str(path), 0)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PackError(BadToml(str(path), line, "the bytes are not UTF-8")) from error
    return parse_toml(text, str(path))


def parse_toml(text: str, file: str) -> "Section":
    """The root table of a TOML text; `file` is the name that errors show."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        at = int(found[1]) if found and found[1] else text.count("\n") + 1
        reason = _AT_LINE.sub("", str(error))
        raise PackError(BadToml(file, at, reason[:1].lower() + reason[1:])) from error
    except (RecursionError, ValueError) as error:  # Python's own limits
        reason = "a number is too long, or a list nested too deeply"
        raise PackError(BadToml(file, 0, reason)) from error
    return Section(values, scan(text), file, "")


class Section:
    """Typed reading of one table.

    Every reader takes the key; where `default` is given the key may be absent, else its absence
    is an error. Limits (`least`, `most`) are inclusive. All errors are `PackError`, a
    `BadInputError` with file, line and what was expected. After the last reading, `done()`
    refuses keys that nobody asked for.
    """

    def __init__(self, values: Mapping[str, Any], spot: Spot, file: str, name: str) -> None:
        self.file = file
        self.name = name
        self._values = values
        self._spot = spot
        self._asked: set[str] = set()

    @property
    def line(self) -> int:
        """The line of the table's header or key, from 1."""
        return self._spot.line

    def line_of(self, key: str, item: int | None = None) -> int:
        """The line of a key, or of an item of its list, from 1; of the table where it is absent."""
        spot = self._spot.keys.get(key)
        if spot is None:
            return self._spot.line
        if item is not None:
            return spot.items[item].line
        return spot.items[0].line if self._is_array_of_tables(key) else spot.line

    def __iter__(self) -> Iterator[str]:
        """The keys of the table, in the order of the file."""
        return iter(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there; asking makes it a known one."""
        self._asked.add(key)
        return key in self._values

    def text(self, key: str, default: str | None = None, *, pattern: str = "") -> str:
        """A text that is not empty; `pattern`, if given, must match the whole of it."""
        if default is not None and not self.has(key):
            return default
        expected = Words(f"符合 {pattern} 的文本", f"a text like {pattern}") if pattern else _TEXT
        value = self._get(key, expected)
        if not isinstance(value, str) or not value:
            raise self.error(key, expected)
        if pattern and not re.fullmatch(pattern, value):
            raise self.error(key, expected)
        return value

    def integer(
        self,
        key: str,
        default: int | None = None,
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> int:
        """A whole number within its limits."""
        if default is not None and not self.has(key):
            return default
        expected = _within_limits("整数", "a whole number", least, most)
        value = self._get(key, expected)
        if not _is_whole(value) or not _within(value, least, most):
            raise self.error(key, expected)
        return int(value)

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> float:
        """A finite number within its limits, with or without a decimal point."""
        if default is not None and not self.has(key):
            return default
        expected = _within_limits("数", "a number", least, most)
        value = self._get(key, expected)
        finite = _is_whole(value) or (isinstance(value, float) and isfinite(value))
        if not finite or not _within(value, least, most):
            raise self.error(key, expected)
        return float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        if default is not None and not self.has(key):
            return default
        value = self._get(key, _FLAG)
        if not isinstance(value, bool):
            raise self.error(key, _FLAG)
        return value

    def words(self, key: str) -> Words:
        """A text in both languages: `{ zh = "…", en = "…" }`."""
        table = self.table(key)
        read = Words(zh=table.text("zh"), en=table.text("en"))
        table.done()
        return read

    def choice(self, key: str, of: type[E], default: E | None = None) -> E:
        """A member of an enum, by its name in small letters."""
        if default is not None and not self.has(key):
            return default
        members = {member.name.lower(): member for member in of}
        expected = Words(f"{'、'.join(members)} 之一", f"one of {', '.join(members)}")
        value = self._get(key, expected)
        if not isinstance(value, str) or value not in members:
            raise self.error(key, expected)
        return members[value]

    def moment(self, key: str, default: int | None = None) -> int:
        """A moment with offset (2018-08-31T22:14:50+08:00), as UTC epoch microseconds."""
        if default is not None and not self.has(key):
            return default
        value = self._get(key, _MOMENT)
        text = value.isoformat() if isinstance(value, datetime) else value
        if not isinstance(text, str):
            raise self.error(key, _MOMENT)
        try:
            return from_iso(text)
        except BadInputError as error:
            raise self.error(key, _MOMENT) from error

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        if default is not None and not self.has(key):
            return default
        values = self._list(key, _TEXTS)
        for at, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise self._error_in(key, at, _TEXTS)
        return tuple(values)

    def integers(
        self,
        key: str,
        default: tuple[int, ...] | None = None,
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> tuple[int, ...]:
        """A list of whole numbers within limits."""
        if default is not None and not self.has(key):
            return default
        expected = _within_limits("整数列表", "a list of whole numbers", least, most)
        values = self._list(key, expected)
        for at, value in enumerate(values):
            if not _is_whole(value) or not _within(value, least, most):
                raise self._error_in(key, at, expected)
        return tuple(values)

    def table(self, key: str) -> "Section":
        """A table inside this one, which must be there (ask `has` first where it need not)."""
        value = self._get(key, _TABLE)
        if not isinstance(value, dict):
            raise self.error(key, _TABLE)
        return Section(value, self._spot.keys[key], self.file, self._under(key))

    def tables(self, key: str) -> "tuple[Section, ...]":
        """The tables of an array of tables, in order; none where the key is absent."""
        if not self.has(key):
            return ()
        values = self._list(key, _TABLES)
        for at, value in enumerate(values):
            if not isinstance(value, dict):
                raise self._error_in(key, at, _TABLES)
        spots = self._spot.keys[key].items
        return tuple(
            Section(value, spot, self.file, f"{self._under(key)}[{at}]")
            for at, (value, spot) in enumerate(zip(values, spots, strict=True))
        )

    def done(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                known = tuple(sorted(self._asked))
                raise PackError(UnknownKey(self.file, self.line_of(key), self.name, key, known))

    def error(self, key: str, expected: str | Words) -> PackError:
        """The error that a value is not what was expected, for rules a type cannot state.

        Give `Words` where the expectation is a sentence; a plain text is shown in both languages.
        """
        found = _shown(self._values[key]) if key in self._values else "absent"
        words = Words(expected, expected) if isinstance(expected, str) else expected
        return PackError(
            UnexpectedValue(self.file, self.line_of(key), self.name, key, words, found)
        )

    def _under(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _is_array_of_tables(self, key: str) -> bool:
        value = self._values.get(key)
        return isinstance(value, list) and bool(value) and isinstance(value[0], dict)

    def _get(self, key: str, expected: Words) -> Any:
        if not self.has(key):
            raise PackError(MissingKey(self.file, self.line, self.name, key, expected))
        return self._values[key]

    def _list(self, key: str, expected: Words) -> list[Any]:
        value = self._get(key, expected)
        if not isinstance(value, list):
            raise self.error(key, expected)
        return value

    def _error_in(self, key: str, at: int, expected: Words) -> PackError:
        """The error for one item of a list, at the item's own line."""
        line = self.line_of(key, at)
        found = _shown(self._values[key][at])
        return PackError(
            UnexpectedValue(self.file, line, self.name, f"{key}[{at}]", expected, found)
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _within_limits(zh: str, en: str, least: float | None, most: float | None) -> Words:
    if least is None and most is None:
        return Words(zh, en)
    if least is None:
        return Words(f"{zh}，不大于 {most}", f"{en} of at most {most}")
    if most is None:
        return Words(f"{zh}，不小于 {least}", f"{en} of at least {least}")
    return Words(f"{zh}，{least} 到 {most}", f"{en} from {least} to {most}")


def _shown(value: object) -> str:
    """A value as an error shows it, cut to what fits a line."""
    text = (
        repr(value)
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 60 else text[:57] + "…"
