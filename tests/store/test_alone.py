"""One at a time is at a work, and whoever works for him counts as he does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest

from ridecode.core import UnavailableError
from ridecode.store import Cell, alone, works_for

WORK = 0x74657374


def waits(dsn: str, came: Event) -> None:
    with alone(dsn, WORK, "a test ran"):
        came.set()


def test_a_second_one_waits_for_the_first(cell: Cell) -> None:
    came = Event()
    with ThreadPoolExecutor(1) as pool:
        with alone(cell.dsn, WORK, "a test ran"):
            waiting = pool.submit(waits, cell.dsn, came)
            assert not came.wait(0.3)
        waiting.result(10)
    assert came.is_set()


def test_who_works_for_somebody_whose_session_is_lost_is_waited_for_too(cell: Cell) -> None:
    came = Event()
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(cell.dsn) as worker:
            with (
                pytest.raises(UnavailableError, match="a test ran"),
                alone(cell.dsn, WORK, "a test ran") as first,
            ):
                works_for(worker, WORK, first.info.backend_pid, "a test ran")
                worker.execute("SELECT pg_terminate_backend(%s, 5000)", (first.info.backend_pid,))
                first.execute("SELECT")
            worker.commit()
            waiting = pool.submit(waits, cell.dsn, came)
            assert not came.wait(0.3)
        waiting.result(10)
    assert came.is_set()


def test_nobody_works_for_a_session_that_is_lost(cell: Cell) -> None:
    with alone(cell.dsn, WORK, "a test ran") as first:
        lost = first.info.backend_pid
    with (
        psycopg.connect(cell.dsn) as worker,
        pytest.raises(UnavailableError, match="lost a session while a test ran"),
    ):
        works_for(worker, WORK, lost, "a test ran")


def test_nobody_works_for_a_session_that_does_something_else(cell: Cell) -> None:
    with (
        alone(cell.dsn, WORK + 1, "a test ran") as other,
        psycopg.connect(cell.dsn) as worker,
        pytest.raises(UnavailableError),
    ):
        works_for(worker, WORK, other.info.backend_pid, "a test ran")
