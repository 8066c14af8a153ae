"""CPU time of other processes, from /proc: of a server, and of PostgreSQL with all its sessions."""

import os
from pathlib import Path

from ridecode.store import Connection

_TICK = os.sysconf("SC_CLK_TCK")


def postmaster(conn: Connection) -> int | None:
    """The process that leads the server of a session; None where it is not on this machine."""
    try:
        return int(_stat(conn.info.backend_pid)[1])
    except OSError:
        return None


def cpu_s(pid: int, *, with_children: bool = False) -> float:
    """User and system seconds so far, to the system's hundredth; of ended children as well."""
    spent = [int(field) for field in _stat(pid)[11:15]]
    total = sum(spent[:2])
    if with_children:
        total += sum(spent[2:])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        total += sum(_own(int(child)) for child in children.split())
    return total / _TICK


def _own(pid: int) -> int:
    """In ticks; of a process that has just ended nothing, for its parent tells it."""
    try:
        return sum(int(field) for field in _stat(pid)[11:13])
    except OSError:
        return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name, the state first."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
