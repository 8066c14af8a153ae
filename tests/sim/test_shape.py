"""The shape of the simulated Shenzhen beside three real sets; limits a little above what is found.

A city of 80 stations elsewhere is no copy of it: the limits say that it is a city, not which.
"""

from pathlib import Path

import numpy as np
import pytest

from ridecode.city import load_pack
from ridecode.sim import Distance, Shape, shape
from ridecode.sim.shape.compare import _busiest, _spread, _variation
from tests.shared import shared
from tests.sim.world import DAY, city

LIMITS = [
    ("hangzhou", "hours of a working day", 0.08),
    ("hangzhou", "hours of a day off", 0.11),
    ("hangzhou", "shares of stations", 0.08),
    ("bengaluru", "hours of a working day", 0.18),
    ("bengaluru", "hours of a day off", 0.15),
    ("bengaluru", "shares of stations", 0.08),
    ("shenzhen", "length of a ride, km", 0.30),
    ("shenzhen", "from entry to exit, min", 0.20),
    ("shenzhen", "stations by name at six", 0.65),
    ("shenzhen at six", "shares of stations", 0.20),
]


@pytest.fixture(scope="module")
def found() -> Shape:
    return shape(city(30_000), DAY, shared("shenzhen").parent)


@pytest.mark.shared
@pytest.mark.parametrize(("real", "what", "limit"), LIMITS)
def test_the_city_is_near_real_ones(found: Shape, real: str, what: str, limit: float) -> None:
    (one,) = [d for d in found.distances if (d.real, d.what) == (real, what)]
    assert 0 <= one.distance <= limit, one


@pytest.mark.shared
def test_every_distance_has_a_limit(found: Shape) -> None:
    def name(one: Distance) -> tuple[str, str]:
        return one.real, one.what

    assert {name(one) for one in found.distances} == {(real, what) for real, what, _ in LIMITS}
    assert not found.absent


def test_an_absent_set_is_told_with_its_reason(tmp_path: Path) -> None:
    told = shape(city(200), DAY, tmp_path)
    assert told.distances == ()
    assert len(told.absent) == 3
    assert all(str(tmp_path) in reason for reason in told.absent)


def test_the_distances_are_what_they_say() -> None:
    one, other = np.array([1.0, 1.0, 0.0]), np.array([0.0, 3.0, 3.0])
    assert _variation(one, one) == 0
    assert _variation(one, other) == pytest.approx(0.5)
    assert _busiest(np.full(50, 2.0)) == pytest.approx(np.linspace(0, 1, 101))
    assert _busiest(np.array([9.0, 1.0]))[50] == pytest.approx(0.9)
    values = np.linspace(0, 10, 1_000)
    same = _spread("x", "y", values, np.ones(1_000), values.tolist())
    assert same.distance < 0.01
    apart = _spread("x", "y", values, np.ones(1_000), (values + 5).tolist())
    assert apart.distance == pytest.approx(0.5, abs=0.01)


def test_the_real_taps_of_shenzhen_say_nothing_of_guangzhou() -> None:
    there = shared("shenzhen").parent
    from ridecode.sim.shape.real import real_sets

    sets, absent = real_sets(there, load_pack("guangzhou"))
    assert [one.name for one in sets] == ["hangzhou", "bengaluru"]
    assert len(absent) == 1
