"""What processes have spent is told while threads and processes begin and end."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ridecode.store.spent import children_of, family_cpu_s

RESTLESS = """
import subprocess, sys, threading, time
print(flush=True)
def begin_and_end():
    while True:
        thread = threading.Thread(target=time.sleep, args=(0.0005,))
        thread.start()
        thread.join()
for _ in range(4):
    threading.Thread(target=begin_and_end, daemon=True).start()
while True:
    subprocess.run(["true"])
"""


@pytest.fixture
def restless() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", RESTLESS], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_threads_and_children_that_end_meanwhile(restless: int) -> None:
    until = time.monotonic() + 1
    spent, children = family_cpu_s(restless), set[int]()
    while time.monotonic() < until:
        children.update(children_of(restless))
        spent = max(spent, family_cpu_s(restless))
    assert children
    assert spent > 0


def test_who_has_ended_has_no_children_and_spends_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert not list(children_of(process.pid))
    assert family_cpu_s(process.pid) == 0
