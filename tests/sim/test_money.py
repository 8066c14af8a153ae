"""Money from a seed."""

from pathlib import Path
from functools import cache

import pytest

from ridecode.city import Pack
from ridecode.sim.money import simulate
from ridecode.store import Cell
from tests.rides import city

MONEY = "[money]\nservice_fee_per_10000 = 137\nclearing_fee_per_10000 = 61\n"


@pytest.mark.parametrize("seed", range(1, 21))
def test_no_seed_breaks_an_invariant(cell: Cell, tmp_path: Path, seed: int) -> None:
    report = simulate(cell, city.pack(money=MONEY), city.tariffs(), tmp_path, seed)
    print(report.rides, report.orders, report.lines, report.files, report.forged, sum(report.fate.deaths.values()))
    assert report.breaks == ()
