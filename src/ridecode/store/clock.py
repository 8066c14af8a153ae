"""What time it is in the city. The rooms below take time as an argument; here it comes from.

A demonstration city has a clock that may be put forward, so that nobody waits 29 minutes for a
ride of 29 minutes, and that may run faster than the machine's own. It never goes back. It stands in
a file of the data folder, so that every process on that folder has the same time.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct, ValidationError, json

from ridecode.core import MICROS, BadInputError, BusinessCalendar

_FILE = "clock.json"
_DAY = 86_400 * MICROS


class Setting(Struct, frozen=True):
    """How a clock is set: at the machine's moment `since` it showed `shown`, and ran on at `speed`.

    All moments are UTC epoch microseconds.
    """

    since: int
    shown: int
    speed: int = 1

    def at(self, machine: int) -> int:
        """What it shows then. A machine's clock that is set back does not take it back."""
        return self.shown + max(0, machine - self.since) * self.speed


class Clock:
    """The city's clock; for any thread, and with a file for any process."""

    AHEAD_S_MOST: Final = 86_400
    """By how much one step may put it forward."""
    SPEED_MOST: Final = 120

    def __init__(self, setting: Setting | None = None, file: Path | None = None) -> None:
        """The machine's own clock, or one that is set otherwise; `file` says how it is set now."""
        self._setting = setting or Setting(0, 0)
        self._file = file
        self._read_of: tuple[int, int] | None = None

    @staticmethod
    def of_folder(data: Path) -> "Clock":
        """The clock of a data folder: a demonstration's own, or the machine's."""
        file = data / _FILE
        return Clock(file=file) if file.exists() else Clock()

    @staticmethod
    def beginning(data: Path, calendar: BusinessCalendar, hour_s: int, after: int) -> "Clock":
        """Set a folder's clock to the next `hour_s` seconds after local midnight, and a minute
        after the moment `after` (epoch microseconds) at the least."""
        now = _machine()
        midnight = now - (now + calendar.utc_offset_s * MICROS) % _DAY
        wanted = midnight + hour_s * MICROS
        wanted += _DAY if wanted < now else 0
        clock = Clock(file=data / _FILE)
        clock._write(Setting(now, max(wanted, after + 60 * MICROS)))
        return clock

    @property
    def ahead_s(self) -> int:
        """Seconds by which it is before the machine's clock, to the nearest."""
        return round((self.now() - _machine()) / MICROS)

    @property
    def speed(self) -> int:
        """Seconds of the city in one of the machine's."""
        return self._now_set().speed

    def now(self) -> int:
        """UTC epoch microseconds."""
        return self._now_set().at(_machine())

    def advance(self, seconds: int) -> int:
        """Put the clock forward by 1 to 86,400 seconds; the time it shows then."""
        if not 1 <= seconds <= self.AHEAD_S_MOST:
            raise BadInputError(
                f"The clock goes forward by 1 to {self.AHEAD_S_MOST:,} seconds at once."
            )
        with self._alone() as setting:
            now = _machine()
            self._write(Setting(now, setting.at(now) + seconds * MICROS, setting.speed))
        return self.now()

    def run_at(self, speed: int) -> None:
        """From now on, 1 to 120 seconds of the city are one of the machine's."""
        if not 1 <= speed <= self.SPEED_MOST:
            raise BadInputError(
                f"The clock runs at 1 to {self.SPEED_MOST} times the machine's pace."
            )
        with self._alone() as setting:
            now = _machine()
            self._write(Setting(now, setting.at(now), speed))

    def _now_set(self) -> Setting:
        """As the file says, which is read again only when it was written again."""
        if self._file is not None:
            stat = self._file.stat()
            of = stat.st_ino, stat.st_mtime_ns
            if of != self._read_of:
                self._setting, self._read_of = _read(self._file), of
        return self._setting

    @contextmanager
    def _alone(self) -> Iterator[Setting]:
        """Nobody else sets the clock meanwhile."""
        if self._file is None:
            yield self._setting
            return
        with self._file.with_suffix(".lock").open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield _read(self._file)

    def _write(self, setting: Setting) -> None:
        self._setting = setting
        if self._file is not None:
            # In one step: whoever reads meanwhile reads the old or the new one.
            new = self._file.with_suffix(f".{os.getpid()}")
            new.write_bytes(json.encode(setting))
            new.replace(self._file)


def _machine() -> int:
    return time.time_ns() // 1_000


def _read(file: Path) -> Setting:
    try:
        return json.decode(file.read_bytes(), type=Setting)
    except (DecodeError, ValidationError) as error:
        raise BadInputError(
            f"{file} is no clock: {error}.", "Remove it; the demonstration sets it anew.",
            file=str(file),
        ) from error  # fmt: skip
