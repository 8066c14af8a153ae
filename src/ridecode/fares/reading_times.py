"""Reading the [[tariff.time]] tables: named hours of the week."""

import re
from datetime import date
from typing import Final

from ridecode.city import Pack, Section
from ridecode.fares.reading_scope import ID, names
from ridecode.fares.times import Days, Span, Times

_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS: Final = (*_WEEK, "holiday")
_CLOCK: Final = r"([01]\d|2[0-4]):[0-5]\d"
_EPOCH: Final = date(1970, 1, 1)


def read_times(
    tables: tuple[Section, ...], holidays: frozenset[int], pack: Pack
) -> dict[str, Times]:
    """The named hours of a version, by id."""
    read: dict[str, Times] = {}
    for table in tables:
        at = table.text("id", pattern=ID)
        if at in read:
            raise table.error("id", "an id that no other time of this tariff has")
        spans = tuple(_span(span, holidays) for span in table.tables("spans"))
        if not spans:
            raise table.error("spans", "a list of at least one table")
        table.done()
        read[at] = Times(at, pack.calendar.utc_offset_s, spans)
    return read


def read_holidays(table: Section) -> frozenset[int]:
    """Dates as days since 1970-01-01."""
    days = set()
    for text in table.texts("holidays", ()):
        day = _day(text)
        if day is None or day in days:
            raise table.error("holidays", "different dates as YYYY-MM-DD")
        days.add(day)
    return frozenset(days)


def _day(text: str) -> int | None:
    try:
        return (date.fromisoformat(text) - _EPOCH).days if len(text) == 10 else None
    except ValueError:
        return None


def _span(table: Section, holidays: frozenset[int]) -> Span:
    days = names(table, "days", _DAYS, _DAYS)
    from_s, to_s = _second(table, "from", "00:00"), _second(table, "to", "24:00")
    if to_s <= from_s:
        raise table.error("to", "a time after `from`; hours over midnight are two spans")
    table.done()
    bits = sum(1 << _WEEK.index(day) for day in days if day in _WEEK)
    if "holiday" in days:
        return Span(Days(bits, also=holidays), from_s, to_s)
    return Span(Days(bits, never=holidays), from_s, to_s)


def _second(table: Section, key: str, usual: str) -> int:
    text = table.text(key, usual, pattern=_CLOCK)
    hours, minutes = (int(part) for part in re.split(":", text))
    if hours * 60 + minutes > 1_440:
        raise table.error(key, "a time of day from 00:00 to 24:00")
    return hours * 3_600 + minutes * 60
