"""Server and PostgreSQL killed at random moments under load: what was acknowledged is there."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from ridecode.city import load_pack
from ridecode.core import device
from ridecode.store import open_cell, server_status
from ridecode.taps import Ingest, alarms, quarantined, tap, totals
from tests.taps.fleet import NOW, Gate
from tests.taps.ingesting import BATCH, Journal, started


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_server(data: Path) -> None:
    """The postmaster and every process of its own, none of which may say goodbye."""
    postmaster = server_status(data).pid
    if postmaster is None:
        return
    with suppress(OSError):
        sessions = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, sessions)):
            kill(pid)


def _kill_both(data: Path, pid: int, dice: random.Random) -> None:
    """In either order, at once or one a little later."""
    if dice.randrange(2):
        kill(pid)
    else:
        kill_server(data)
        time.sleep(dice.choice((0, 0, 0.05, 0.2)))
        kill(pid)
    kill_server(data)


def killed_again_and_again(data: Path, times: int, seed: int) -> None:
    dice = random.Random(seed)
    key = device.new_key()
    with open_cell(data, "shenzhen") as cell:
        Gate("g1", key).enrolled(cell)
    acknowledged = 0
    for _ in range(times):
        again = BATCH * dice.randrange(10)
        process = started(data, key, max(acknowledged - again, 0))
        assert process.stdout is not None
        lines = dice.randrange(1, 25)
        for line in process.stdout:
            acknowledged = max(acknowledged, int(line.split()[1]))
            lines -= 1
            if not lines:
                break
        assert not lines, f"seed {seed}: it ended by itself"
        _kill_both(data, process.pid, dice)
        for line in process.stdout:
            acknowledged = max(acknowledged, int(line.split()[1]))
        process.wait(30)
    _nothing_is_lost(data, key, acknowledged, seed)


def _nothing_is_lost(data: Path, key: bytes, acknowledged: int, seed: int) -> None:
    journal = Journal(key)
    with open_cell(data, "shenzhen") as cell:
        before = totals(cell).taps
        assert before >= acknowledged > 0, f"seed {seed}"
        for at in range(acknowledged):
            assert tap(cell, journal.tap(at).tap_id) == journal.tap(at), f"seed {seed}"
        with Ingest(cell, load_pack("shenzhen"), lambda: NOW) as ingest:
            sent = [journal.send(ingest, at) for at in range(0, acknowledged, BATCH)]
            told = Counter(one.receipt.name for future in sent for one in future.result(60))
        assert told == {"DUPLICATE": acknowledged}, f"seed {seed}"
        assert totals(cell).taps == before
        assert (alarms(cell), quarantined(cell)) == ([], [])


def test_killed_five_times(fresh_folder: Path) -> None:
    killed_again_and_again(fresh_folder, 5, seed=1)


@pytest.mark.soak
def test_killed_two_hundred_times(fresh_folder: Path) -> None:
    killed_again_and_again(fresh_folder, 200, seed=random.SystemRandom().randrange(1 << 32))
