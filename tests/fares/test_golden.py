"""The golden tables of tests/fares/golden: prices worked out by hand from the cited rules."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from ridecode.city import Pack, load_pack
from ridecode.core import Ride, RideState, from_iso
from ridecode.fares import (
    NOTHING_EARLIER,
    AccountClass,
    Difference,
    differences,
    explain,
    rate,
    read_tariffs,
)
from tests.fares.world import MINUTE, city, ride

GOLDEN = Path(__file__).parent / "golden"
TABLES = sorted(path.stem for path in GOLDEN.glob("*.txt"))
LEAST = {"graded": 10}
"""Of every shape at least 30 rides; the graded discount is a part of one."""

_STATES = {
    "no-entry": RideState.MISSING_ENTRY,
    "no-exit": RideState.MISSING_EXIT,
    "overtime": RideState.OVERTIME,
}
_START = re.compile(r"(late )?(\S+ \S+)")
_PRICE = re.compile(r"(\d+) = ([\d+-]+)(?:, was (\d+))?")


class Row(NamedTuple):
    """One ride of a table, and what it is to cost."""

    ride: Ride
    late: bool
    amount: int
    lines: list[int]
    was: int | None


def pack_of(name: str, folder: Path) -> Pack:
    first = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()[0]
    if first.startswith("city "):
        return load_pack(first.removeprefix("city "))
    files = {path.stem: path.read_text("utf-8") for path in GOLDEN.glob(f"{name}*.csv")}
    network = GOLDEN / f"{name}-network.toml"
    own = network.read_text("utf-8") if network.exists() else None
    return city(folder, (GOLDEN / f"{name}.toml").read_text("utf-8"), network=own, **files)


def accounts(name: str, pack: Pack) -> list[list[Row]]:
    """The rides of each account of a table, in the order of the file."""
    found: list[list[Row]] = []
    lines = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("=="):
            found.append([])
        elif "|" in line and not line.startswith("#"):
            found[-1].append(_row(number, line, pack))
    return found


def _row(number: int, line: str, pack: Pack) -> Row:
    start, of_line, account, way, minutes, expected, _ = (part.strip() for part in line.split("|"))
    began, priced = _START.fullmatch(start), _PRICE.fullmatch(expected)
    assert began and priced, line
    ts = from_iso(began[2] + "+08:00")
    whole, _, seconds = minutes.partition(":")
    long = int(whole) * MINUTE + int(seconds or 0) * MINUTE // 60
    state, metres, origin, destination = _way(way)
    product = pack.lines[of_line].product if of_line in pack.lines else of_line
    return Row(
        ride(
            number, product=product, line=of_line, account_type=_account_type(account),
            entry_ts=None if way == "no-entry" else ts,
            exit_ts=None if way == "no-exit" else ts + long, distance_m=metres,
            entry_stop=origin, exit_stop=destination, state=state,
        ),
        bool(began[1]), int(priced[1]), [int(n) for n in re.findall(r"-?\d+", priced[2])],
        int(priced[3]) if priced[3] else None,
    )  # fmt: skip


def _way(way: str) -> tuple[RideState, int | None, str, str]:
    first, _, rest = way.partition(" ")
    state = _STATES.get(first, RideState.COMPLETE)
    way = rest if first in _STATES else way
    pair, _, metres = way.partition(" ")
    origin, _, destination = pair.partition(">")
    if destination:
        return state, int(metres) if metres else None, origin, destination
    return state, int(way) if way.isdigit() else None, "from", "to"


def _account_type(name: str) -> int:
    return int(name[5:]) if name.startswith("type ") else AccountClass[name.upper()]


@pytest.mark.parametrize("name", TABLES)
def test_every_ride_costs_what_was_worked_out(name: str, tmp_path: Path) -> None:
    pack = pack_of(name, tmp_path)
    tariffs = read_tariffs(pack)
    tables = accounts(name, pack)

    assert sum(len(rows) for rows in tables) >= LEAST.get(name, 30)
    for rows in tables:
        priced = list(rate(tariffs, NOTHING_EARLIER, [row.ride for row in rows]))
        for row, (price, _) in zip(rows, priced, strict=True):
            found = (price.amount, [line.amount for line in price.lines])
            assert found == (row.amount, row.lines), f"{name}.txt:{row.ride.ride_id.int}"


@pytest.mark.parametrize("name", TABLES)
def test_a_late_ride_changes_the_rides_that_the_table_names(name: str, tmp_path: Path) -> None:
    pack = pack_of(name, tmp_path)
    tariffs = read_tariffs(pack)
    for rows in accounts(name, pack):
        if not any(row.late for row in rows):
            continue
        first = [p for p, _ in rate(tariffs, NOTHING_EARLIER, [r.ride for r in rows if not r.late])]
        then = [p for p, _ in rate(tariffs, NOTHING_EARLIER, [r.ride for r in rows])]
        expected = {
            row.ride.ride_id: row.amount - (row.was or 0)
            for row in rows
            if row.late or row.was is not None
        }
        found = {found.ride_id: found.amount for found in differences(first, then) if _moved(found)}
        assert found == expected


def _moved(found: Difference) -> bool:
    """Whether the amount moved, or the price is new; a total in a text may change alone."""
    return found.before is None or found.amount != 0


@pytest.mark.parametrize("name", TABLES)
def test_every_line_is_explained_in_both_languages(name: str, tmp_path: Path) -> None:
    pack = pack_of(name, tmp_path)
    tariffs = read_tariffs(pack)
    for rows in accounts(name, pack):
        rides = [row.ride for row in rows]
        for one, (price, _) in zip(rides, rate(tariffs, NOTHING_EARLIER, rides), strict=True):
            told = explain(tariffs.at(one.start_ts), price, one)
            assert sum(line.amount for line in told) == price.amount
            assert all(re.search("[一-鿿]", line.words.zh) for line in told)
            assert not any(re.search("[一-鿿，。：]", line.words.en) for line in told)
