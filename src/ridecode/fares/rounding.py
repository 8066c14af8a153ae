"""Rounding, in whole numbers alone."""

from enum import IntEnum

from msgspec import Struct


class Between(IntEnum):
    """What becomes of an amount between two steps."""

    HALF_UP = 1
    """To the nearer step; from the middle upwards."""
    UP = 2
    DOWN = 3


class Rounding(Struct, frozen=True):
    """To which multiple of the smallest unit a share is rounded, and how."""

    to: int
    how: Between

    def share(self, amount: int, percent: int) -> int:
        """`percent` of an amount (both ≥ 0), rounded, and never more than the amount."""
        return self.whole(amount * percent, amount)

    def whole(self, hundredths: int, most: int) -> int:
        """Hundredths of the unit (≥ 0) as whole units, at most `most`."""
        step = 100 * self.to
        if self.how is _HALF_UP:
            steps = (2 * hundredths + step) // (2 * step)
        elif self.how is _DOWN:
            steps = hundredths // step
        else:
            steps = -(-hundredths // step)
        return min(most, steps * self.to)


# To look up a member of an enumeration in its class takes as long as the rest.
_HALF_UP, _DOWN = Between.HALF_UP, Between.DOWN
TO_THE_UNIT = Rounding(1, Between.HALF_UP)
