"""The launcher: one PostgreSQL server per data folder, shared by all processes that use it.

Whoever comes first starts it, whoever comes later joins it, and it is stopped when the last one
is gone: see `guard`. The server listens on a unix socket alone and asks the kernel who calls.
"""

import fcntl
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from ridecode.core import UnavailableError
from ridecode.store import guard
from ridecode.store.place import Place, binaries, find_place, socket_folder

Say = Callable[[str], None]
"""Told what is being waited for."""

USER = "ridecode"
"""The one role of an embedded server."""

_PAUSE_S = 0.02
_SAY_AFTER_S = 2.0
_SAY_EVERY_S = 10.0
_LOG_MAX = 16 << 20
"""Bytes of a log that is set aside at the next start."""


def _buffers() -> str:
    """Of the machine's memory an eighth, a gigabyte and a half at most: with that a day of ten
    million rides was measured."""
    mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return f"{min(max(mib // 8, 128), 1_536)}MB"


# As a cluster is made: one that was made before keeps its own.
_SETTINGS = {
    # Acknowledged means durable.
    "fsync": "on",
    "synchronous_commit": "on",
    # Two cores, a few sessions, sets of rows; memory that a small machine can spare.
    "shared_buffers": _buffers(),
    "effective_cache_size": "2GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    # Several processes for one query end it sooner where cores are idle; here they cost twice the
    # CPU, and take it from the others.
    "max_parallel_workers_per_gather": "0",
    # After each checkpoint every page is logged whole once: of a day of ten million rides that was
    # two thirds of the log at 2 GB. After a crash up to so much is read again.
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}


def silent(_message: str) -> None:
    """Nobody wants to hear what is being waited for."""


class Server:
    """A share in a running server; it runs at least until this is closed."""

    def __init__(self, place: Place, lease: IO[bytes], running: guard.Postmaster) -> None:
        self._place = place
        self._lease = lease
        self.host = running.sockets
        self.port = running.port

    def close(self) -> None:
        """Give the share back; the last one out stops the server if a guard started it."""
        if not self._lease.closed:
            guard.leave(self._lease, self._place.cluster)


def join(data: Path, say: Say = silent) -> Server:
    """Join the data folder's server, and start it first where none runs."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with _alone(data / "postgres.lock", say):
            place = find_place(data.resolve())
            lease = guard.take(place.lease)
            try:
                return Server(place, lease, _running(place, say))
            except BaseException:
                guard.leave(lease, place.cluster)
                raise
    except OSError as error:
        raise UnavailableError(
            f"The data folder {data} cannot be used: {error}.",
            "Name another one with --data, or let this user write there.",
        ) from error


@contextmanager
def _alone(lock: Path, say: Say) -> Iterator[None]:
    """Nobody else starts a server of this data folder meanwhile."""
    with lock.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting = _Waiting(say, "Another process is starting PostgreSQL")
            while not _locks(held):
                waiting.pause()
        yield


def _locks(held: IO[bytes]) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Waiting:
    """Waits without a limit, and says so."""

    def __init__(self, say: Say, what: str) -> None:
        self._say, self._what = say, what
        self._since = time.monotonic()
        self._said = self._since + _SAY_AFTER_S - _SAY_EVERY_S

    def pause(self) -> None:
        now = time.monotonic()
        if now - self._said >= _SAY_EVERY_S:
            self._said = now
            self._say(f"{self._what} ({now - self._since:.0f} s so far).")
        time.sleep(_PAUSE_S)


def _running(place: Place, say: Say) -> guard.Postmaster:
    """The server once it is ready, started where none runs."""
    if not place.cluster.exists():
        _make_cluster(place, say)
    started: _Started | None = None
    waiting = _Waiting(say, "PostgreSQL is starting; after an unclean stop it replays its log")
    while True:
        server = guard.postmaster(place.cluster)
        if server is not None and server.ready:
            return server
        if started is not None and started.guard.poll() is not None:
            _raise_unless_held(place, started)
            started = None
        if server is None and started is None:
            _same_major(place)
            started = _start(place)
        waiting.pause()


class _Started(NamedTuple):
    guard: subprocess.Popen[bytes]
    log_from: int
    """Bytes of the log that are of earlier servers."""


def _start(place: Place) -> _Started:
    """Start the guard, which starts the server; both outlive this process."""
    # Whatever it says, no server runs: its process would not let another one start.
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
    if place.log.exists() and place.log.stat().st_size > _LOG_MAX:
        place.log.replace(place.log.with_suffix(".1"))
    owner = place.owner
    who = [str(owner.uid), str(owner.gid)] if owner.drop else ["", ""]
    server: list[str | Path] = [
        binaries(owner) / "postgres", "-D", place.cluster,
        "-c", guard.LAUNCHED_HERE,
        "-c", "listen_addresses=",
        "-c", "port=5432",
        "-c", f"unix_socket_directories={_quoted(socket_folder(place))}",
        "-c", "unix_socket_permissions=0700",
    ]  # fmt: skip
    with place.log.open("ab") as log:
        log_from = log.tell()
        started = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, place.lease, *who, *server],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            env=_without_secrets(), start_new_session=True,
        )  # fmt: skip
    return _Started(started, log_from)


def _without_secrets() -> dict[str, str]:
    """What Python may need to run again, without what is ours to know: the guard lives longer."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RIDECODE_")}


