"""Distances and ways on small networks drawn by hand."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.city import Network


@dataclass(frozen=True)
class Rail:
    """A line as the network needs to know it."""

    id: str
    stops: tuple[str, ...]
    track_m: tuple[int, ...]
    loop: bool = False
    product: str = "metro"


#        c
#      /   \          one: a b c d, 100 metres each
#  a—b       d—e      two: b d e, 200 and 50 metres: as long as over c, with no change to e
#
ONE = Rail("one", ("a", "b", "c", "d"), (100, 100, 100))
TWO = Rail("two", ("b", "d", "e"), (200, 50))
RING = Rail("ring", ("p", "q", "r", "s"), (10, 20, 30, 25), loop=True)
BUS = Rail("bus", ("a", "x", "e"), (60, 70), product="bus")


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ("a", "a", 0),
        ("a", "b", 100),
        ("a", "c", 200),
        ("a", "d", 300),
        ("a", "e", 350),
        ("c", "e", 150),
        ("b", "e", 250),
    ],
)
def test_metres_of_the_shortest_way_both_ways(a: str, b: str, metres: int) -> None:
    network = Network([ONE, TWO])

    assert network.distance_m(a, b) == network.distance_m(b, a) == metres


def test_the_shorter_side_of_a_loop_is_taken() -> None:
    network = Network([RING])

    assert network.distance_m("p", "s") == 25
    assert network.distance_m("p", "r") == 30
    assert network.distance_m("q", "s") == 35
    assert network.route("q", "s") == (("ring", ("q", "p", "s")),)


def test_a_line_may_call_at_a_stop_twice() -> None:
    lasso = Rail("lasso", ("a", "b", "c", "d", "b"), (5, 10, 10, 10))

    assert Network([lasso]).distance_m("a", "d") == 15


def test_among_ways_of_one_length_the_one_with_fewest_changes_is_told() -> None:
    network = Network([ONE, TWO])

    assert network.route("a", "e") == (("one", ("a", "b")), ("two", ("b", "d", "e")))
    assert network.route("e", "b") == (("two", ("e", "d", "b")),)
    assert network.route("a", "d") == (("one", ("a", "b", "c", "d")),)


def test_fewer_changes_never_cost_a_metre() -> None:
    slow = Rail("slow", ("a", "d"), (301,))

    assert Network([ONE, slow]).route("a", "d") == (("one", ("a", "b", "c", "d")),)
    assert Network([ONE, slow]).distance_m("a", "d") == 300


def test_a_change_that_comes_early_is_no_worse_than_one_that_comes_late() -> None:
    """Two parallel lines between y and z, of which only one leads on: it is boarded in time."""
    left = Rail("aa", ("y", "z"), (10,))
    right = Rail("bb", ("y", "z", "w"), (10, 10))

    assert Network([left, right]).route("y", "w") == (("bb", ("y", "z", "w")),)


def test_products_have_ways_of_their_own() -> None:
    network = Network([ONE, TWO, BUS])

    assert network.distance_m("a", "e") == 130
    assert network.distance_m("a", "e", "bus") == 130
    assert network.distance_m("a", "e", "metro") == 350
    assert network.distance_m("b", "x", "metro") is None
    assert network.distance_m("b", "x") == 160
    assert network.route("a", "e", "metro")[0][0] == "one"


def test_what_is_not_on_the_network_has_no_distance() -> None:
    network = Network([ONE, RING])

    assert network.distance_m("a", "p") is None
    assert network.distance_m("a", "nowhere") is None
    assert network.distance_m("nowhere", "a") is None
    assert network.distance_m("nowhere", "nowhere") is None
    assert network.distance_m("a", "b", "tram") is None
    assert network.route("a", "p") == ()
    assert network.route("a", "nowhere") == ()
    assert network.route("nowhere", "a") == ()
    assert network.route("a", "a") == ()
    assert network.route("a", "b", "tram") == ()


def test_parts_are_counted_by_product() -> None:
    network = Network([ONE, TWO, RING, BUS])

    assert network.parts("metro") == 2
    assert network.parts("bus") == 1
    assert network.parts("tram") == 0


@st.composite
def rails(draw: st.DrawFn) -> list[Rail]:
    """A few lines over eight stops, with rings, parallels and parts among them."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        stops = draw(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=6, unique=True))
        loop = draw(st.booleans()) and len(stops) > 2
        count = len(stops) if loop else len(stops) - 1
        metres = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
        made.append(Rail(f"l{number}", tuple(stops), tuple(metres), loop))
    return made


def edges(lines: list[Rail]) -> dict[tuple[str, str, str], int]:
    """Metres between neighbours by line, both ways; of two segments the shorter."""
    found: dict[tuple[str, str, str], int] = {}
    for line in lines:
        ends = (*line.stops[1:], line.stops[0])
        for a, b, metres in zip(line.stops, ends, line.track_m, strict=False):
            for key in ((line.id, a, b), (line.id, b, a)):
                found[key] = min(metres, found.get(key, metres))
    return found


@given(rails())
def test_distances_are_a_metric(lines: list[Rail]) -> None:
    network = Network(lines)
    far = 10**6
    table = {
        (a, b): far if (m := network.distance_m(a, b)) is None else m
        for a in "abcdefgh"
        for b in "abcdefgh"
    }
    for a in "abcdefgh":
        for b in "abcdefgh":
            assert table[a, b] == table[b, a]
            for c in "abcdefgh":
                assert table[a, c] <= table[a, b] + table[b, c]


@given(rails(), st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))
def test_a_way_is_as_long_as_its_distance_and_hangs_together(
    lines: list[Rail], a: str, b: str
) -> None:
    network = Network(lines)
    metres = edges(lines)
    way = network.route(a, b)
    if a == b or network.distance_m(a, b) is None:
        assert way == ()
        return

    walked = [(line, x, y) for line, stops in way for x, y in pairwise(stops)]

    assert sum(metres[step] for step in walked) == network.distance_m(a, b)
    assert walked[0][1] == a
    assert walked[-1][2] == b
    assert all(left[2] == right[1] for left, right in pairwise(walked))
    assert all(one[0] != two[0] for one, two in pairwise(way))


@given(rails())
def test_the_shortest_way_is_that_of_another_method(lines: list[Rail]) -> None:
    """Floyd and Warshall's three loops share nothing with the search that is tested."""
    far = 10**6
    stops = sorted({stop for line in lines for stop in line.stops})
    table = {(a, b): 0 if a == b else far for a in stops for b in stops}
    for (_, a, b), metres in edges(lines).items():
        table[a, b] = min(table[a, b], metres)
    for middle in stops:
        for a in stops:
            for b in stops:
                table[a, b] = min(table[a, b], table[a, middle] + table[middle, b])

    network = Network(lines)
    for (a, b), metres in table.items():
        assert network.distance_m(a, b) == (None if metres == far else metres)
