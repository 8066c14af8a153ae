"""The little that the journal asks of a disk: so few calls that a test can stand in for them all.

A power cut may take what is not synced: the bytes of a file until its own `sync`, and a name that
was made, changed or removed until that of its folder.
"""

import fcntl
import os
from pathlib import Path
from typing import Protocol

from ridecode.core import UnavailableError


class File(Protocol):
    """An open file, written at its end."""

    def append(self, data: bytes) -> None: ...
    def overwrite(self, at: int, data: bytes) -> None: ...
    def read(self, at: int, size: int) -> bytes: ...
    def size(self) -> int: ...
    def sync(self) -> None: ...
    def close(self) -> None: ...


class Folder(Protocol):
    """A folder of files, by name."""

    def names(self) -> list[str]: ...
    def make(self, name: str) -> File: ...
    def open(self, name: str) -> File: ...
    def rename(self, name: str, to: str) -> None: ...
    def remove(self, name: str) -> None: ...
    def sync(self) -> None: ...


class DiskFile:
    """A file of the machine."""

    def __init__(self, path: Path, flags: int) -> None:
        self._fd = os.open(path, flags | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._end = os.fstat(self._fd).st_size

    def append(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.pwrite(self._fd, data[written:], self._end + written)
        self._end += written

    def overwrite(self, at: int, data: bytes) -> None:
        os.pwrite(self._fd, data, at)

    def read(self, at: int, size: int) -> bytes:
        parts = []
        while size and (part := os.pread(self._fd, size, at)):
            parts.append(part)
            at, size = at + len(part), size - len(part)
        return b"".join(parts)

    def size(self) -> int:
        return self._end

    def sync(self) -> None:
        # Of the file's own times nobody asks; its length goes with the data.
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class Disk:
    """A folder of the machine, for one process at a time: two would fork the device's chain."""

    def __init__(self, path: Path) -> None:
        """Makes the folder where it is not there; `UnavailableError` while another has it."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise UnavailableError(
                f"Another process runs the validator of {path}.", "Stop it, or name another folder."
            ) from error

    def names(self) -> list[str]:
        return [entry.name for entry in os.scandir(self._path)]

    def make(self, name: str) -> DiskFile:
        return DiskFile(self._path / name, os.O_CREAT | os.O_EXCL)

    def open(self, name: str) -> DiskFile:
        return DiskFile(self._path / name, 0)

    def rename(self, name: str, to: str) -> None:
        (self._path / name).rename(self._path / to)

    def remove(self, name: str) -> None:
        (self._path / name).unlink()

    def sync(self) -> None:
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)

    def __enter__(self) -> "Disk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
