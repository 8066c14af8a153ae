"""A process that pours a gate's journal into a city, to be killed at any moment.

    python ingesting.py DATA KEY FROM

It sends batches of the journal from the tap with that index on, several at a time, and writes a
line for each that was acknowledged: the index of its first tap and the one behind its last.
"""

import os
import subprocess
import sys
from collections import deque
from concurrent.futures import Future
from pathlib import Path

import ridecode
from ridecode.city import load_pack
from ridecode.core import Tap, chain, device, tap_digest
from ridecode.store import open_cell
from ridecode.taps import ARROW, JSON, Answer, Ingest
from tests.taps.fleet import NOW, Gate

SOURCES, ROOT = Path(ridecode.__file__).parents[1], Path(__file__).parents[2]
BATCH = 20
JOURNAL = 1_000_000


class Journal:
    """The gate's readings, the same in every process, made as far as somebody asks."""

    def __init__(self, key: bytes) -> None:
        self._gate = Gate("g1", key)
        self._heads = [chain.GENESIS]

    def batch(self, first: int) -> device.TapBatch:
        """Taps `first` to `first + BATCH` by index."""
        while len(self._heads) <= first + BATCH:
            (tap,) = self._gate.read(1, ts=NOW).taps
            self._heads.append(chain.link(self._heads[-1], tap_digest(tap)))
        taps = tuple(self._gate.taps[first : first + BATCH])
        return device.TapBatch(device="g1", before=self._heads[first], taps=taps)

    def tap(self, at: int) -> Tap:
        return self.batch(at - at % BATCH).taps[at % BATCH]

    def send(self, ingest: Ingest, first: int) -> "Future[list[Answer]]":
        kind = JSON if first // BATCH % 2 else ARROW
        return self._gate.send(ingest, self.batch(first), kind)


def started(data: Path, key: bytes, first: int) -> "subprocess.Popen[str]":
    """The process, with its lines to be read."""
    path = ":".join([str(SOURCES), str(ROOT), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, __file__, str(data), key.hex(), str(first)],
        stdout=subprocess.PIPE, text=True, cwd="/", env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip


def main(data: Path, key: bytes, first: int) -> None:
    journal = Journal(key)
    with (
        open_cell(data, "shenzhen") as cell,
        Ingest(cell, load_pack("shenzhen"), lambda: NOW) as ingest,
    ):
        waiting: deque[tuple[int, Future[list[Answer]]]] = deque()
        for at in range(first, JOURNAL, BATCH):
            waiting.append((at, journal.send(ingest, at)))
            while len(waiting) > 8 or (waiting and waiting[0][1].done()):
                sent, future = waiting.popleft()
                assert len(future.result(60)) == BATCH
                sys.stdout.write(f"{sent} {sent + BATCH}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3]))
