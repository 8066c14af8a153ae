"""Time: UTC epoch microseconds inside, ISO 8601 with offset at the edges.

The business day (运营日) is a count of days since 1970-01-01, cut at the city's own hour.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from msgspec import Struct

from ridecode.core.errors import BadInputError

MICROS = 1_000_000
"""Microseconds in a second."""

HOUR = 3_600 * MICROS
DAY = 86_400 * MICROS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DATE = date(1970, 1, 1)


class BusinessCalendar(Struct, frozen=True):
    """How a city counts its days: offset from UTC and the hour at which a business day is cut.

    `utc_offset_s` is the city's clock minus UTC; `cut_s` the seconds after local midnight at
    which the new business day begins. Both in seconds, `0 <= cut_s < 86_400`.
    """

    utc_offset_s: int
    cut_s: int

    def day(self, ts: int) -> int:
        """The business day of a moment, in days since 1970-01-01."""
        return (ts + (self.utc_offset_s - self.cut_s) * MICROS) // DAY

    def starts(self, day: int) -> int:
        """The first moment of a business day, in epoch microseconds."""
        return day * DAY - (self.utc_offset_s - self.cut_s) * MICROS

    def month(self, ts: int) -> int:
        """The calendar month of a moment's business day, as year * 12 + (month - 1)."""
        return month_of_day(self.day(ts))

    def month_starts(self, month: int) -> int:
        """The first moment of a month's first business day, in epoch microseconds."""
        first = date(month // 12, month % 12 + 1, 1)
        return self.starts((first - _EPOCH_DATE).days)

    def iso(self, ts: int) -> str:
        """A moment on the city's own clock, ISO 8601 with offset."""
        return to_iso(ts, self.utc_offset_s)


@lru_cache(1 << 12)
def month_of_day(day: int) -> int:
    """The calendar month of a day since 1970-01-01, as year * 12 + (month - 1).

    Remembered: of every account's first ride of a day it is asked for again.
    """
    when = _EPOCH_DATE + timedelta(days=day)
    return when.year * 12 + when.month - 1


def day_name(day: int) -> str:
    """A business day as YYYY-MM-DD."""
    return (_EPOCH_DATE + timedelta(days=day)).isoformat()


def day_named(name: str) -> int:
    """The business day that is written YYYY-MM-DD, in days since 1970-01-01."""
    try:
        return (date.fromisoformat(name) - _EPOCH_DATE).days
    except ValueError as error:
        raise BadInputError(f"{name!r} is no day.", "Write it as 2018-09-01.") from error


def to_iso(ts: int, utc_offset_s: int = 0) -> str:
    """Epoch microseconds as ISO 8601 with offset; microseconds only where there are any."""
    moment = _EPOCH + timedelta(microseconds=ts)
    return moment.astimezone(timezone(timedelta(seconds=utc_offset_s))).isoformat()


def from_iso(text: str) -> int:
    """ISO 8601 with offset as epoch microseconds; a text without offset is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"{text!r} is not an ISO 8601 time.") from error
    if moment.tzinfo is None:
        raise BadInputError(f"{text!r} has no offset.", "Write it as 2018-08-31T22:14:50+08:00.")
    return (moment - _EPOCH) // timedelta(microseconds=1)
