"""The city's clock: begins where it is told, goes forward and never back."""

import time
from pathlib import Path

import pytest

from ridecode.core import MICROS, BadInputError, BusinessCalendar
from ridecode.store import Clock

SHENZHEN = BusinessCalendar(utc_offset_s=8 * 3600, cut_s=4 * 3600)


def test_it_begins_at_the_next_time_of_that_hour(tmp_path: Path) -> None:
    shown = Clock.beginning(tmp_path, SHENZHEN, 63_000, 0).now()
    assert SHENZHEN.iso(shown)[11:16] == "17:30"
    assert 0 <= shown - time.time_ns() // 1_000 <= 86_400 * MICROS


def test_it_begins_after_the_last_tap_of_the_folder(tmp_path: Path) -> None:
    far = time.time_ns() // 1_000 + 40 * 86_400 * MICROS
    assert 60 * MICROS <= Clock.beginning(tmp_path, SHENZHEN, 63_000, far).now() - far < 70 * MICROS


def test_it_goes_forward_by_what_it_is_told() -> None:
    clock = Clock()
    before = clock.now()
    assert 1_740 * MICROS <= clock.advance(1_740) - before < 1_750 * MICROS
    assert 1_740 <= clock.ahead_s <= 1_741


def test_it_runs_faster_from_then_on_and_keeps_what_it_showed() -> None:
    clock = Clock()
    clock.run_at(120)
    fast = clock.now()
    time.sleep(0.1)
    assert 11 * MICROS <= clock.now() - fast < 40 * MICROS
    shown = clock.now()
    clock.run_at(1)
    assert 0 <= clock.now() - shown < 10 * MICROS
    assert clock.speed == 1


@pytest.mark.parametrize("speed", [-1, 0, 121])
def test_it_never_stands_still_nor_flies(speed: int) -> None:
    with pytest.raises(BadInputError):
        Clock().run_at(speed)


@pytest.mark.parametrize("seconds", [-1, 0, 86_401])
def test_it_never_goes_back_nor_far(seconds: int) -> None:
    with pytest.raises(BadInputError):
        Clock().advance(seconds)


def test_every_process_on_a_folder_has_its_time(tmp_path: Path) -> None:
    assert abs(Clock.of_folder(tmp_path).ahead_s) == 0
    one = Clock.beginning(tmp_path, SHENZHEN, 63_000, 0)
    other = Clock.of_folder(tmp_path)
    assert abs(other.now() - one.now()) < MICROS
    for _ in range(20):
        before = other.now()
        one.advance(600)
        assert 600 * MICROS <= other.now() - before < 605 * MICROS
    other.run_at(60)
    assert one.speed == 60


def test_a_file_that_is_no_clock_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text("noon")
    with pytest.raises(BadInputError, match=r"clock\.json is no clock"):
        Clock.of_folder(tmp_path).now()
