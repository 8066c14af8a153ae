"""Work on many accounts: cut into chunks, spread over processes, each chunk one transaction.

An account is in one chunk, and no chunk needs another: so chunks may run side by side, in any
order, and again after a crash.

The envelope, for 2 million rides of 300,000 accounts (3.5 million taps), in CPU µs a ride, ours and
the server's, on two virtual cores that others used as well (see `bench`):

    new accounts found                          0 + 3
    taps read in the order of accounts, 1.75    5 + 11
    matched, made rows and compared             7
    rides written by COPY, one index            3 + 7
    priced by six rules, made rows             19
    prices written by COPY, one index           2 + 7
    log, checkpoints, vacuum                    0 + 5

or some 70 together, 2.3 times a copy of the same rows with no rule: two cores that are ours are
busy for 75 s, which is the bar of 20,000 rides a second with a margin of a third. To read the
rides back in a pass of their own would add 11. Memory is that of a chunk in each worker, whatever
the size of the city, and here one entry per account with something new.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Generic, TypeVar

from ridecode.core import Progress
from ridecode.rides import db
from ridecode.store import Connection, end_with_parent

CHUNK = 2_000
"""Accounts in one transaction: a week of them is some 10⁴ rides, 30 MB in a worker."""
WORKERS = 2
_ALONE_MOST = CHUNK
"""So many accounts are done here, in one transaction: to start a process takes half a second, and
the follower has some hundred accounts several times a second."""

W = TypeVar("W")
R = TypeVar("R")
Task = Callable[[Connection, Mapping[str, W]], R]


def spread(
    conn: Connection, dsn: str, work: Mapping[str, W], task: Task[W, R], progress: Progress
) -> Iterator[R]:
    """The answers of `task` for all chunks of `work` (by account), each committed when it comes.

    `task` travels to other processes: a function of a module, or a `partial` of one.
    """
    if len(work) <= _ALONE_MOST:
        if work:
            yield _whole(conn, task, work)
        progress(len(work), len(work))
        return
    done = 0
    with ProcessPoolExecutor(
        WORKERS, mp_context=get_context("spawn"), initializer=_Worker.begin, initargs=(dsn, task)
    ) as pool:
        sizes: dict[Future[R], int] = {
            pool.submit(_Worker.chunk, chunk): len(chunk) for chunk in _chunks(work)
        }
        try:
            for future in as_completed(sizes):
                yield future.result()
                done += sizes[future]
                progress(done, len(work))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _chunks(work: Mapping[str, W]) -> Iterator[dict[str, W]]:
    left = iter(work.items())
    while chunk := dict(islice(left, CHUNK)):
        yield chunk


def _whole(conn: Connection, task: Task[W, R], chunk: Mapping[str, W]) -> R:
    with conn.transaction():
        db.works(conn)
        return task(conn, chunk)


class _Worker(Generic[W, R]):
    """What a worker process holds from its first chunk to its last."""

    run: Callable[[Mapping[str, W]], R]

    @classmethod
    def begin(cls, dsn: str, task: Task[W, R]) -> None:
        # Rows, taps and rides refer to nothing that refers to them: to look for cycles among them
        # finds none, and takes a fifth of the time.
        gc.disable()
        end_with_parent()
        cls.run = partial(_whole, db.session(dsn), task)

    @classmethod
    def chunk(cls, chunk: Mapping[str, W]) -> R:
        return cls.run(chunk)
