"""A real PostgreSQL for every test that asks: one server a worker, a fresh database a test.

`cell` is one city's migrated database; `cell_factory` makes one of any city; `data_folder` is
the folder to name with `--data`, on whose running server the test's own commands open theirs;
`fresh_folder` is one with nothing in it, for what must start a server of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from ridecode.store import Cell, open_cell
from ridecode.store.cell import EXTERNAL
from ridecode.store.launcher import USER, join
from ridecode.store.vault import PASSPHRASE

TEMPLATE = "ridecode_template"

# No setting of the machine reaches a test.
for name in (EXTERNAL, PASSPHRASE):
    os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's files come first: they are the longest, and would end alone."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/web/"))


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
    """A data folder whose server runs and holds no city; afterwards its cities are gone."""
    yield server_folder
    with _maintenance(server_folder) as conn:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'ridecode\\_%'"
        for (name,) in conn.execute(query).fetchall():
            if name != TEMPLATE:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                conn.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def cell_factory(data_folder: Path) -> Iterator[Callable[[str], Cell]]:
    """Makes the empty, migrated cell of a city; it is closed after the test."""
    made: list[Cell] = []

    def make(city: str) -> Cell:
        with _maintenance(data_folder) as conn:
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
    share = join(folder)
    where = make_conninfo(host=share.host, port=share.port, user=USER, dbname="postgres")
    with psycopg.connect(where, autocommit=True) as conn:
        yield conn
    share.close()
