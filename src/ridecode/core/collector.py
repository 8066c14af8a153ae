"""Python's collector of cycles, held back while rows are made by the million.

A pass over a city's day makes and drops some twenty objects a ride, of which none is in a cycle. To
walk them every few hundred takes a quarter of such a pass.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_RARELY: Final = 200_000
"""New objects after which the young ones are walked."""
_lock: Final = Lock()
_passes: list[int] = []
"""Of each pass that runs, the threshold that it found."""


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Until the block ends, and every other one that runs beside it in this process."""
    with _lock:
        usual = _passes[0] if _passes else gc.get_threshold()[0]
        _passes.append(usual)
        gc.set_threshold(_RARELY, *gc.get_threshold()[1:])
    try:
        yield
    finally:
        with _lock:
            _passes.pop()
            if not _passes:
                gc.set_threshold(usual, *gc.get_threshold()[1:])
