"""The centre's door for devices as a process of its own, so that it can be killed as one is."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from msgspec import json

from ridecode.core import UnavailableError

_PATIENCE_S: Final = 60


class CentreProcess:
    """`ridecode serve` on the stage's data folder, at an address that stays the same."""

    def __init__(self, data: Path, city: str) -> None:
        self._command = [
            sys.executable, "-c", "from ridecode.cli import main; main()", "serve",
            "--data", str(data), "--city", city, "--json",
        ]  # fmt: skip
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Begin where none runs; on return it answers."""
        if self.runs:
            return
        command = [*self._command, "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if not told:
            raise UnavailableError(
                "The centre's door for devices did not start.", "Run: ridecode doctor"
            )
        self._port = int(json.decode(told)["page"].rstrip("/").rpartition(":")[2])

    def kill(self) -> None:
        """As a power cut would: nothing of it is finished."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)

    def stop(self) -> None:
        """In good order."""
        if self._process is None or not self.runs:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
