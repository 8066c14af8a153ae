"""The guard: starts PostgreSQL, and stops it when the last process that used it is gone.

It runs as a process of its own, `python -I -S guard.py …`, and needs the standard library alone:
so it starts in 20 ms and holds 10 MB. Every user of the server holds a shared `flock` on the lease
file. The kernel drops it however the user ends, so a client killed with -9 leaves no ghost; the
guard gets the exclusive lock when nobody is left, and stops the server then.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, NamedTuple

LAUNCHED_HERE = "cluster_name=ridecode"
"""Stands in postmaster.opts of a server that we started; one started by hand is never stopped."""

_PAUSE_S = 0.02


class Postmaster(NamedTuple):
    """What postmaster.pid says of the server that runs on a cluster."""

    pid: int
    port: int
    sockets: str
    ready: bool
    """False while it starts, recovers or stops."""


def postmaster(cluster: Path) -> Postmaster | None:
    """The server of the cluster; None where none runs, whatever a stale postmaster.pid says."""
    try:
        lines = (cluster / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        pid = int(lines[0])
    except (FileNotFoundError, ValueError):
        return None
    if not _serves(pid, cluster):
        return None
    if len(lines) < 8 or not lines[3] or not lines[4]:
        return Postmaster(pid, 0, "", ready=False)
    return Postmaster(pid, int(lines[3]), lines[4], ready=lines[7].strip() == "ready")


def _serves(pid: int, cluster: Path) -> bool:
    """Whether the process is that cluster's server: after a reboot its number is another's."""
    try:
        # A postmaster works in its cluster's folder; a zombie works nowhere.
        return Path(f"/proc/{pid}/cwd").readlink() == cluster.resolve()
    except PermissionError:
        # Root in a container may not look; the command line is open to all, and a zombie has none.
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        return program.rpartition(b"/")[2] == b"postgres"
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def launched_here(cluster: Path) -> bool:
    """Whether the last server of the cluster was started by a guard."""
    try:
        return LAUNCHED_HERE in (cluster / "postmaster.opts").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def take(lease: Path) -> IO[bytes]:
    """Be a user of the server until the file is closed or the process ends, however it ends.

    Waits while a server is being stopped.
    """
    held = lease.open("ab")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def leave(held: IO[bytes], cluster: Path) -> None:
    """Be no user any more; the last one out stops the server if a guard started it."""
    lease = Path(held.name)
    held.close()
    with lease.open("ab") as again:
        try:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Others use it, or the guard is stopping it: then this waits for the end.
            fcntl.flock(again, fcntl.LOCK_SH)
            return
        _stop(cluster)


def _stop(cluster: Path) -> None:
    """Stop the server without waiting for its sessions, and wait until it is gone."""
    while (server := postmaster(cluster)) is not None and launched_here(cluster):
        try:
            os.kill(server.pid, signal.SIGINT)
        except ProcessLookupError:
            return
        for _ in range(50):
            if postmaster(cluster) is None:
                return
            time.sleep(_PAUSE_S)


def _wait_until_unused(lease: Path, server: subprocess.Popen[bytes]) -> None:
    with lease.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        server.send_signal(signal.SIGINT)
        # The lock is held until this process ends, so that whoever comes next waits for that.
        server.wait()


def main(lease: str, uid: str, gid: str, *command: str) -> int:
    """Run the server as that user (as ourselves where `uid` is empty) until it ends."""
    for interruption in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The guard ends with its server; the server gets its own signals.
        signal.signal(interruption, lambda *_: None)
    quiet = {"LC_ALL": "C", "PATH": os.defpath}
    if uid:
        server = subprocess.Popen(
            command, user=int(uid), group=int(gid), extra_groups=[], umask=0o077, cwd="/", env=quiet
        )
    else:
        server = subprocess.Popen(command, umask=0o077, cwd="/", env=quiet)
    waiting = (Path(lease), server)
    threading.Thread(target=_wait_until_unused, args=waiting, daemon=True).start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
