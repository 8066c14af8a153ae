"""`ridecode backup` and `restore`: a city goes on in its new folder where it was in the old one."""

import json
from pathlib import Path

import pytest

from ridecode.city import Pack, load_pack
from ridecode.core import MICROS, Mode, Tap, TapKind, derived_id, unseen
from ridecode.fares import read_tariffs
from ridecode.rides import latest_rides, prices_of, settle_all
from ridecode.store import Cell, open_cell
from ridecode.taps import new_accounts, record
from tests.cli.running import ridecode

BEGAN = 1_535_760_000 * MICROS
"""2018-09-01T08:00:00+08:00."""
HOUR = 3_600 * MICROS


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("shenzhen")


def _tap(number: int, kind: TapKind, ts: int) -> Tap:
    stop, line = ("sz-luohu", "sz-m1") if kind is TapKind.ENTRY else ("sz-gangxia", "sz-m1")
    return Tap(
        tap_id=derived_id(ts, f"{number} {kind}".encode()), city="shenzhen",
        account=f"31048704{number:011}", account_type=1, ts=ts, kind=kind, mode=Mode.METRO,
        product="metro", operator="shenzhen-metro", line=line, stop=stop, validator=f"{stop}-1",
    )  # fmt: skip


def _settled(cell: Cell, pack: Pack, now: int) -> int:
    report = settle_all(cell, pack, read_tariffs(pack), now, unseen)
    return report.matched.accounts + report.rated.accounts


def _state(cell: Cell) -> list[tuple[object, ...]]:
    found = latest_rides(cell, 1_000)
    prices = prices_of(cell, found)
    return [(ride, prices.get(ride.ride_id)) for ride in found]


def test_a_city_goes_on_where_it_was(
    cell: Cell, pack: Pack, data_folder: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    """Marks hold in the new cluster: nothing is matched or priced twice, nothing is passed over.

    At the moment of the backup some taps are settled, and some only recorded.
    """
    record(cell, [_tap(n, TapKind.ENTRY, BEGAN + n) for n in range(50)])
    record(cell, [_tap(n, TapKind.EXIT, BEGAN + HOUR + n) for n in range(40)])
    _settled(cell, pack, BEGAN + 2 * HOUR)
    waiting = [_tap(n, TapKind.EXIT, BEGAN + HOUR + n) for n in range(40, 50)]
    record(cell, waiting)
    file = tmp_path / "city.zip"
    saved = json.loads(ridecode("backup", str(file), "--data", str(data_folder), "--json").stdout)
    assert "shenzhen" in saved["cities"]
    ran = ridecode("restore", str(file), "--data", str(fresh_folder), "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["rows"] == saved["rows"]
    later = [_tap(n, TapKind.ENTRY, BEGAN + 3 * HOUR + n) for n in range(20)]
    with open_cell(fresh_folder, "shenzhen") as back:
        assert _state(back) == _state(cell)
        with cell.connection() as here, back.connection() as there:
            assert new_accounts(there, 0) == new_accounts(here, 0)
        for one in (back, cell):
            assert _settled(one, pack, BEGAN + 2 * HOUR) > 0, "what waited is not passed over"
            assert _settled(one, pack, BEGAN + 2 * HOUR) == 0, "and not settled twice"
            record(one, later)
            assert _settled(one, pack, BEGAN + 4 * HOUR) > 0
        assert _state(back) == _state(cell)
        assert len(_state(back)) == 70


def test_a_folder_that_is_in_use_is_not_restored_into(
    cell: Cell, data_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "city.zip"
    ridecode("backup", str(file), "--data", str(data_folder), "--json")
    ran = ridecode("restore", str(file), "--data", str(data_folder), "--json")
    assert ran.returncode == 5
    assert "not empty" in json.loads(ran.stderr)["error"]["what"]


def test_people_are_told_what_was_saved(cell: Cell, data_folder: Path, tmp_path: Path) -> None:
    ran = ridecode("backup", str(tmp_path / "city.zip"), "--data", str(data_folder))
    assert ran.returncode == 0
    assert "已备份 · saved" in ran.stdout
