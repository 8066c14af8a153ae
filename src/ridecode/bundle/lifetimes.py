"""Until when what is signed is to be believed.

What is signed at the centre is renewed when half of its time is over; root and targets are renewed
by the people who hold their keys, long before.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from tuf.api.metadata import Signed

from ridecode.core import MICROS

ROOT_DAYS: Final = 1_825
TARGETS_DAYS: Final = 800
DENY_DAYS: Final = 60
SNAPSHOT_DAYS: Final = 60
TIMESTAMP_DAYS: Final = 7
"""As long as a memory stick may be on its way. How old a reader lets its bundle grow is another
matter, and the city pack's."""


def moment(now: int) -> datetime:
    """A time of ours as one of TUF's."""
    return datetime.fromtimestamp(now // MICROS, UTC)


def until(now: int, days: int) -> datetime:
    """So many days from now."""
    return moment(now) + timedelta(days=days)


def half_over(signed: Signed, now: int, days: int) -> bool:
    """Whether it is time to sign it anew."""
    return bool(signed.expires - moment(now) < timedelta(days=days / 2))
