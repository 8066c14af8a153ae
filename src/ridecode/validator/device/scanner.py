"""Where a lane's readings come from: a stream of bytes, a port, a TCP port, or pictures.

Every scanner is an iterator that ends when it is stopped or its source has ended. Between readings
it looks up ten times a second.
"""

import os
import select
import socket
import stat
import termios
import tty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Final

from ridecode.code import symbol
from ridecode.core import BadInputError, NotFoundError
from ridecode.validator.device.cutting import Cutter

SILENCE_S: Final = 0.1
"""A stream that gives nothing for so long has ended a reading; at 9,600 baud a byte takes 1 ms."""
_PIECE: Final = 4_096
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})


def readings(source: str, stop: Event) -> Iterator[bytes]:
    """The readings of a scanner by its name.

    `-` is standard input; a number a TCP port of this machine; a picture's name that picture; a
    folder the pictures that appear in it; any other name a file, pipe or serial port.
    """
    if source == "-":
        return _stream(0, stop)
    if source.isascii() and source.isdecimal():
        return _tcp(int(source), stop)
    path = Path(source)
    if path.is_dir():
        return _pictures(path, stop)
    if path.suffix.lower() in _PICTURES:
        return _picture(path)
    return _file(path, stop)


def _stream(fd: int, stop: Event) -> Iterator[bytes]:
    cutter = Cutter()
    while not stop.is_set():
        ready, _, _ = select.select([fd], [], [], SILENCE_S)
        if not ready:
            yield from cutter.silence()
        elif piece := os.read(fd, _PIECE):
            yield from cutter.feed(piece)
        else:
            break
    yield from cutter.silence()


def _file(path: Path, stop: Event) -> Iterator[bytes]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no scanner at {path}.", "See --help of --scanner."
        ) from error
    try:
        if stat.S_ISCHR(os.fstat(fd).st_mode) and os.isatty(fd):
            _raw(fd)
        yield from _stream(fd, stop)
    finally:
        os.close(fd)


def _raw(fd: int) -> None:
    """115,200 baud, 8 bits, and no byte changed on its way: that of nearly every code scanner."""
    tty.setraw(fd)
    modes = termios.tcgetattr(fd)
    modes[4] = modes[5] = termios.B115200
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def _tcp(port: int, stop: Event) -> Iterator[bytes]:
    """One caller after another, of this machine alone."""
    if not 1 <= port <= 65_535:
        raise BadInputError(f"{port} is no TCP port.", "Give 1 to 65535.")
    with closing(socket.create_server(("127.0.0.1", port))) as door:
        while not stop.is_set():
            ready, _, _ = select.select([door], [], [], SILENCE_S)
            if ready:
                caller, _ = door.accept()
                with caller:
                    yield from _stream(caller.fileno(), stop)


def _picture(path: Path) -> Iterator[bytes]:
    try:
        yield from symbol.read(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no picture {path}.") from error


def _pictures(folder: Path, stop: Event) -> Iterator[bytes]:
    """Pictures that appear in a folder, by name. A camera that writes frames sees one code many
    times: what the last picture with a code showed as well is no new reading."""
    seen: set[str] = set()
    shown: list[bytes] = []
    while not stop.is_set():
        there = {entry.name for entry in os.scandir(folder) if entry.is_file()}
        for name in sorted(there - seen):
            if Path(name).suffix.lower() in _PICTURES:
                found = _symbols(folder / name)
                yield from (code for code in found if code not in shown)
                shown = found
        seen = there
        stop.wait(SILENCE_S)


def _symbols(path: Path) -> list[bytes]:
    """None of a picture that is gone, or is not whole yet: a camera takes the next one."""
    try:
        return symbol.read(path.read_bytes())
    except (BadInputError, FileNotFoundError):
        return []
