"""Hours of the week, such as the peak: by days, holidays and the time of day.

Both are those of the city's own clock and calendar, not of the business day: one that ends after
midnight is written as two spans.
"""

from typing import Final

from msgspec import Struct

from ridecode.core import MICROS

DAY_S: Final = 86_400
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: so many days after a Monday."""


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

    def at(self, ts: int) -> bool:
        """Whether a moment (UTC epoch microseconds) is within."""
        day, second = divmod(ts // MICROS + self.utc_offset_s, DAY_S)
        return any(span.from_s <= second < span.to_s and span.days.has(day) for span in self.spans)
