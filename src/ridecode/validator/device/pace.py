"""How often something may happen, and how long to wait after a failure."""

import random
from typing import Final

READINGS_PER_S: Final = 10.0
"""Of one lane, for long. A rider takes a second; a camera that sees one code says so ten times."""
READINGS_AT_ONCE: Final = 20


class Pace:
    """Lets `at_once` through at once and `per_s` a second for long."""

    def __init__(self, per_s: float = READINGS_PER_S, at_once: int = READINGS_AT_ONCE) -> None:
        self._per_s, self._at_once = per_s, at_once
        self._left, self._at_s = float(at_once), 0.0

    def allows(self, now_s: float) -> bool:
        """Whether one more may be let through; `now_s` never runs back."""
        gained = (now_s - self._at_s) * self._per_s
        self._left, self._at_s = min(self._left + gained, self._at_once), now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class BackOff:
    """Twice as long after each failure in a row, up to a limit, each time by chance a little less,
    so that a thousand gates do not come back at one moment."""

    def __init__(self, first_s: float, most_s: float, dice: random.Random) -> None:
        self._first_s, self._most_s, self._dice = first_s, most_s, dice
        self._failures = 0

    def failed(self) -> float:
        """Seconds to wait: at least half of what the number of failures asks."""
        whole = min(self._first_s * 2.0 ** min(self._failures, 32), self._most_s)
        self._failures += 1
        return whole * self._dice.uniform(0.5, 1.0)

    def succeeded(self) -> None:
        self._failures = 0
