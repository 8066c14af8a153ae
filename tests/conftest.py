"""A real PostgreSQL for every test that asks: one server a worker, a fresh database a test.

`cell` is one city's migrated database; `cell_factory` makes one of any city; `data_folder` is
the folder to name with `--data`, on whose running server the test's own commands open theirs;
`fresh_folder` is one with nothing in it, for what must start a server of its own.

To make a database takes a quarter of a second, to empty one a tenth of that: so Shenzhen's is
emptied and set aside for the next test, where its schema is still that of the template.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from ridecode.store import Cell, open_cell
from ridecode.store.cell import EXTERNAL
from ridecode.store.launcher import USER, join
from ridecode.store.vault import PASSPHRASE

TEMPLATE = "ridecode_template"
KEPT = "kept_shenzhen"

# No setting of the machine reaches a test.
for name in (EXTERNAL, PASSPHRASE):
    os.environ.pop(name, None)


# How long an example takes tells of the machine's other guests, and not of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first: they would end alone."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/sim/test_money", "tests/web/")))


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """The data folder of this worker's server, with a migrated database to copy from."""
    # Not pytest's own folder: that one is closed to `nobody`, as whom the server of root runs.
    folder = Path(tempfile.mkdtemp(prefix="ridecode-test-"))
    folder.chmod(0o755)
    share = join(folder)
    open_cell(folder, TEMPLATE.removeprefix("ridecode_")).close()
    with _maintenance(folder) as conn:
        # A power cut would lose something, a kill of any process does not: to make and drop a
        # thousand databases is three times as fast. What starts servers of its own keeps it on.
        conn.execute("ALTER SYSTEM SET fsync = off")
        conn.execute("SELECT pg_reload_conf()")
    yield folder
    share.close()
    shutil.rmtree(folder)


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    """An empty data folder, which `nobody` may reach; a server in it costs a second or two."""
    folder = Path(tempfile.mkdtemp(prefix="ridecode-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_folder(server_folder: Path) -> Iterator[Path]:
    """A data folder whose server runs and holds no city; afterwards its cities are gone, and
    whatever else was put into it."""
    before = set(server_folder.iterdir())
    yield server_folder
    for left in set(server_folder.iterdir()) - before:
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    with _maintenance(server_folder) as conn:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'ridecode\\_%'"
        for (name,) in conn.execute(query).fetchall():
            if name == "ridecode_shenzhen" and _emptied(conn, name):
                conn.execute(f"ALTER DATABASE {name} RENAME TO {KEPT}")
            elif name != TEMPLATE:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                conn.execute(drop.format(sql.Identifier(name)))


_SHAPE = """
SELECT md5(string_agg(told, E'\\n' ORDER BY told)) FROM (
    SELECT format('%s %s %s', relname, relkind, relnatts) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s %s', attrelid::regclass, attname, atttypid) FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT format('%s %s', proname, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('at %s', version_num) FROM alembic_version) AS shape (told)"""
"""What a database's schema is, in one hash."""


@cache
def _shape_of_template(where: str) -> str:
    with psycopg.connect(where, dbname=TEMPLATE) as conn:
        return str(conn.execute(_SHAPE.encode()).fetchone())


def _emptied(server: psycopg.Connection[TupleRow], name: str) -> bool:
    """Whether a database is as a new one now; False where its schema was changed."""
    kept = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (KEPT,)).fetchone()
    if kept is not None:
        return False
    server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
    )
    where = server.info.dsn
    with psycopg.connect(where, dbname=name) as conn:
        if str(conn.execute(_SHAPE.encode()).fetchone()) != _shape_of_template(where):
            return False
        tables = [
            row[0]
            for row in conn.execute(
                """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                   AND relkind = 'r' AND relname <> 'alembic_version'"""
            )
        ]
        filled = " UNION ALL ".join(
            f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in tables
        )
        names = ", ".join(row[0] for row in conn.execute(filled.encode()))
        conn.execute("SET session_replication_role = replica")
        if names:
            conn.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        for (sequence,) in conn.execute(
            "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
        ).fetchall():
            conn.execute(f"ALTER SEQUENCE {sequence} RESTART".encode())
    return True


@pytest.fixture
def cell_factory(data_folder: Path) -> Iterator[Callable[[str], Cell]]:
    """Makes the empty, migrated cell of a city; it is closed after the test."""
    made: list[Cell] = []

    def make(city: str) -> Cell:
        with _maintenance(data_folder) as conn:
            has_kept = "SELECT 1 FROM pg_database WHERE datname = %s"
            if city == "shenzhen" and conn.execute(has_kept, (KEPT,)).fetchone() is not None:
                conn.execute(f"ALTER DATABASE {KEPT} RENAME TO ridecode_shenzhen")
            else:
                create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                names = (sql.Identifier(f"ridecode_{city}"), sql.Identifier(TEMPLATE))
                conn.execute(create.format(*names))
        made.append(open_cell(data_folder, city))
        return made[-1]

    yield make
    for cell in made:
        cell.close()


@pytest.fixture
def cell(cell_factory: Callable[[str], Cell]) -> Cell:
    """The empty, migrated cell of Shenzhen."""
    return cell_factory("shenzhen")


@contextmanager
def _maintenance(folder: Path) -> Iterator[psycopg.Connection[TupleRow]]:
    """A session outside of all cities."""
    try:
        conn = psycopg.connect(_where(folder), autocommit=True)
    except psycopg.OperationalError:
        # A test has stopped the server.
        _where.cache_clear()
        conn = psycopg.connect(_where(folder), autocommit=True)
    with conn:
        yield conn


@cache
def _where(folder: Path) -> str:
    """The server of a folder, in which `server_folder` has a share as long as it is used."""
    share = join(folder)
    share.close()
    return make_conninfo(host=share.host, port=share.port, user=USER, dbname="postgres")
