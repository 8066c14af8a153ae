"""Reading ahead: while one thing is being used, the next is already being made."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """The same items in their order, each made by a thread while the one before is used.

    Worth it where making them is mostly waiting, as for a database. What making one raises is
    raised where it would come; when the block ends, nothing is being made any more.
    """
    with ThreadPoolExecutor(1) as thread:
        yield _made_by(thread, iter(items))


def _made_by(thread: ThreadPoolExecutor, left: Iterator[T]) -> Iterator[T]:
    waiting = thread.submit(_next, left)
    while made := waiting.result():
        waiting = thread.submit(_next, left)
        yield from made


def _next(left: Iterator[T]) -> tuple[T, ...]:
    """One item, or none at the end."""
    for item in left:
        return (item,)
    return ()
