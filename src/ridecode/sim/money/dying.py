"""The operator's process is killed where it writes: before a transaction is durable, or after."""

from collections import Counter
from enum import IntEnum
from typing import Final

from ridecode.sim.money.dice import Dice


class Death(IntEnum):
    """What a kill leaves of the transaction that it meets."""

    BEFORE = 1
    """Nothing: it is rolled back."""
    AFTER = 2
    """All of it; whoever wanted it never learns that."""


class KilledError(BaseException):
    """The process is no more. No error of the program: nothing that handles errors handles it."""


class Fate:
    """Which writes are met by a kill."""

    def __init__(self, seed: int, percent: int = 1) -> None:
        """The first two transactions of every kind are met for sure, one before it is durable and
        one after; of the others so many of a hundred."""
        self._seed, self._percent = seed, percent
        # Of each kind its own: a day is sealed and filed side by side, in any order.
        self._dice: dict[str, Dice] = {}
        self._first: dict[str, Death] = {}
        self.writes: Counter[str] = Counter()
        """Transactions so far, by who began them."""
        self.deaths: Counter[tuple[str, Death]] = Counter()

    def at(self, what: str) -> Death | None:
        """Whether the transaction that `what` is about to commit is met."""
        self.writes[what] += 1
        dice = self._dice.setdefault(what, Dice(self._seed, "deaths", what))
        drawn = dice.one_of(_BOTH)
        if self.writes[what] == 1:
            self._first[what] = drawn
        elif self.writes[what] == 2:
            drawn = Death.AFTER if self._first[what] is Death.BEFORE else Death.BEFORE
        elif not dice.happens(self._percent):
            return None
        self.deaths[what, drawn] += 1
        return drawn


_BOTH: Final = (Death.BEFORE, Death.AFTER)
