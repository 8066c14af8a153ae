"""A city is a cell: one database of its own in the data folder's server."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from ridecode.core import BadInputError, UnavailableError
from ridecode.store.launcher import USER, Say, Server, join, silent
from ridecode.store.migrate import migrate

Connection: TypeAlias = psycopg.Connection[TupleRow]

EXTERNAL = "RIDECODE_DATABASE_URL"
"""Names a PostgreSQL server that somebody else runs, in place of the embedded one."""

_CITY = re.compile(r"[a-z][a-z0-9_-]{0,49}")
_SESSIONS_MAX = 8
_PATIENCE_S = 5.0


class Cell:
    """One city's database; a context manager that gives its share in the server back."""

    def __init__(self, city: str, dsn: str, server: Server | None = None) -> None:
        self.city = city
        self.dsn = dsn
        """How worker processes reach the database; they need no more than this."""
        self._server = server
        self._pool = ConnectionPool[Connection](
            dsn, min_size=1, max_size=_SESSIONS_MAX, timeout=_PATIENCE_S, open=True,
            check=ConnectionPool.check_connection, name=f"cell {city}",
        )  # fmt: skip

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A session of its own: committed at the end, rolled back on an error."""
        try:
            with self._pool.connection() as conn:
                yield conn
        except PoolTimeout as error:
            raise self._lost(f"gave no session within {_PATIENCE_S:.0f} s") from error
        except PoolClosed as error:
            raise self._lost("was closed") from error
        except psycopg.errors.DeadlockDetected as error:
            raise UnavailableError(
                f"Others wait for what was asked of the database of {self.city}.",
                "Nothing was done: do it again.",
            ) from error
        except psycopg.OperationalError as error:
            if conn.closed:
                raise self._lost("went away") from error
            raise

    def _lost(self, how: str) -> UnavailableError:
        return UnavailableError(
            f"The database of {self.city} {how}.",
            "See that PostgreSQL runs; starting ridecode again starts its own.",
        )

    def close(self) -> None:
        """End all sessions; the last process out stops the server, if ridecode started it."""
        self._pool.close()
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> "Cell":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_cell(data: Path, city: str, *, say: Say = silent) -> Cell:
    """The city's database, made where it is new and brought to the newest schema.

    Starts or joins the server of the data folder; `say` is told of any longer wait.
    """
    if not _CITY.fullmatch(city):
        raise BadInputError(
            f"{city!r} is no id of a city.", "It has 1 to 50 of a-z, 0-9, _ and -, a letter first."
        )
    url = external()
    if url:
        return _open(url, city, None, say)
    server = join(data, say)
    try:
        return _open(
            make_conninfo(host=server.host, port=server.port, user=USER), city, server, say
        )
    except BaseException:
        server.close()
        raise


def external() -> str | None:
    """What RIDECODE_DATABASE_URL says, None where it says nothing; BadInputError for no address."""
    url = os.environ.get(EXTERNAL) or None
    try:
        conninfo_to_dict(url or "")
    except psycopg.ProgrammingError:
        # The driver's own error repeats the text, and a password may be in it.
        raise BadInputError(
            f"{EXTERNAL} is no address of a PostgreSQL server.",
            "Write it as postgresql://user@host:5432/database.",
        ) from None
    return url


def database_of(city: str) -> str:
    """The name of a city's database."""
    return f"ridecode_{city}"


def _open(where: str, city: str, server: Server | None, say: Say) -> Cell:
    database = database_of(city)
    dsn = make_conninfo(where, dbname=database)
    try:
        create_database(where, database)
        migrate(dsn, say=say)
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"The database {database} cannot be had: {str(error).strip()}",
            f"See what {EXTERNAL} says." if server is None else "See that the disk has room.",
        ) from error
    return Cell(city, dsn, server)


def meeting_place(where: str) -> str:
    """The database that is there before any city's: the one that the URL names, or `postgres`."""
    return make_conninfo(where, dbname=conninfo_to_dict(where).get("dbname") or "postgres")


def create_database(where: str, database: str) -> None:
    """Make an empty database where it is not there yet."""
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    with psycopg.connect(meeting_place(where), autocommit=True) as conn:
        if conn.execute(query, [database]).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
            # Another process may be making it at this moment.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                conn.execute(create.format(sql.Identifier(database)))
