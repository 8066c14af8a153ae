"""Processes that work for another one end with it, however it ends.

A pool's process waits for work on a pipe of which it holds both ends: killed with -9, its parent
leaves it waiting for good.
"""

import os
import signal
from multiprocessing import connection, parent_process
from threading import Thread


def end_with_parent() -> None:
    """To be called once in a process that `multiprocessing` started; elsewhere it does nothing."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent.sentinel,), name="parent", daemon=True).start()


def end_with_input() -> None:
    """The same for a program that was started with a pipe as its standard input: the pipe ends with
    whoever holds the other end, and the program is then told to stop (SIGTERM)."""
    Thread(target=_watch_input, name="input", daemon=True).start()


def _watch_input() -> None:
    # Past `sys.stdin`, whose lock this thread would hold when the interpreter ends.
    while os.read(0, 4_096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(sentinel: int) -> None:
    connection.wait([sentinel])
    # Not sys.exit: that would end this thread alone.
    os._exit(1)
