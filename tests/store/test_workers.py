"""A pool's process ends with whoever started it, even when that was killed with -9."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor
from ridecode.store import end_with_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=end_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


STARTER = """
import subprocess, sys, time
child = "from ridecode.store import end_with_input; end_with_input(); import time; time.sleep(60)"
print(subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("of", [PARENT, STARTER], ids=["a pool's", "a program with a pipe"])
def test_it_ends_with_its_parent(tmp_path: Path, of: str) -> None:
    program = tmp_path / "parent.py"
    program.write_text(of)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = Path(f"/proc/{int(parent.stdout.readline())}")
        assert worker.exists()
        parent.kill()
    end = time.monotonic() + 10
    while worker.exists():
        assert time.monotonic() < end, "the worker outlives its parent"
        time.sleep(0.05)
