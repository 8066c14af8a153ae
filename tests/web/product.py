"""The running product for the browser tests: `ridecode demo` on a data folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright
from tools.browser import chromium

PAGE = Path(__file__).resolve().parents[2] / "src/ridecode/api/web/index.html"
RIDECODE = Path(sys.executable).with_name("ridecode")
START_S = 90
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Product:
    """A demonstration that runs: its address and its data folder."""

    def __init__(self, address: str, data: Path) -> None:
        self.address = address
        self.data = data

    def get(self, path: str) -> Any:
        with urlopen(self.address + path, timeout=10) as answer:
            return msgspec.json.decode(answer.read())

    def post(self, path: str, body: object) -> Any:
        asked = Request(
            self.address + path, msgspec.json.encode(body), {"content-type": "application/json"}
        )
        with urlopen(asked, timeout=30) as answer:
            return msgspec.json.decode(answer.read())

    def cli(self, *words: str) -> Any:
        """What a command says with --json, on the same data folder."""
        command = [str(RIDECODE), *words, "--data", str(self.data), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return msgspec.json.decode(done.stdout)

    def stop_database(self) -> None:
        """As if PostgreSQL had fallen over beside the server."""
        lock = next(self.data.rglob("postmaster.pid"))
        os.kill(int(lock.read_text().split("\n")[0]), signal.SIGINT)


@contextmanager
def running() -> Iterator[Product]:
    """A demonstration on a fresh data folder; gone afterwards."""
    if not PAGE.exists():
        pytest.skip("the page is not built: python tools/build_web.py")
    data = Path(tempfile.mkdtemp(prefix="ridecode-web-"))
    data.chmod(0o755)
    command = [str(RIDECODE), "demo", "--data", str(data), "--port", "0"]
    # Into a file: a pipe that nobody reads holds the server up once its log has filled it.
    said = data / "demo.log"
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        product = Product(_address(process, said), data)
        # A code that is renewed every six seconds is hard to hold a second reader to.
        product.post("/v1/demo/speed", {"speed": 1})
        yield product
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()
            shutil.rmtree(data, ignore_errors=True)


def _address(process: "subprocess.Popen[bytes]", said: Path) -> str:
    """The address that the command prints once its door is open."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://[\w.]+:\d+", said.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("ridecode demo printed no address:\n" + said.read_text())


@contextmanager
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium: python tools/browser.py")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield opened
        opened.close()
