"""The quickest way, and the vehicles that run: on lines small enough to reckon by hand."""

import numpy as np
import pytest

from ridecode.city import Line, load_pack
from ridecode.core import Mode, Words
from ridecode.sim.timetable import Timetable
from ridecode.sim.ways import Course, Ways, courses, run_s
from ridecode.sim.world import World


def _line(name: str, stops: str, metres: tuple[int, ...], *, loop: bool = False) -> Line:
    return Line(
        id=name, name=Words(name, name), number=name, mode=Mode.METRO, product="metro",
        operator="o", colour="#000000", stops=tuple(stops), track_m=metres, loop=loop,
    )  # fmt: skip


def _ways(*lines: Line) -> tuple[Ways, str]:
    stops = "".join(dict.fromkeys(stop for line in lines for stop in line.stops))
    return Ways(tuple(stops), [course for line in lines for course in courses(line)]), stops


def test_a_run_is_the_way_at_50_km_an_hour_and_half_a_minute() -> None:
    assert run_s(1_390) == 130


CROSS = (_line("1", "abcd", (1_390, 1_390, 1_390)), _line("2", "xcy", (1_390, 1_390)))


@pytest.mark.parametrize(
    ("way", "seconds", "trains"),
    [
        ("ab", 130, 1),
        ("ad", 390, 1),
        ("da", 390, 1),
        ("ax", 260 + 240 + 130, 2),
        ("yx", 260, 1),
        ("aa", 0, 0),
    ],
)
def test_the_quickest_way(way: str, seconds: int, trains: int) -> None:
    ways, stops = _ways(*CROSS)
    row = stops.index(way[0]) * len(stops) + stops.index(way[1])
    assert (int(ways.seconds[row]), int(ways.trains[row])) == (seconds, trains)


def test_a_train_is_boarded_where_it_is_by_then() -> None:
    """b is 130 s from the end a; from the other end d it is 260 s."""
    ways, stops = _ways(*CROSS)
    there = stops.index("b") * len(stops) + stops.index("d")
    back = stops.index("b") * len(stops) + stops.index("a")
    assert ways.board_s[there, 0] == 130
    assert ways.board_s[back, 0] == 260
    assert ways.course[there, 0] != ways.course[back, 0]


def test_a_loop_leads_around_its_end() -> None:
    ways, stops = _ways(_line("1", "abcd", (1_390,) * 4, loop=True))
    row = stops.index("d") * len(stops) + stops.index("a")
    assert (int(ways.seconds[row]), int(ways.trains[row])) == (130, 1)


@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_everybody_gets_everywhere_in_a_real_city(city: str) -> None:
    world = World(load_pack(city), 1, 8)
    n = len(world.stops)
    reached = (world.ways.trains > 0).reshape(n, n)
    assert reached.sum() == n * n - n
    assert not reached.diagonal().any()
    pace = world.metres[reached] / world.ways.seconds.reshape(n, n)[reached]
    assert 5 < np.median(pace) < 12, "18 to 43 km/h, changes counted in"


FAR = [Course("1", ("a", "b"), (0, 600), 0), Course("1", ("b", "a"), (0, 600), 0)]


def _board(late_ppm: int, course: int, offset: int, at: int) -> tuple[bool, int]:
    one = np.array([0])
    table = Timetable(FAR, ((36_000, 37_000, 500),), late_ppm, "t")
    found = table.board(one + course, one + offset, one + at)
    return bool(found.runs[0]), int(found.at_s[0])


def test_the_next_vehicle_is_boarded() -> None:
    runs, at_s = _board(0, 0, 0, 36_100)
    assert runs
    assert 36_500 <= at_s < 36_540, "10:08:20, up to 40 s late"
    assert 36_600 <= _board(0, 0, 600, 36_100)[1] < 36_640, "the first of the day, ten minutes on"
    assert not _board(0, 1, 600, 37_200)[0], "the last has left"


def test_none_overtakes_however_late_they_are() -> None:
    table = Timetable(FAR, ((0, 36_000, 120),), 500_000, "t")
    at = np.arange(0, 30_000, 7)
    boarded = table.board(np.zeros_like(at), np.zeros_like(at), at)
    assert (np.diff(boarded.at_s) >= 0).all()
    assert (np.diff(boarded.trip) >= 0).all()
    assert (boarded.at_s - boarded.trip * 120).max() > 500
