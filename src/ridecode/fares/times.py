"""Hours of the week, such as the peak: by days, holidays and the time of day.

Both are those of the city's own clock and calendar, not of the business day: one that ends after
midnight is written as two spans.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from ridecode.core import MICROS

DAY_S: Final = 86_400
_SECOND: Final = timedelta(seconds=1)
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: so many days after a Monday."""


def _offset_s(zone: str, ts: int) -> int:
    offset = datetime.fromtimestamp(ts // MICROS, ZoneInfo(zone)).utcoffset()
    return offset // _SECOND if offset is not None else 0


class Days(Struct, frozen=True):
    """Which dates are meant, as days since 1970-01-01."""

    weekdays: int
    """Bit 0 is Monday, bit 6 Sunday."""
    since: int = -1_000_000
    until: int = 10_000_000
    """The first and last date on which the weekday decides."""
    also: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()
    """Dates that are meant, or are not, whatever their weekday."""

    def has(self, day: int) -> bool:
        if day in self.never:
            return False
        on = self.since <= day <= self.until and self.weekdays >> (day + _MONDAY) % 7 & 1
        return bool(on) or day in self.also


class Span(Struct, frozen=True):
    """Seconds after midnight on some dates: from `from_s`, before `to_s`, at most 86,400."""

    days: Days
    from_s: int
    to_s: int


class Times(Struct, frozen=True):
    """Named hours: those of any of some spans."""

    id: str
    utc_offset_s: int
    spans: tuple[Span, ...]
    zone: str = ""
    """The time zone (IANA) whose clock it is, where the offset changes in the year."""

    def at(self, ts: int) -> bool:
        """Whether a moment (UTC epoch microseconds) is within."""
        offset_s = _offset_s(self.zone, ts) if self.zone else self.utc_offset_s
        day, second = divmod(ts // MICROS + offset_s, DAY_S)
        return any(span.from_s <= second < span.to_s and span.days.has(day) for span in self.spans)
