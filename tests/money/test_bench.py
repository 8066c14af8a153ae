"""The bench of a city's day in small: every stage is told, and the day is whole."""

import pytest

from ridecode.core import unseen
from ridecode.money import bench_city_day


def test_the_bench_in_small_tells_every_stage_of_the_day() -> None:
    found = bench_city_day(unseen, (500,))
    stages = [one.stage for one in found.steps]
    assert stages == ["rate", "book and work", "close", "file and seal", "all"]
    assert {one.rides for one in found.steps} == {500}
    assert found.steps[-1].us == pytest.approx(sum(one.us for one in found.steps[:-1]))
    assert min(one.hash_ns for one in found.steps) > 0
    assert (found.riders, found.files) == (200, 1)
    # Some ride for nothing; of all others the fare and the charge are in the file, for as much.
    assert 400 < found.orders < 500
    assert found.lines == 2 * found.orders
    assert found.fares_fen == found.charges_fen > 0
    assert [bar.sense for bar in found.bars] == ["≤", "≥", "≤", "≤"]