def _quoted(folder: Path) -> str:
    return '"' + str(folder).replace('"', '""') + '"'


def _raise_unless_held(place: Place, started: _Started) -> None:
    """The sessions of a killed server hold its memory for a moment: then try again."""
    said = place.log.read_bytes()[started.log_from :].decode(errors="replace").splitlines()
    if any("is still in use" in line for line in said):
        time.sleep(0.2)
        return
    raise UnavailableError(f"PostgreSQL did not start. {_gist(said)}", f"See {place.log}.")


def _gist(said: list[str]) -> str:
    """The line that tells why a server ended, with the one before it, which tells more."""
    for place, line in enumerate(said):
        if "FATAL:" in line or "PANIC:" in line:
            return " ".join(said[max(place - 1, 0) : place + 1])
    return " ".join(said[-3:])


def _make_cluster(place: Place, say: Say) -> None:
    """Make the cluster whole or not at all."""
    say("Making a new PostgreSQL cluster.")
    unfinished = place.folder / "cluster.new"
    place.owner.run(["/bin/rm", "-rf", unfinished])
    if unfinished.exists():
        unfinished.rmdir()
    place.owner.make(unfinished)
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    made = place.owner.run(
        [
            binaries(place.owner) / "initdb", "-D", unfinished, "-U", USER, "-E", "UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--auth=reject", "--no-instructions", *settings,
        ]
    )  # fmt: skip
    if made.returncode != 0:
        raise UnavailableError(
            f"PostgreSQL could not make its cluster in {place.folder}: {made.stderr.strip()}",
            "See that the disk has room and can be written.",
        )
    # The kernel says who calls; there is no password that could leak.
    rule = f"local all {USER} peer map=ridecode\n"
    (unfinished / "pg_hba.conf").write_text(rule, encoding="utf-8")
    callers = {pwd.getpwuid(0).pw_name, place.owner.name}
    names = "".join(f'ridecode "{name}" {USER}\n' for name in sorted(callers))
    (unfinished / "pg_ident.conf").write_text(names, encoding="utf-8")
    unfinished.rename(place.cluster)


def _same_major(place: Place) -> None:
    theirs = (place.cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    ours = place.owner.run([binaries(place.owner) / "postgres", "--version"]).stdout.split()[-1]
    if ours.split(".")[0] != theirs:
        raise UnavailableError(
            f"The database in {place.folder} was made by PostgreSQL {theirs}; this is {ours}.",
            f"Dump it with PostgreSQL {theirs} and load it into a new data folder.",
        )
