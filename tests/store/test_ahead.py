"""Reading ahead changes nothing but who waits."""

import threading
from collections.abc import Iterator

import pytest

from ridecode.store import ahead, side_by_side


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_the_same_items_in_their_order(count: int) -> None:
    with ahead(range(count)) as reading:
        assert list(reading) == list(range(count))


def test_the_next_is_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for number, one in enumerate(made):
            one.set()
            yield number

    with ahead(items()) as reading:
        assert next(reading) == 0
        assert made[1].wait(10)
        assert not made[2].is_set(), "one ahead and no more, for each may be large"
        assert list(reading) == [1, 2]


def test_what_fails_fails_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    with ahead(items()) as reading:
        assert next(reading) == 1
        with pytest.raises(ValueError, match="the second"):
            next(reading)


def test_whoever_leaves_early_leaves_no_thread() -> None:
    before = threading.active_count()
    with ahead(iter(int, 1)) as reading:
        next(reading)
    assert threading.active_count() == before


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_what_is_made_side_by_side_comes_in_the_order_of_its_items(count: int) -> None:
    with side_by_side(lambda n: -n, range(count), 2) as made:
        assert list(made) == [-n for n in range(count)]


def test_so_many_are_made_at_a_time_and_one_more_than_is_asked_for() -> None:
    both, begun = threading.Barrier(2), list[int]()

    def make(n: int) -> int:
        begun.append(n)
        both.wait(10)
        return n

    with side_by_side(make, range(100), 2) as made:
        assert [next(made), next(made)] == [0, 1]
    assert len(begun) <= 4, "what nobody asks for is not made"


def test_what_fails_side_by_side_fails_in_its_place() -> None:
    with side_by_side(lambda n: 1 // n, [1, 0, 1], 2) as made:
        assert next(made) == 1
        with pytest.raises(ZeroDivisionError):
            next(made)


def test_whoever_leaves_early_leaves_no_thread_side_by_side() -> None:
    before = threading.active_count()
    with side_by_side(str, range(1_000_000), 2) as made:
        next(made)
    assert threading.active_count() == before
