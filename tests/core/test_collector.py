"""The collector is as it was when the last pass has ended, in whatever order they end."""

import gc

import pytest

from ridecode.core import collecting_rarely


def test_passes_that_overlap_leave_the_collector_as_it_was() -> None:
    usual = gc.get_threshold()
    first, second = collecting_rarely(), collecting_rarely()
    first.__enter__()
    rarely = gc.get_threshold()
    assert rarely[0] > usual[0] and rarely[1:] == usual[1:]
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == rarely
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual


def test_a_pass_that_fails_leaves_it_too() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collecting_rarely():
        raise ZeroDivisionError
    assert gc.get_threshold() == usual
