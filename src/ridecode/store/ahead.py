"""Reading ahead: while one thing is being used, the next is already being made."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


@contextmanager
def ahead(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """The same items in their order, each made by a thread while the one before is used.

    Worth it where making them is mostly waiting, as for a database. What making one raises is
    raised where it would come; when the block ends, nothing is being made any more.
    """
    with ThreadPoolExecutor(1) as thread:
        yield _made_by(thread, iter(items))


@contextmanager
def side_by_side(make: Callable[[T], U], of: Iterable[T], threads: int) -> Iterator[Iterator[U]]:
    """What is made of each item, in their order, by so many threads, each one item ahead.

    Worth it where making is mostly waiting. What making one raises is raised where it would come;
    when the block ends, nothing is being made any more.
    """
    pool = ThreadPoolExecutor(threads)
    try:
        yield _made_of(pool, make, of, threads)
    finally:
        pool.shutdown(cancel_futures=True)


def _made_of(
    pool: ThreadPoolExecutor, make: Callable[[T], U], of: Iterable[T], most: int
) -> Iterator[U]:
    waiting: deque[Future[U]] = deque()
    for item in of:
        waiting.append(pool.submit(make, item))
        if len(waiting) > most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


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
