"""Every database is brought to the newest schema, once, by whoever opens it first."""

import threading
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ridecode.core import UnavailableError
from ridecode.store import Cell, open_cell
from ridecode.store.migrate import STEPS, steps


def test_a_revision_is_its_file_name_and_follows_the_one_before() -> None:
    """`migrate` finds the newest revision by the names alone."""
    before = None
    for name in steps():
        spec = spec_from_file_location(name, STEPS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        step = module_from_spec(spec)
        spec.loader.exec_module(step)
        assert (step.revision, step.down_revision) == (name, before)
        before = name


def test_a_new_city_is_at_the_newest_revision(data_folder: Path) -> None:
    with open_cell(data_folder, "beijing") as cell, cell.connection() as conn:
        found = conn.execute("SELECT version_num FROM alembic_version").fetchall()
        assert found == [(steps()[-1],)]


def test_a_new_city_may_be_opened_twice_at_the_same_moment(data_folder: Path) -> None:
    opened: list[Cell] = []

    def start() -> None:
        opened.append(open_cell(data_folder, "beijing"))

    starting = [threading.Thread(target=start) for _ in range(3)]
    for one in starting:
        one.start()
    for one in starting:
        one.join()
    for cell in opened:
        cell.close()
    assert len(opened) == 3


def test_what_fails_half_way_leaves_the_schema_as_it_was(
    cell_factory: Callable[[str], Cell], data_folder: Path
) -> None:
    """A table of the last step is in the way of the first one that is missing."""
    cell = cell_factory("beijing")
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = %s", [steps()[0]])
        before = conn.execute("SELECT count(*) FROM pg_class").fetchone()
    with pytest.raises(Exception, match="already exists"):
        open_cell(data_folder, "beijing")
    with cell.connection() as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == (steps()[0],)
        assert conn.execute("SELECT count(*) FROM pg_class").fetchone() == before


def test_a_database_of_a_newer_ridecode_is_refused(cell: Cell, data_folder: Path) -> None:
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(UnavailableError, match="9999_later"):
        open_cell(data_folder, "shenzhen")
