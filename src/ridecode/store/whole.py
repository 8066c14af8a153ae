"""A file that is there whole or not at all, whatever is cut when."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import mkstemp
from time import time
from typing import IO, Final

_UNFINISHED: Final = ".unfinished"
_LEFT_S: Final = 86_400
"""Nobody writes for so long without a byte: what lies there untouched is a killed process's."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, for our eyes alone, that takes its name when the block ends well.

    It is on the disk then. Whatever had the name is there until that moment. Where several write it
    at once each writes a file of its own, and the last one to end has the name.
    """
    _clear_left(path)
    handle, name = mkstemp(_UNFINISHED, f"{path.name}.", path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _clear_left(path: Path) -> None:
    """Remove what killed processes left of a file."""
    for left in path.parent.glob(f"{escape(path.name)}.*{_UNFINISHED}"):
        with suppress(OSError):  # it is in nobody's way
            if left.stat().st_mtime < time() - _LEFT_S:
                left.unlink()
