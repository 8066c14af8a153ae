"""CPU time and memory from /proc: of a process, and of PostgreSQL with all its sessions."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ridecode.core import UnavailableError
from ridecode.store.cell import Connection

_TICK = os.sysconf("SC_CLK_TCK")
_ENDED = FileNotFoundError, ProcessLookupError


def process_cpu_s(pid: int) -> float:
    """User and system seconds of a process so far, to the system's hundredth."""
    return sum(_ticks(pid)[:2]) / _TICK


def family_cpu_s(pid: int) -> float:
    """The same of a process and of all that it has begun and that have not ended, over generations.

    One that ends meanwhile counts nothing: its seconds are its parent's, which asks for them.
    """
    return sum(map(family_cpu_s, children_of(pid)), start=_own(pid) / _TICK)


def server_cpu_s(conn: Connection) -> float:
    """Seconds so far of the server of a session, of all its processes and of those that have ended.

    Raises `UnavailableError` where the server is not on this machine, or there is no /proc.
    """
    try:
        leader = _leader(conn)
        total = sum(_ticks(leader))
        children = list(children_of(leader))
    except OSError as error:
        raise UnavailableError(
            "PostgreSQL's CPU time cannot be seen here.", "Measure on Linux, on its own machine."
        ) from error
    return (total + sum(_own(child) for child in children)) / _TICK


class Lap(Struct, frozen=True):
    """What a stretch of work has cost: seconds by the clock, and of CPU on both sides."""

    wall_s: float
    own_cpu_s: float
    """Of this process and of those that it has waited for."""
    server_cpu_s: float

    @property
    def cpu_s(self) -> float:
        return self.own_cpu_s + self.server_cpu_s


class Laps:
    """Measures work stretch by stretch, each with the writing of the checkpoint behind it.

    The session is in no transaction and commits by itself.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        conn.execute("CHECKPOINT")
        self._begin()

    def lap(self) -> Lap:
        """What was spent since the one before; the clock stands still while it is worked out."""
        wall, own = time.perf_counter() - self._wall, _own_cpu_s() - self._own
        self._conn.execute("CHECKPOINT")
        lap = Lap(wall, own, server_cpu_s(self._conn) - self._server)
        self._begin()
        return lap

    def _begin(self) -> None:
        self._server, self._own = server_cpu_s(self._conn), _own_cpu_s()
        self._wall = time.perf_counter()


def _own_cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def memory_mib(conn: Connection) -> float:
    """What this process with its children and the server of a session with its have in memory now;
    what they share is counted once."""
    leaders = (os.getpid(), _leader(conn))
    return sum(_pss_kib(pid) for one in leaders for pid in (one, *children_of(one))) / 1_024


def _pss_kib(pid: int) -> int:
    """Of a process that has just ended nothing."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s*(\d+)", told, re.MULTILINE)
    return int(found[1]) if found else 0


def _leader(conn: Connection) -> int:
    return int(_stat(conn.info.backend_pid)[1])


def children_of(pid: int) -> Iterator[int]:
    """The processes that a process has begun and that have not ended; none where it has itself.

    Raises `OSError` where the system does not tell them.
    """
    for task in _files_of(Path(f"/proc/{pid}/task")):
        try:
            told = (task / "children").read_text(encoding="ascii")
        except _ENDED as error:
            if isinstance(error, FileNotFoundError) and task.exists():
                raise
            continue  # a thread that has just ended: its children are another's now
        yield from map(int, told.split())


def _files_of(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except _ENDED:
        return []


def _own(pid: int) -> int:
    """Of a process that has just ended nothing, for its parent tells it."""
    try:
        return sum(_ticks(pid)[:2])
    except OSError:
        return 0


def _ticks(pid: int) -> list[int]:
    """Of itself in user and system mode, and the same of its ended children."""
    return [int(field) for field in _stat(pid)[11:15]]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name, the state first."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
