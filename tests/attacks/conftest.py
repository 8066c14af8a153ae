"""A road for every test: its own city on a real database, its own folders."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ridecode.store import Cell
from tests.attacks.world import Road


@pytest.fixture
def road(cell: Cell, tmp_path: Path) -> Iterator[Road]:
    with Road(cell, tmp_path) as made:
        yield made
