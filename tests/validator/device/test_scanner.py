"""Readings from every kind of scanner."""

import os
import pty
import socket
import time
import tty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from ridecode.code import symbol
from ridecode.core import BadInputError, NotFoundError
from ridecode.validator.device.scanner import readings
from tests.code import forge

CODE = forge.build()
OTHER = forge.build({"field_14": b"other"})


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def test_a_file_of_codes(tmp_path: Path) -> None:
    (tmp_path / "codes").write_bytes(CODE + OTHER)
    assert list(readings(str(tmp_path / "codes"), Event())) == [CODE, OTHER]


def test_a_picture(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(symbol.png(CODE))
    assert list(readings(str(tmp_path / "one.png"), Event())) == [CODE]


def test_a_folder_of_pictures_as_a_camera_writes_them(tmp_path: Path) -> None:
    """The same code on the next frame is no new reading; a frame cut short is passed over."""
    frames = {"1.png": CODE, "2.png": CODE, "3.png": OTHER, "5.png": CODE}
    for name, code in frames.items():
        (tmp_path / name).write_bytes(symbol.png(code))
    (tmp_path / "4.png").write_bytes(symbol.png(CODE)[:200])
    (tmp_path / "notes.txt").write_text("no picture")
    stop = Event()
    found = readings(str(tmp_path), stop)
    assert [next(found) for _ in range(3)] == [CODE, OTHER, CODE]
    stop.set()
    assert list(found) == []


def test_a_serial_port(tmp_path: Path) -> None:
    """Bytes that a terminal would change, and a code that the port's silence cuts short."""
    master, slave = pty.openpty()
    tty.setraw(master)
    stop = Event()
    try:
        found = readings(os.ttyname(slave), stop)
        thread = Thread(target=_later, args=(master, [CODE, b"", OTHER[:100]]))
        thread.start()
        assert [next(found), next(found)] == [CODE, OTHER[:100]]
        thread.join()
        stop.set()
        assert list(found) == []
    finally:
        os.close(master)
        os.close(slave)


def _later(fd: int, pieces: list[bytes]) -> None:
    time.sleep(0.2)
    for piece in pieces:
        os.write(fd, piece)


def test_a_tcp_port_takes_one_caller_after_another() -> None:
    port, stop = _port(), Event()
    found = readings(str(port), stop)
    thread = Thread(target=_call, args=(port, [CODE, OTHER]))
    thread.start()
    assert [next(found), next(found)] == [CODE, OTHER]
    thread.join()
    stop.set()
    assert list(found) == []


def _call(port: int, codes: list[bytes]) -> None:
    for code in codes:
        with closing(_connected(port)) as wire:
            wire.sendall(code)


def _connected(port: int) -> socket.socket:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("nobody listens")


def _drained(found: Iterator[bytes]) -> list[bytes]:
    return list(found)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("no/such/port", NotFoundError), ("no/such.png", NotFoundError), ("0", BadInputError),
     ("70000", BadInputError)],
)  # fmt: skip
def test_a_scanner_that_is_not_there(source: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        _drained(readings(source, Event()))
