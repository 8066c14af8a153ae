"""Stops laid along a drawn shape, all at the equator, where a degree is 111,195 m."""

from itertools import pairwise

import pytest

from ridecode.city.shape import stretches
from ridecode.city.track import drawn_m


def metres(stops: list[tuple[float, float]], shape: list[tuple[float, float]]) -> list[int]:
    pieces = stretches(stops, shape)
    return [drawn_m(a, b, piece) for (a, b), piece in zip(pairwise(stops), pieces, strict=True)]


def test_stops_beside_a_bend_get_the_bend() -> None:
    """East 0.01°, north 0.01°: the track is two sides of the triangle."""
    stops = [(0.0, 0.0), (0.01, 0.01)]

    assert metres(stops, [(0.0, 0.0), (0.0, 0.01), (0.01, 0.01)]) == [2224]


def test_a_shape_is_cut_at_the_stops() -> None:
    stops = [(0.0, 0.0), (0.0001, 0.004), (0.0, 0.01)]
    pieces = stretches(stops, [(0.0, 0.0), (0.0, 0.01)])

    assert [point[1] for point in pieces[0]] == pytest.approx([0.0, 0.0, 0.004])
    assert [point[1] for point in pieces[1]] == pytest.approx([0.004, 0.01, 0.01])


def test_a_stop_on_a_later_piece_cuts_that_piece() -> None:
    """East 0.01°, then north 0.01° with the second stop half-way up."""
    stops = [(0.0, 0.0), (0.005, 0.01), (0.01, 0.01)]

    assert metres(stops, [(0.0, 0.0), (0.0, 0.01), (0.01, 0.01)]) == [1668, 556]


def test_a_shape_that_ends_short_is_made_whole_by_straight_gaps() -> None:
    """The shape begins and ends 0.001° short of its stations, and they lie off its line."""
    stops = [(0.001, 0.0), (0.001, 0.01)]
    shape = [(0.0, 0.0), (0.0, 0.01)]

    assert metres(stops, shape) == [111 + 1112 + 111]


def test_where_a_shape_passes_a_stop_twice_the_order_of_stops_decides() -> None:
    """Out and back on one street: the third stop is the first again, 0.02° of track later."""
    out_and_back = [(0.0, 0.0), (0.0, 0.01), (0.0, 0.0)]
    stops = [(0.0, 0.002), (0.0, 0.01), (0.0, 0.002)]

    assert metres(stops, out_and_back) == [890, 890]


def test_a_loop_comes_home_at_the_end_of_its_shape() -> None:
    square = [(0.0, 0.0), (0.0, 0.01), (0.01, 0.01), (0.01, 0.0), (0.0, 0.0)]
    stops = [(0.0, 0.0), (0.01, 0.01), (0.0, 0.0)]

    assert metres(stops, square) == [2224, 2224]


@pytest.mark.parametrize("shape", [[], [(0.0, 0.0)]])
def test_without_a_shape_there_is_no_piece(shape: list[tuple[float, float]]) -> None:
    assert stretches([(0.0, 0.0), (0.0, 0.01), (0.0, 0.02)], shape) == [[], []]


def test_two_stops_on_one_point_of_the_shape_have_no_piece() -> None:
    stops = [(0.0, 0.0), (0.001, 0.005), (-0.001, 0.005), (0.0, 0.01)]

    assert stretches(stops, [(0.0, 0.0), (0.0, 0.01)])[1] == []


def test_a_shape_drawn_the_other_way_gives_no_piece_but_no_wrong_one() -> None:
    backwards = [(0.0, 0.01), (0.0, 0.0)]

    assert metres([(0.0, 0.0), (0.0, 0.01)], backwards) == [1156]


def test_repeated_points_of_a_shape_do_no_harm() -> None:
    shape = [(0.0, 0.0), (0.0, 0.0), (0.0, 0.005), (0.0, 0.005), (0.0, 0.01)]

    assert metres([(0.0, 0.0), (0.0, 0.005), (0.0, 0.01)], shape) == [556, 556]
