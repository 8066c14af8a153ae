"""The close of a day, killed at random moments, ends in what it would have ended in at once."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from ridecode.money import book_fares
from ridecode.money.channels import top_up
from ridecode.money.ledger import trial_balance
from ridecode.store import Cell, open_cell, server_status
from tests.money.channels.scripted import (
    CALENDAR,
    DAY,
    Scripted,
    debts,
    ledger,
    signed,
    worked,
)
from tests.rides.city import city_taps, pack, rated, settled, tariffs_with
from tests.taps.test_killed import kill_server

ROOT = Path(__file__).resolve().parents[2]
MORNING, EVENING = CALENDAR.starts(DAY), CALENDAR.starts(DAY + 1) - 1


def a_large_day(cell: Cell, riders: int) -> None:
    """Some pay by a channel, some by a wallet that may not suffice, some have agreed to nothing
    until the evening; then everything becomes dearer or cheaper, and is not booked yet."""
    taps = [
        tap
        for n in range(riders)
        for tap in city_taps(cell, "7:00 bus., 9:00 metro+a, 9:20 metro-b, 20:00 bus.", f"{n}",
                             first=4 * n + 1)
    ]  # fmt: skip
    for n in range(0, riders, 2):
        signed(cell, f"{n}", "wallet" if n % 4 else "wechat", MORNING)
        if n % 4:
            top_up(cell, CALENDAR, ledger(), f"{n}", "wechat", f"{n}", 100 * (n % 9 + 1), MORNING)
    settled(cell, taps)
    book_fares(cell, pack(), EVENING)
    worked(cell, Scripted(), EVENING)
    for n in range(1, riders, 4):
        signed(cell, f"{n}", "wechat" if n % 3 else "wallet", EVENING)
    rated(cell, tariffs_with("amount = 200", "amount = 150"))


def started(data: Path, folder: Path) -> subprocess.Popen[str]:
    """A process that closes the day, once it has begun."""
    command = [sys.executable, "-m", "tests.money.closing_killed", str(data), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def copied(data: Path, place: Path) -> Path:
    """A data folder with all its owners."""
    subprocess.run(["/bin/cp", "-a", data, place], check=True)
    return place


def killed_until_done(
    data: Path, folder: Path, dice: random.Random, length_s: float, most: int
) -> int:
    """Close the day, killing it and its server up to so often; how often that was."""
    kills = 0
    while True:
        process = started(data, folder)
        if kills == most:
            assert process.wait(120) == 0
            return kills
        time.sleep(dice.random() * length_s)
        if process.poll() == 0:
            return kills
        first = dice.choice((process.kill, lambda: kill_server(data)))
        first()
        time.sleep(dice.choice((0, 0, 0.05)))
        kill_server(data)
        process.kill()
        process.wait(30)
        kills += 1


Row = tuple[object, ...]


def state(data: Path, folder: Path) -> tuple[object, ...]:
    """Files, books, orders, refunds and debts."""
    with open_cell(data, "shenzhen") as cell:
        with cell.connection() as conn:
            orders: list[Row] = conn.execute(
                """SELECT order_id, account, amount, state, heard, owed FROM charge_orders
                   ORDER BY order_id"""
            ).fetchall()
            refunds: list[tuple[UUID, int]] = conn.execute(
                "SELECT refund_id, amount FROM charge_refunds ORDER BY refund_id"
            ).fetchall()
        files = {
            one.name: one.read_bytes()
            for one in sorted(folder.iterdir())
            if one.suffix != ".unfinished"
        }
        owed: Counter[str] = Counter()
        for account, fen in debts(cell):
            owed[account] += fen
        return files, trial_balance(cell), orders, refunds, owed


def ends_as_its_twin(place: Path, kills: int, riders: int, seed: int) -> None:
    dice = random.Random(seed)
    prepared = place / "prepared"
    with open_cell(prepared, "shenzhen") as cell:
        a_large_day(cell, riders)
    stopped(prepared)
    twin = copied(prepared, place / "twin")
    process = started(twin, place / "files")
    began = time.monotonic()
    assert process.wait(120) == 0
    length_s = time.monotonic() - began
    expected = state(twin, place / "files")
    files, _, orders, refunds, _ = expected
    assert isinstance(files, dict) and len(files) > 3 + 2, "seal, its lines and signature, parts"
    assert orders and refunds
    done = rounds = 0
    while done < kills:
        rounds += 1
        data, folder = copied(prepared, place / f"data{rounds}"), place / f"files{rounds}"
        done += killed_until_done(data, folder, dice, length_s, kills - done)
        assert state(data, folder) == expected, f"seed {seed}, {done} kills"
        stopped(data)
        subprocess.run(["/bin/rm", "-rf", data, folder], check=True)
    stopped(twin)


def stopped(data: Path) -> None:
    end = time.monotonic() + 30
    while server_status(data).running:
        assert time.monotonic() < end, "the server stops with its last user"
        time.sleep(0.05)


def test_killed_three_times(fresh_folder: Path) -> None:
    ends_as_its_twin(fresh_folder, 3, 100, seed=3)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_killed_fifty_times(fresh_folder: Path) -> None:
    ends_as_its_twin(fresh_folder, 50, 1_000, seed=random.SystemRandom().randrange(1 << 32))
