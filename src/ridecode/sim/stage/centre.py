"""The centre's door for devices as a process of its own, so that it can be killed as one is."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Final

from msgspec import json

from ridecode.core import UnavailableError

_PATIENCE_S: Final = 60
_PROGRAM: Final = """
from ridecode.cli import main
from ridecode.store import end_with_input
end_with_input()
main()
"""
"""A demonstration that is killed leaves nothing behind that goes on."""


class CentreProcess:
    """`ridecode serve` on the stage's data folder, at an address that stays the same."""

    def __init__(self, data: Path, city: str) -> None:
        self._command = [
            sys.executable, "-c", _PROGRAM, "serve", "--data", str(data), "--city", city, "--json",
        ]  # fmt: skip
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = Event()
        self.start()
        if not self._answers.wait(_PATIENCE_S):
            self.kill()
            raise UnavailableError(
                "The centre's door for devices did not start.", "Run: ridecode doctor"
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def answers(self) -> bool:
        """Whether it runs, and has opened its door."""
        return self._answers.is_set() and self._lives

    @property
    def _lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Begin where none runs. It answers some seconds later."""
        if self._lives:
            return
        self._answers.clear()
        command = [*self._command, "--port", str(self._port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        Thread(target=self._hear, args=(self._process,), name="centre", daemon=True).start()

    def _hear(self, process: "subprocess.Popen[bytes]") -> None:
        """It says its address when its door is open."""
        assert process.stdout is not None
        if told := process.stdout.readline():
            self._port = int(json.decode(told)["page"].rstrip("/").rpartition(":")[2])
            self._answers.set()

    def kill(self) -> None:
        """As a power cut would: nothing of it is finished."""
        self._answers.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)

    def stop(self) -> None:
        """In good order."""
        if self._process is None or not self._lives:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
