"""How far passes have come holds in a new PostgreSQL cluster, whose transactions count from 1."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ridecode.core import unseen
from ridecode.rides import Follower
from ridecode.store import Cell, backup, open_cell, restore
from ridecode.taps import record
from tests.rides.city import LATER, city_taps, matched, pack, rated, settled, tariffs
from tests.rides.test_stored import known


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder for a data folder with a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ridecode-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def restored(cell: Cell, data_folder: Path, elsewhere: Path) -> Iterator[Cell]:
    """A city with two rides, of which the second was matched and not priced, in a new cluster."""
    with psycopg.connect(cell.dsn, autocommit=True) as conn:
        # As a cluster that has been in use: the marks of old were such numbers.
        conn.execute(
            """DO $$ BEGIN FOR n IN 1..5000 LOOP
                   PERFORM pg_current_xact_id(); COMMIT;
               END LOOP; END $$"""
        )
    settled(cell, city_taps(cell, "8:00 bus."))
    record(cell, city_taps(cell, "9:00 bus.@m5", first=2))
    matched(cell)
    # A tap that has not been matched.
    record(cell, city_taps(cell, "20:00 bus.", first=3))
    backup(data_folder, elsewhere / "kept.zip", unseen)
    data = elsewhere / "data"
    restore(data, elsewhere / "kept.zip", unseen)
    with open_cell(data, cell.city) as moved:
        with moved.connection() as conn:
            row = conn.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            assert row is not None
            assert row[0] < 5_000
        yield moved


def test_what_was_behind_and_what_comes_is_matched_and_priced_once(restored: Cell) -> None:
    assert known(restored) == "1:COMPLETE 200; 2:COMPLETE -"
    report = rated(restored)
    assert (report.accounts, report.added) == (1, 1)
    assert matched(restored).added == 1
    assert rated(restored).added == 1
    assert matched(restored).accounts == 0
    record(restored, city_taps(restored, "21:00 bus.@m5", first=4))
    assert (matched(restored).added, rated(restored).added) == (1, 1)
    assert known(restored) == "1:COMPLETE 200; 2:COMPLETE 160; 3:COMPLETE 200; 4:COMPLETE 160"


def test_a_follower_goes_on(restored: Cell) -> None:
    with Follower(restored, pack(), tariffs(), lambda: LATER) as follower:
        assert follower.catch_up(30)
        assert known(restored) == "1:COMPLETE 200; 2:COMPLETE 160; 3:COMPLETE 200"
        record(restored, city_taps(restored, "21:00 bus.@m5", first=4))
        assert follower.catch_up(30)
        assert known(restored).endswith("4:COMPLETE 160")
