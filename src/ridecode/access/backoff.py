"""How long a name waits after wrong passwords: pure numbers.

The attempt is counted before the password is looked at, so that guesses that come at the same
moment are counted as well; the right password counts back to zero.
"""

from typing import Final

from ridecode.core import MICROS

FREE: Final = 5
"""So many attempts in a row cost nothing."""
FIRST_S: Final = 30
MOST_S: Final = 900
"""Bounded: whoever guesses at somebody's name keeps him out for a quarter of an hour at a time."""


def wait(attempts: int) -> int:
    """Microseconds until the next attempt, after so many in a row."""
    if attempts < FREE:
        return 0
    doubled = min(attempts - FREE, 10)
    return min(FIRST_S << doubled, MOST_S) * MICROS
