"""Processes that work for another one end with it, however it ends.

A pool's process waits for work on a pipe of which it holds both ends: killed with -9, its parent
leaves it waiting for good.
"""

import os
from multiprocessing import connection, parent_process
from threading import Thread


def end_with_parent() -> None:
    """To be called once in a process that `multiprocessing` started; elsewhere it does nothing."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent.sentinel,), name="parent", daemon=True).start()


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    # Not sys.exit: that would end this thread alone.
    os._exit(1)
