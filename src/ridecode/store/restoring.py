"""Bringing a backup back, into a data folder where nothing is yet: all of it, or nothing.

The whole file is checked first. Cities come in under names that nobody opens, and get their own
when every row and file is there. A backup of an older ridecode comes back at its own schema, which
is then brought to the newest as that of any older database.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ridecode.core import BadInputError, Progress, RefusedError
from ridecode.store import archive
from ridecode.store.cell import create_database, database_of, meeting_place
from ridecode.store.launcher import Say, silent
from ridecode.store.migrate import check_known, migrate
from ridecode.store.saving import Saved, cities_there, copying, running

_COMING = "new_"
"""Stands before a database's name until all of it is there."""


def restore(data: Path, file: Path, progress: Progress, say: Say = silent) -> Saved:
    """Bring everything of a backup into an empty data folder, and onto its own or the named server.

    Raises `RefusedError` where the folder is not empty or the server has such a city already,
    `BadInputError` for a file that is damaged or no backup, `UnavailableError` for one of a newer
    ridecode; then nothing was made.
    """
    if data.exists() and any(data.iterdir()):
        raise RefusedError(
            f"{data} is not empty.", "A backup comes back into a new folder: name one with --data."
        )
    with archive.reading(file) as kept:
        for city in kept.manifest.cities:
            check_known(city.revision)
        tell = _Tell(kept.manifest, progress)
        for member in kept.manifest.members:
            for piece in kept.pieces(member):
                tell.more(piece)
        with running(data, say) as where:
            _refuse_cities_there(kept.manifest, where)
            _bring(kept, data, where, tell)
    return Saved(
        file=str(file), bytes=file.stat().st_size,
        cities=tuple(one.city for one in kept.manifest.cities),
        tables=sum(len(one.tables) for one in kept.manifest.cities),
        rows=sum(table.rows for one in kept.manifest.cities for table in one.tables),
        files=len(kept.manifest.files),
    )  # fmt: skip


class _Tell:
    """Tells how many bytes of how many are done; each is read twice."""

    def __init__(self, manifest: archive.Manifest, progress: Progress) -> None:
        self._progress = progress
        self._total = 2 * sum(member.bytes for member in manifest.members)
        self._done = 0

    def more(self, piece: bytes) -> None:
        self._done += len(piece)
        self._progress(self._done, self._total)


def _refuse_cities_there(manifest: archive.Manifest, where: str) -> None:
    there = set(cities_there(where)) & {one.city for one in manifest.cities}
    if there:
        raise RefusedError(
            f"The server has a database of {', '.join(sorted(there))} already.",
            "Name another server, or drop the databases that are not wanted.",
        )


def _bring(kept: archive.Reader, data: Path, where: str, tell: _Tell) -> None:
    coming = [_COMING + database_of(one.city) for one in kept.manifest.cities]
    try:
        for city, database in zip(kept.manifest.cities, coming, strict=True):
            _drop(where, database)
            create_database(where, database)
            _city(kept, city, make_conninfo(where, dbname=database), tell)
        _files(kept, data, tell)
    except BaseException:
        for database in coming:
            _drop(where, database)
        raise
    for city, database in zip(kept.manifest.cities, coming, strict=True):
        _call(where, "ALTER DATABASE {} RENAME TO {}", database, database_of(city.city))


def _city(kept: archive.Reader, city: archive.City, dsn: str, tell: _Tell) -> None:
    migrate(dsn, city.revision)
    with psycopg.connect(dsn) as conn:
        for table in city.tables:
            cursor = conn.cursor()
            # Rules that hold for whoever writes next do not hold for what they let pass before.
            conn.execute(_rules("DISABLE", table.name))
            # What a step of the schema wrote by itself is in the backup as well.
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
            with cursor.copy(copying(table.name, table.columns, "FROM STDIN")) as rows:
                for piece in _told(kept, table.member, tell):
                    rows.write(piece)
            conn.execute(_rules("ENABLE", table.name))
            if cursor.rowcount != table.rows:
                what = f"{table.name} of {city.city} came to {cursor.rowcount:,} rows"
                raise BadInputError(f"{what}, not to {table.rows:,}.", "Take another backup.")
        for name, value in city.sequences.items():
            conn.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (name, value))
    migrate(dsn)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("ANALYZE")


def _rules(how: Literal["DISABLE", "ENABLE"], table: str) -> sql.Composed:
    """A statement on a table's triggers, those of references apart."""
    return sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), sql.SQL(how))


def _told(kept: archive.Reader, member: archive.Member, tell: _Tell) -> Iterator[bytes]:
    for piece in kept.pieces(member):
        yield piece
        tell.more(piece)


def _files(kept: archive.Reader, data: Path, tell: _Tell) -> None:
    # An external server needs no folder, and then there may be none yet.
    data.mkdir(parents=True, exist_ok=True)
    for file in kept.manifest.files:
        path = data / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            for piece in _told(kept, file.member, tell):
                out.write(piece)
            out.flush()
            os.fsync(handle)
        path.chmod(file.mode & 0o777)


def _drop(where: str, database: str) -> None:
    _call(where, "DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def _call(where: str, statement: LiteralString, *databases: str) -> None:
    with psycopg.connect(meeting_place(where), autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(*map(sql.Identifier, databases)))
