"""The log: dense offsets in the order of the commits, and each batch's effect exactly once."""

from threading import Event, Thread

import pytest

from ridecode.store import Cell, log


def test_offsets_have_no_gap_and_topics_are_apart(cell: Cell) -> None:
    with cell.connection() as conn:
        assert log.append(conn, "a", [b"1", b"2"], key="k") == 2
        assert log.append(conn, "b", [b"x"]) == 1
        assert log.append(conn, "a", []) == 0
        assert log.append(conn, "a", [b"3"]) == 3
    with cell.connection() as conn:
        assert log.read(conn, "a", 0) == [
            log.Batch(1, "k", b"1"), log.Batch(2, "k", b"2"), log.Batch(3, "", b"3"),
        ]  # fmt: skip
        assert log.read(conn, "a", 1, most=1) == [log.Batch(2, "k", b"2")]
        assert (log.last(conn, "a"), log.last(conn, "nothing")) == (3, 0)


def test_what_is_rolled_back_leaves_no_hole(cell: Cell) -> None:
    with pytest.raises(ZeroDivisionError), cell.connection() as conn:
        log.append(conn, "a", [b"lost"])
        raise ZeroDivisionError
    with cell.connection() as conn:
        assert log.append(conn, "a", [b"kept"]) == 1


def test_a_second_writer_waits_so_that_no_reader_passes_anything_over(cell: Cell) -> None:
    appended, go_on, done = Event(), Event(), Event()

    def slow() -> None:
        with cell.connection() as conn:
            log.append(conn, "a", [b"slow"])
            appended.set()
            go_on.wait(10)

    def quick() -> None:
        appended.wait(10)
        with cell.connection() as conn:
            log.append(conn, "a", [b"quick"])
        done.set()

    threads = [Thread(target=slow), Thread(target=quick)]
    for thread in threads:
        thread.start()
    appended.wait(10)
    assert not done.wait(0.2), "the second writer overtook the first"
    with cell.connection() as conn:
        assert log.read(conn, "a", 0) == []
    go_on.set()
    for thread in threads:
        thread.join(10)
    with cell.connection() as conn:
        assert [batch.body for batch in log.read(conn, "a", 0)] == [b"slow", b"quick"]


def test_a_consumer_that_dies_before_its_commit_sees_the_batch_again(cell: Cell) -> None:
    with cell.connection() as conn:
        log.append(conn, "a", [b"1"])
    with pytest.raises(ZeroDivisionError), cell.connection() as conn:
        at = log.mark(conn, "reader", "a")
        log.set_mark(conn, "reader", "a", log.read(conn, "a", at)[-1].offset)
        raise ZeroDivisionError
    with cell.connection() as conn:
        assert log.mark(conn, "reader", "a") == 0
        log.set_mark(conn, "reader", "a", 1)
    with cell.connection() as conn:
        assert log.mark(conn, "reader", "a") == 1
        assert log.mark(conn, "another", "a") == 0
