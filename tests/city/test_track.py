"""The three rules of track lengths, on the sphere and by hand."""

from pathlib import Path

import pytest
from tests.city import tiny

from ridecode.city import load_pack
from ridecode.city.track import drawn_m, great_circle_m, score, undrawn_m

DEGREE_M = 111_195.08
"""A degree of a great circle of the mean earth: 6,371,008.8 m × π / 180."""


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0.0),
        ((0.0, 0.0), (1.0, 0.0), DEGREE_M),
        ((0.0, 0.0), (0.0, 1.0), DEGREE_M),
        # 2 asin(cos 60° × sin 0.5°) × 6,371,008.8 m
        ((60.0, 10.0), (60.0, 11.0), 55_597.0),
        ((0.0, 0.0), (0.0, 180.0), 180 * DEGREE_M),
        ((0.0, 179.5), (0.0, -179.5), DEGREE_M),
        ((90.0, 0.0), (-90.0, 0.0), 180 * DEGREE_M),
        # Nashville to Los Angeles, the usual example of the haversine formula.
        ((36.12, -86.67), (33.94, -118.40), 2_886_448.4),
    ],
)
def test_great_circle(a: tuple[float, float], b: tuple[float, float], metres: float) -> None:
    assert great_circle_m(a, b) == pytest.approx(metres, rel=1e-5, abs=1e-6)
    assert great_circle_m(b, a) == pytest.approx(metres, rel=1e-5, abs=1e-6)


A, B = (0.0, 0.0), (0.0, 0.01)
"""Two stations 1,111.95 m apart on the equator."""


@pytest.mark.parametrize(
    ("polyline", "metres"),
    [
        pytest.param([], 1156, id="no track: the great circle by 1.04 (1,156.43)"),
        pytest.param([A, B], 1112, id="straight"),
        pytest.param([A, (0.01, 0.0), (0.01, 0.01), B], 3336, id="around three sides of a square"),
        pytest.param([(0.0, 0.002), (0.0, 0.004)], 1112, id="never below the straight line"),
        pytest.param([A], 1112, id="a single point"),
    ],
)
def test_a_segment(polyline: list[tuple[float, float]], metres: int) -> None:
    assert drawn_m(A, B, polyline) == metres


def test_a_segment_is_at_least_a_metre() -> None:
    assert drawn_m(A, A, []) == 1
    assert drawn_m(A, A, [A, A]) == 1


def test_a_line_of_which_only_the_stations_are_known() -> None:
    assert undrawn_m([A, B, (0.01, 0.01)]) == (1156, 1156)
    assert undrawn_m([A]) == ()


def test_published_metres_stand_and_missing_ones_are_made(tmp_path: Path) -> None:
    given = load_pack(tiny.write(tmp_path))
    assert given.lines["m1"].track_m == (1120, 1130)

    track = tiny.NETWORK[tiny.NETWORK.index("track_m") :]
    made = load_pack(tiny.write(tmp_path, network=tiny.NETWORK.replace(track, "")))
    assert made.lines["m1"].track_m == (1156, 1156)


def test_score() -> None:
    found = score([(90, 100), (220, 200), (300, 300)])

    assert found.segments == 3
    assert found.bias == pytest.approx(10 / 3)
    assert found.mean_error == pytest.approx(10)
    assert found.worst == 20
    assert found.ratio == pytest.approx(610 / 600)
