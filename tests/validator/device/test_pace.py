"""A lane's pace and a sender's patience. Times in seconds."""

import random

import pytest

from ridecode.validator.device.pace import BackOff, Pace


def test_a_burst_passes_and_a_flood_is_held_to_the_rate() -> None:
    pace = Pace(per_s=10, at_once=20)
    assert sum(pace.allows(100.0) for _ in range(50)) == 20
    assert sum(pace.allows(100.0 + n / 1_000) for n in range(1_000)) == 9
    assert sum(pace.allows(1_000.0) for _ in range(50)) == 20


def test_riders_one_a_second_are_never_held_up() -> None:
    pace = Pace()
    assert all(pace.allows(float(n)) for n in range(10_000))


@pytest.mark.parametrize("seed", range(20))
def test_waiting_grows_to_its_limit_and_never_to_less_than_half(seed: int) -> None:
    back_off = BackOff(0.5, 120.0, random.Random(seed))
    for failures in range(60):
        whole = min(0.5 * 2**failures, 120.0)
        assert whole / 2 <= back_off.failed() <= whole
    back_off.succeeded()
    assert back_off.failed() <= 0.5
