"""A command, run as a process would run it, without the second that a process takes to start.

What only a process shows (how it starts, how it is stopped) is tested with one: `test_start`,
`test_stop`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from ridecode.cli import main


class Ran(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def ridecode(*words: str | Path, stdin: str = "") -> Ran:
    """`ridecode` with these words."""
    with _streams(stdin) as (out, err):
        before, sys.argv = sys.argv, ["ridecode", *map(str, words)]
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        finally:
            sys.argv = before
    return Ran(code, _text(out), _text(err))


@contextmanager
def _streams(stdin: str) -> Iterator[tuple[BytesIO, BytesIO]]:
    """Streams of its own, which are no terminal."""
    out, err = BytesIO(), BytesIO()
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = _wrapped(BytesIO(stdin.encode()))
    sys.stdout, sys.stderr = _wrapped(out), _wrapped(err)
    try:
        yield out, err
    finally:
        told = sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = before
        for stream in told:
            assert isinstance(stream, TextIOWrapper), "nobody has put another in its place"
            stream.detach()  # else it would close what it wrote to


def _wrapped(raw: BytesIO) -> TextIOWrapper:
    return TextIOWrapper(raw, encoding="utf-8", write_through=True)


def _text(raw: BytesIO) -> str:
    return raw.getvalue().decode()
