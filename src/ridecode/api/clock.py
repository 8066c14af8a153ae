"""What time it is in the city. The rooms below take time as an argument; here it comes from.

A demonstration city has a clock that may be put forward, so that nobody waits 29 minutes for a
ride of 29 minutes, and that may run faster than the machine's own. It never goes back.
"""

import time
from threading import Lock

from ridecode.core import MICROS, BadInputError, BusinessCalendar

AHEAD_MOST_S = 86_400
"""By how much one step may put the clock forward."""
SPEED_MOST = 120

_DAY = 86_400 * MICROS


class Clock:
    """The city's clock, in UTC epoch microseconds; shared among threads."""

    def __init__(self, ahead: int = 0) -> None:
        """`ahead`: how many microseconds, from 0, it begins before the machine's own."""
        self._lock = Lock()
        self._since = time.time_ns() // 1_000
        """A moment of the machine's clock, and what this one showed then."""
        self._shown = self._since + ahead
        self._speed = 1

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
        """Seconds by which it is before the machine's clock."""
        return round((self.now() - time.time_ns() // 1_000) / MICROS)

    @property
    def speed(self) -> int:
        """Seconds of the city in one of the machine's."""
        return self._speed

    def now(self) -> int:
        with self._lock:
            return self._now()

    def advance(self, seconds: int) -> int:
        """Put the clock forward by 1 to 86,400 seconds; the time it shows then."""
        if not 1 <= seconds <= AHEAD_MOST_S:
            raise BadInputError(f"The clock goes forward by 1 to {AHEAD_MOST_S:,} seconds at once.")
        with self._lock:
            self._shown += seconds * MICROS
            return self._now()

    def run_at(self, speed: int) -> None:
        """From now on, 1 to 120 seconds of the city are one of the machine's."""
        if not 1 <= speed <= SPEED_MOST:
            raise BadInputError(f"The clock runs at 1 to {SPEED_MOST} times the machine's pace.")
        with self._lock:
            self._shown, self._since = self._now(), time.time_ns() // 1_000
            self._speed = speed

    def _now(self) -> int:
        # A machine's clock that is set back must not take the city's back with it.
        gone = max(0, time.time_ns() // 1_000 - self._since)
        return self._shown + gone * self._speed
