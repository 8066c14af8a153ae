"""The pace of a core, by the CPU time of the thread that asks."""

import time

from ridecode.core import hash_ns


def test_a_hash_takes_what_the_thread_worked_for_it() -> None:
    began = time.thread_time_ns()
    told = hash_ns(20_000)
    spent = time.thread_time_ns() - began
    assert spent / 2 < told * 20_000 <= spent
