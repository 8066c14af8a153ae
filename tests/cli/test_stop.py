"""A server that is asked to leave answers what came, keeps what it acknowledged, and goes."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import UUID

import pytest

from ridecode.core import device
from ridecode.core.device import Said, to_json
from ridecode.store import Cell
from tests.taps.fleet import Gate

_SERVE = "from ridecode.cli import main; main()"
_LOST = "import signal; signal.raise_signal = lambda number: None"
"""The web server's loop loses what it raises again when it has finished."""


@contextmanager
def _serving(
    data: Path, log: Path, *more: str, program: str = _SERVE
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    words = ("serve", "--data", str(data), "--port", "0", "--json", *more)
    with log.open("wb") as errors, subprocess.Popen(
        [sys.executable, "-c", program, *words], stdout=subprocess.PIPE, stderr=errors,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        try:
            yield process, json.loads(line)["page"]
        finally:
            process.kill()


class _Sender:
    """A device that sends one batch after another until nobody answers."""

    def __init__(self, page: str, gate: Gate) -> None:
        self._where, self._gate = urlsplit(page).netloc, gate
        self.acknowledged: list[UUID] = []
        self.odd: list[int] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(30)

    def _run(self) -> None:
        wire = http.client.HTTPConnection(self._where, timeout=30)
        while True:
            batch = self._gate.read(20)
            body = to_json(batch)
            headers = {
                "Ridecode-Device": self._gate.name, "Content-Type": "application/json",
                "Ridecode-Signature": device.sign(self._gate.private, Said.TAPS, body).hex(),
            }  # fmt: skip
            try:
                wire.request("POST", "/v1/taps", body, headers)
                with wire.getresponse() as answer:
                    told = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 200:
                self.odd.append(answer.status)
                return
            self.acknowledged += [UUID(one["tap_id"]) for one in told]


@pytest.mark.usefixtures("cell")
def test_an_interruption_is_told_even_where_the_loop_has_lost_it(
    data_folder: Path, tmp_path: Path
) -> None:
    with _serving(data_folder, tmp_path / "log", program=f"{_LOST}; {_SERVE}") as (process, page):
        with urlopen(page + "healthz", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_was_acknowledged_is_there_and_the_server_is_gone(
    cell: Cell, data_folder: Path, tmp_path: Path, how: signal.Signals
) -> None:
    gates = [Gate(f"g{number}", bytes([number]) * 32).enrolled(cell) for number in (1, 2, 3)]
    log = tmp_path / "log"
    with _serving(data_folder, log) as (process, page):
        senders = [_Sender(page, gate) for gate in gates]
        time.sleep(1.5)
        process.send_signal(how)
        began = time.monotonic()
        code = process.wait(30)
        took = time.monotonic() - began
    for sender in senders:
        sender.join()
    assert code == {signal.SIGTERM: 0, signal.SIGINT: 130}[how], log.read_text()
    assert took < 15
    acknowledged = [tap_id for sender in senders for tap_id in sender.acknowledged]
    assert len(acknowledged) > 100
    assert not [status for sender in senders for status in sender.odd if status not in (429, 503)]
    with cell.connection() as conn:
        found = conn.execute("SELECT tap_id FROM taps").fetchall()
    assert set(acknowledged) <= {tap_id for (tap_id,) in found}
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert events[-1]["event"] == "stopped"
    assert events[-1]["accepted"] == len(found)
    assert {"at", "level", "event"} <= set(events[0])


def test_a_crash_is_logged_as_json_with_the_requests_id(
    cell: Cell, data_folder: Path, tmp_path: Path
) -> None:
    """A table that is not there is a fault of our own: its trace is in the log, under one id."""
    log = tmp_path / "log"
    with _serving(data_folder, log, "--open") as (process, page):
        with cell.connection() as conn:
            conn.execute("ALTER TABLE device_alarms RENAME TO elsewhere")
        wire = http.client.HTTPConnection(urlsplit(page).netloc, timeout=30)
        wire.request("GET", "/v1/alarms")
        with wire.getresponse() as answer:
            assert (answer.status, json.loads(answer.read())["error"]["code"]) == (
                500, "InternalError",
            )  # fmt: skip
            request = answer.headers["X-Request-Id"]
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    mine = [one for one in events if one.get("request") == request]
    assert [one["status"] for one in mine if one["event"] == "answered"] == [500]
    assert any("UndefinedTable" in one.get("exception", "") for one in mine)
    assert [one["level"] for one in events if one["event"] == "open"] == ["warning"]


def test_a_level_that_is_none_is_told(data_folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SERVE, "serve", "--data", str(data_folder), "--json"],
        capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"RIDECODE_LOG": "loud"},
    )  # fmt: skip
    assert ran.returncode == 2
    assert "loud" in ran.stderr
