"""CPU time of other processes, from /proc: of one, and of PostgreSQL with all its sessions."""

import os
from pathlib import Path

from ridecode.core import UnavailableError
from ridecode.store.cell import Connection

_TICK = os.sysconf("SC_CLK_TCK")


def process_cpu_s(pid: int) -> float:
    """User and system seconds of a process so far, to the system's hundredth."""
    return sum(_ticks(pid)[:2]) / _TICK


def server_cpu_s(conn: Connection) -> float:
    """Seconds so far of the server of a session, of all its processes and of those that have ended.

    Raises `UnavailableError` where the server is not on this machine, or there is no /proc.
    """
    try:
        leader = int(_stat(conn.info.backend_pid)[1])
        total = sum(_ticks(leader))
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text(encoding="ascii")
    except OSError as error:
        raise UnavailableError(
            "PostgreSQL's CPU time cannot be seen here.", "Measure on Linux, on its own machine."
        ) from error
    return (total + sum(_own(int(child)) for child in children.split())) / _TICK


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
