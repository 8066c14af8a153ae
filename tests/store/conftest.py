"""A data folder of the room's own, whose server each test starts and stops: `initdb` is slow."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ridecode.store import open_cell, server_status

if os.geteuid() != 0:
    collect_ignore = ["test_as_root.py"]


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """A data folder with two cities, migrated; its server is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="ridecode-seed-"))
    folder.chmod(0o755)
    for city in ("shenzhen", "guangzhou"):
        open_cell(folder, city).close()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def field() -> Iterator[Path]:
    """A folder that everybody may enter; the mode of no folder above it may change."""
    folder = Path(tempfile.mkdtemp(prefix="ridecode-test-"))
    folder.chmod(0o755)
    before = _modes(folder)
    yield folder
    assert _modes(folder) == before
    shutil.rmtree(folder)


def _modes(folder: Path) -> dict[Path, int]:
    return {one: one.stat().st_mode for one in (folder, *folder.parents)}


@pytest.fixture
def data(seed: Path) -> Iterator[Path]:
    """The seed's folder, for a test that leaves it as it was but for tables of its own."""
    before = _modes(seed)
    yield seed
    assert _modes(seed) == before
    wait_until(lambda: not server_status(seed).running)


def wait_until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, "it did not come about within 30 s"
        time.sleep(0.02)
