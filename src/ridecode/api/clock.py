"""What time it is in the city. The rooms below take time as an argument; here it comes from.

A demonstration city has a clock that may be put forward, so that nobody waits 29 minutes for a
ride of 29 minutes. It never goes back, and it runs at the pace of the machine's own.
"""

import time
from threading import Lock

from ridecode.core import MICROS, BadInputError, BusinessCalendar

AHEAD_MOST_S = 86_400
"""By how much one step may put the clock forward."""

_DAY = 86_400 * MICROS


class Clock:
    """The city's clock, in UTC epoch microseconds; shared among threads."""

    def __init__(self, ahead: int = 0) -> None:
        """`ahead`: how many microseconds, from 0, it begins before the machine's own."""
        self._ahead = ahead
        self._lock = Lock()

    @staticmethod
    def beginning(calendar: BusinessCalendar, hour_s: int, after: int) -> "Clock":
        """A clock that shows the next `hour_s` seconds after local midnight, and a minute after the
        moment `after` (epoch microseconds) at the least."""
        now = time.time_ns() // 1_000
        midnight = now - (now + calendar.utc_offset_s * MICROS) % _DAY
        wanted = midnight + hour_s * MICROS
        wanted += _DAY if wanted < now else 0
        return Clock(max(wanted, after + 60 * MICROS) - now)

    @property
    def ahead_s(self) -> int:
        """Seconds by which it has been put before the machine's clock."""
        return self._ahead // MICROS

    def now(self) -> int:
        return time.time_ns() // 1_000 + self._ahead

    def advance(self, seconds: int) -> int:
        """Put the clock forward by 1 to 86,400 seconds; the time it shows then."""
        if not 1 <= seconds <= AHEAD_MOST_S:
            raise BadInputError(f"The clock goes forward by 1 to {AHEAD_MOST_S:,} seconds at once.")
        with self._lock:
            self._ahead += seconds * MICROS
        return self.now()
