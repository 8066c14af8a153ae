"""Chance for what happens one thing after another: a stream of `sim.chance`, in its order."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from ridecode.sim.chance import draw, key

T = TypeVar("T")


class Dice:
    """The draws of one purpose; another purpose has dice of its own, so that neither moves the
    other."""

    def __init__(self, *names: int | str) -> None:
        """The seed, and whatever names the purpose."""
        self._stream, self._drawn = key(*names), 0

    def below(self, most: int) -> int:
        """A whole number from 0 to before `most`."""
        self._drawn += 1
        return (draw(self._stream, self._drawn) >> 32) * most >> 32

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + self.below(most - least + 1)

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent

    def one_of(self, some: Sequence[T]) -> T:
        return some[self.below(len(some))]

    def shuffled(self, some: Iterable[T]) -> list[T]:
        left, mixed = list(some), []
        while left:
            mixed.append(left.pop(self.below(len(left))))
        return mixed
