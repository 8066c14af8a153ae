"""A disk that can be stopped at every call, and that forgets whatever was not synced.

    disk = FaultyDisk(stop_at=17)          # the 17th half step raises Stopped
    ...                                    # work, until it does
    for later in disk.after_power_cut(…):  # what a new start may find
    disk.after_kill()                      # the process died, the machine did not

A half step lies before and behind every call that changes something. What a power cut leaves of
a file is what was synced and any part of the rest: cut off anywhere, or the length kept and the
bytes lost. Of names that were made, changed or removed since the folder was synced, the first few.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from itertools import product


class Stopped(BaseException):
    """The process is no more. No `except` for errors may catch it."""


class Node:
    """A file's bytes: as they are read, and as they surely are on the disk."""

    def __init__(self, data: bytes = b"") -> None:
        self.now = bytearray(data)
        self.sure = bytes(data)

    @property
    def unsynced(self) -> int:
        """Bytes behind the sure ones."""
        return len(self.now) - len(self.sure)

    def cut(self, kept: int, *, zeros: bool) -> bytes:
        """With so many of the unsynced bytes, the rest of them zeros or gone.

        Of an overwritten beginning the same share is the new one's.
        """
        old, new = self.sure, bytes(self.now[: len(self.sure)])
        if old != new:
            share = len(old) if kept else 0
            return new[:share] + old[share:]
        rest = bytes(self.unsynced - kept) if zeros else b""
        return old + bytes(self.now[len(old) : len(old) + kept]) + rest


def _name(name: str, node: Node, names: dict[str, Node]) -> None:
    names[name] = node


def _rename(name: str, to: str, names: dict[str, Node]) -> None:
    names[to] = names.pop(name)


def _remove(name: str, names: dict[str, Node]) -> None:
    del names[name]


class FaultyFile:
    def __init__(self, disk: "FaultyDisk", node: Node) -> None:
        self._disk, self._node = disk, node

    def append(self, data: bytes) -> None:
        self._disk.step(lambda: self._node.now.extend(data))

    def overwrite(self, at: int, data: bytes) -> None:
        def write() -> None:
            self._node.now[at : at + len(data)] = data

        self._disk.step(write)

    def read(self, at: int, size: int) -> bytes:
        return bytes(self._node.now[at : at + size])

    def size(self) -> int:
        return len(self._node.now)

    def sync(self) -> None:
        def sync() -> None:
            self._node.sure = bytes(self._node.now)

        self._disk.step(sync)

    def close(self) -> None:
        """Closing brings nothing to disk."""


class FaultyDisk:
    def __init__(self, stop_at: int = -1) -> None:
        self.half_steps = 0
        self._stop_at = stop_at
        self._sure: dict[str, Node] = {}
        self._changes: list[partial[None]] = []

    def step(self, work: Callable[[], None]) -> None:
        self._half_step()
        work()
        self._half_step()

    def _half_step(self) -> None:
        self.half_steps += 1
        if self.half_steps == self._stop_at:
            raise Stopped

    def _named(self, changes: int | None = None) -> dict[str, Node]:
        names = dict(self._sure)
        for change in self._changes[:changes]:
            change(names)
        return names

    def _change(self, change: "partial[None]") -> None:
        self.step(lambda: self._changes.append(change))

    def names(self) -> list[str]:
        return list(self._named())

    def make(self, name: str) -> FaultyFile:
        assert name not in self._named()
        node = Node()
        self._change(partial(_name, name, node))
        return FaultyFile(self, node)

    def open(self, name: str) -> FaultyFile:
        return FaultyFile(self, self._named()[name])

    def rename(self, name: str, to: str) -> None:
        self._change(partial(_rename, name, to))

    def remove(self, name: str) -> None:
        self._change(partial(_remove, name))

    def sync(self) -> None:
        def sync() -> None:
            self._sure, self._changes = self._named(), []

        self.step(sync)

    def after_kill(self, stop_at: int = -1) -> "FaultyDisk":
        """Nothing is lost, and nothing more is sure than before."""
        later = deepcopy(self)
        later.half_steps, later._stop_at = 0, stop_at
        return later

    def after_power_cut(self, lengths: Callable[[int], list[int]]) -> Iterator["FaultyDisk"]:
        """Every disk that may be found, with these of the 0 to n unsynced bytes of each file."""
        for changes in range(len(self._changes) + 1):
            names = self._named(changes)
            dirty = [name for name, node in names.items() if node.sure != bytes(node.now)]
            choices = [
                [(kept, zeros) for kept in lengths(names[name].unsynced) for zeros in (False, True)]
                for name in dirty
            ]
            for chosen in product(*choices):
                cut = dict(zip(dirty, chosen, strict=True))
                later = FaultyDisk()
                later._sure = {
                    name: Node(
                        node.cut(cut[name][0], zeros=cut[name][1]) if name in cut else node.sure
                    )
                    for name, node in names.items()
                }
                yield later

    def bytes_of(self, name: str) -> bytearray:
        """A file's bytes, to be tampered with."""
        return self._named()[name].now

    def copied(self) -> "FaultyDisk":
        """The same disk, all of it synced."""
        later = FaultyDisk()
        later._sure = {name: Node(bytes(node.now)) for name, node in self._named().items()}
        return later
