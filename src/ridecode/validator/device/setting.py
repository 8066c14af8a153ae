"""Setting the clock by what a source says, and writing down when that was."""

from threading import Lock
from typing import Final

from ridecode.core import MICROS
from ridecode.validator.device.clock import Clock, Healing, Said
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.upload import Tell

AGAIN_US: Final = 600 * MICROS
"""A clock that was confirmed is noted so often: a journal is no log of heartbeats."""


class Setter:
    """Several sources may speak; for any threads."""

    def __init__(self, clock: Clock, journal: Journal, tell: Tell) -> None:
        self._clock, self._journal, self._tell = clock, journal, tell
        self._last: Healing | None = None
        self._lock = Lock()

    @property
    def wants_another(self) -> bool:
        """Whether the last answer is believed only when the next one agrees."""
        return self._last is Healing.UNCONFIRMED

    def hear(self, said: Said, bundle_made: int) -> Healing:
        """Follow a source as far as the rules allow (`clock`)."""
        with self._lock:
            healing = self._clock.hear(said, bundle_made)
            now, since = self._clock.now(), self._journal.memory.clock_set
            stale = since is None or not since <= now <= since + AGAIN_US
            if healing is Healing.SET or (healing is Healing.CONFIRMED and stale):
                self._journal.set_clock(now)
            if healing is not self._last or healing is Healing.SET:
                self._tell("clock", healing=healing.name.lower())
            self._last = healing
            return healing
