"""The draws: SplitMix64 as published, fair enough, and by weight."""

import numpy as np
import pytest

from ridecode.sim.chance import Rows, below, draw, draws, happens, key, pick


def test_the_draws_are_those_of_splitmix64_from_state_0() -> None:
    """The first five of the reference implementation."""
    assert [f"{bits:016x}" for bits in draws(0, np.arange(1, 6)).tolist()] == [
        "e220a8397b1dcdaf", "6e789e6aa1b965f4", "06c45d188009454f", "f88bb8a8724c81ec",
        "1b39896a51a8749b",
    ]  # fmt: skip


def test_a_draw_does_not_hang_on_its_neighbours() -> None:
    numbers = np.arange(1_000)
    whole = draws(9, numbers)
    assert (draws(9, numbers[::-1])[::-1] == whole).all()
    assert [draw(9, at) for at in (0, 1, 999)] == whole[[0, 1, 999]].tolist()


def test_keys_tell_names_apart_and_stay() -> None:
    assert key(1, "a", 2) == 0xA5F6CF5A1FA8C8D8
    assert len({key(1, "a"), key(1, "b"), key(2, "a"), key("1a"), key(1, "a", 0)}) == 5


@pytest.mark.parametrize("most", [1, 2, 7, 1_000_000, (1 << 31) - 1])
def test_below_stays_below_and_is_fair(most: int) -> None:
    found = below(draws(3, np.arange(100_000)), most)
    assert found.min() >= 0
    assert found.max() < most
    if most > 1:
        assert abs(found.mean() / ((most - 1) / 2) - 1) < 0.01


def test_chances_happen_as_often_as_they_say() -> None:
    assert happens(draws(4, np.arange(1_000_000)), 1_500).sum() == pytest.approx(1_500, rel=0.1)
    assert not happens(draws(4, np.arange(1_000)), 0).any()


def test_picking_follows_the_weights() -> None:
    found = np.bincount(pick(np.cumsum([1, 0, 3]), draws(5, np.arange(40_000))), minlength=3)
    assert found[1] == 0
    assert found[2] / found[0] == pytest.approx(3, rel=0.05)


def test_each_row_has_its_own_weights() -> None:
    rows = Rows(np.array([[0, 1, 0], [5, 0, 5], [1, 1, 2]]))
    which = np.arange(90_000) % 3
    found = rows.pick(which, draws(6, np.arange(90_000)))
    assert set(found[which == 0].tolist()) == {1}
    assert set(found[which == 1].tolist()) == {0, 2}
    assert np.bincount(found[which == 2])[2] / 30_000 == pytest.approx(0.5, rel=0.05)
