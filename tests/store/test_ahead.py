"""Reading ahead changes nothing but who waits."""

import threading
from collections.abc import Iterator

import pytest

from ridecode.store import ahead


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
