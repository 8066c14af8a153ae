"""How whoever waits for long work is told how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told of every step: how many are done of how many; `total` 0 while that is not known."""

    def __call__(self, done: int, total: int, /) -> None: ...


def unseen(_done: int, _total: int, /) -> None:
    """The progress of work for which nobody waits."""
