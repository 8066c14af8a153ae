"""A follower that is killed, again and again, loses nothing and does nothing twice."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ridecode.core import Tap
from ridecode.rides import Follower
from ridecode.store import Cell
from ridecode.taps import record
from tests.rides.city import LATER, city_taps, emptied, pack, settled, tariffs
from tests.rides.test_order import current

ROOT = Path(__file__).resolve().parents[2]
_FOLLOW = """
import sys, time
from ridecode.rides import Follower
from ridecode.store import Cell
from tests.rides.city import LATER, pack, tariffs
with Cell("shenzhen", sys.argv[1]) as cell, Follower(cell, pack(), tariffs(), lambda: LATER):
    print("follows", flush=True)
    time.sleep(600)
"""


def killed_while_taps_come(cell: Cell, taps: list[Tap], kills: int) -> None:
    """As many followers, one after another, each killed while some of the taps come in."""
    parts = [taps[n::kills] for n in range(kills)]
    for number, part in enumerate(parts):
        command = [sys.executable, "-c", _FOLLOW, cell.dsn]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"follows\n"
            for start in range(0, len(part), 5):
                record(cell, part[start : start + 5])
                time.sleep(0.02)
            time.sleep(0.05 * (number % 5))
            process.send_signal(signal.SIGKILL)


def ends_as_at_once(cell: Cell, kills: int) -> None:
    texts = "7:00 metro+a, 7:20 metro-b, 7:40 bus., 17:00 metro+b, 17:02 metro+c, 17:30 metro-a"
    taps = [
        tap
        for number in range(20 * kills)
        for tap in city_taps(cell, texts, f"{number:04}", 6 * number + 1)
    ]
    killed_while_taps_come(cell, taps, kills)
    with Follower(cell, pack(), tariffs(), lambda: LATER) as follower:
        assert follower.catch_up(60)
    followed = current(cell)
    emptied(cell)
    settled(cell, taps)
    assert current(cell) == followed


def test_killed_three_times(cell: Cell) -> None:
    ends_as_at_once(cell, 3)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_killed_fifty_times(cell: Cell) -> None:
    ends_as_at_once(cell, 50)
