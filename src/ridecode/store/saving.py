"""A backup: every city's tables as of one moment, and the files of the data folder, in one file.

It is portable: rows travel as text, so that another machine, another PostgreSQL or a later ridecode
can read them. It is taken while everything works; nothing waits for it but a change of the schema.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from time import time_ns

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ridecode.core import NotFoundError, Progress, RefusedError, UnavailableError
from ridecode.store import archive, migrate
from ridecode.store.cell import Connection, database_of, external, meeting_place
from ridecode.store.launcher import USER, Say, join, silent
from ridecode.store.place import known_folder

_CITIES = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY datname"
_TABLES = """
    SELECT c.oid, c.relname, pg_table_size(c.oid),
           array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
           ARRAY(SELECT confrelid FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND c.relname <> 'alembic_version'
    GROUP BY c.oid ORDER BY c.relname"""
_SEQUENCES = """
    SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY sequencename"""


class Saved(Struct, frozen=True):
    """What a backup holds."""

    file: str
    bytes: int
    cities: tuple[str, ...]
    tables: int
    rows: int
    files: int


def backup(data: Path, file: Path, progress: Progress, say: Say = silent) -> Saved:
    """Write everything of a data folder into one file: all of it, or no file.

    Raises `NotFoundError` for a folder without a city, `RefusedError` for a file inside of it.
    """
    if file.resolve().is_relative_to(data.resolve()):
        raise RefusedError(
            "A backup in the folder that it is of goes with it.", "Write it to another disk."
        )
    if external() is None and known_folder(data) is None:
        raise _nothing(data)
    with running(data, say) as where:
        cities = cities_there(where)
        if not cities:
            raise _nothing(data)
        with archive.writing(file) as out:
            manifest = _written(out, data, where, cities, progress)
            out.close(manifest)
    return Saved(
        file=str(file), bytes=file.stat().st_size,
        cities=tuple(one.city for one in manifest.cities),
        tables=sum(len(one.tables) for one in manifest.cities),
        rows=sum(table.rows for one in manifest.cities for table in one.tables),
        files=len(manifest.files),
    )  # fmt: skip


@contextmanager
def running(data: Path, say: Say) -> Iterator[str]:
    """How to reach the server of a data folder, which runs while the block does."""
    url = external()
    if url:
        yield url
        return
    server = join(data, say)
    try:
        yield make_conninfo(host=server.host, port=server.port, user=USER)
    finally:
        server.close()


def cities_there(where: str) -> list[str]:
    """The cities that have a database on the server."""
    prefix = database_of("")
    try:
        with psycopg.connect(meeting_place(where), autocommit=True) as conn:
            found = conn.execute(_CITIES, (prefix.replace("_", "\\_") + "%",)).fetchall()
    except psycopg.OperationalError as error:
        raise UnavailableError("The database server cannot be had.", "See: ridecode doctor") from (
            error
        )
    return [name.removeprefix(prefix) for (name,) in found]


def _nothing(data: Path) -> NotFoundError:
    return NotFoundError(f"There is no city in {data} to be saved.", "Name its folder with --data.")


class _Tell:
    """Tells how many bytes of about how many are done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = self._before = self.total = 0

    def more(self, pieces: Iterator[memoryview], size: int) -> Iterator[memoryview]:
        for piece in pieces:
            self._done = min(self._done + len(piece), self._before + size)
            yield piece
            self._progress(self._done, self.total)
        self._done = self._before = self._before + size


def _written(
    out: archive.Writer, data: Path, where: str, cities: list[str], progress: Progress
) -> archive.Manifest:
    with ExitStack() as stack:
        # Every city stands still from here on, before the first row is read.
        still = {city: stack.enter_context(_snapshot(where, city)) for city in cities}
        tell = _Tell(progress)
        tell.total = sum(size for conn in still.values() for _, _, size, *_ in _tables(conn))
        saved = tuple(_city(out, conn, city, tell) for city, conn in still.items())
    # After the rows: a key that signed one of them is in the vault by then.
    files = tuple(_files(out, data))
    made = time_ns() // 1_000
    return archive.Manifest(archive.FORMAT, version("ridecode"), made, saved, files)


@contextmanager
def _snapshot(where: str, city: str) -> Iterator[Connection]:
    dsn = make_conninfo(where, dbname=database_of(city))
    with migrate.held(dsn), psycopg.connect(dsn) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute("SELECT 1 FROM pg_class LIMIT 1")
        yield conn


def _tables(conn: Connection) -> list[tuple[int, str, int, list[str], list[int]]]:
    """The tables with number, name, size, columns and the numbers of those they refer to."""
    found = {row[0]: row for row in conn.execute(_TABLES).fetchall()}
    order = TopologicalSorter({oid: set(row[4]) - {oid} for oid, row in found.items()})
    return [found[oid] for oid in order.static_order()]


def _city(out: archive.Writer, conn: Connection, city: str, tell: _Tell) -> archive.City:
    revision = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revision is not None, "a city's database has a schema"
    tables = tuple(
        _table(out, conn, f"cities/{city}/{name}.copy", name, columns, size, tell)
        for _, name, size, columns, _ in _tables(conn)
    )
    # Sequences stand outside of every snapshot: read last, they are ahead of all rows.
    sequences: dict[str, int] = dict(conn.execute(_SEQUENCES).fetchall())
    return archive.City(city, revision[0], tables, sequences)


def _table(
    out: archive.Writer,
    conn: Connection,
    member: str,
    name: str,
    columns: list[str],
    size: int,
    tell: _Tell,
) -> archive.Table:
    cursor = conn.cursor()
    with cursor.copy(copying(name, columns, "TO STDOUT")) as rows:
        written = out.add(member, tell.more(iter(rows.read, b""), size))  # type: ignore[arg-type]
    return archive.Table(name, tuple(columns), cursor.rowcount, written)


def copying(table: str, columns: list[str] | tuple[str, ...], where: str) -> sql.Composed:
    """A COPY of these columns to or from us."""
    return sql.SQL("COPY {} ({}) {}").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(where)
    )


def _files(out: archive.Writer, data: Path) -> Iterator[archive.File]:
    for path in sorted(data.rglob("*")) if data.exists() else ():
        inside = path.relative_to(data)
        if inside.parts[0] in archive.OURS or path.is_symlink() or not path.is_file():
            continue
        with suppress(FileNotFoundError), path.open("rb") as content:  # it may be gone by now
            pieces = iter(partial(content.read, 1 << 20), b"")
            member = out.add(f"files/{inside.as_posix()}", pieces)
            yield archive.File(inside.as_posix(), path.stat().st_mode & 0o777, member)
