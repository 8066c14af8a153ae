"""A centre over real HTTP, with the strict memory of `world.Centre` behind it.

with http_centre(public_key) as centre:
    HttpCentre(centre.url, …)
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from msgspec import json

from ridecode.core import device
from ridecode.core.device import Heartbeat, Said, read_batch, read_heartbeat
from tests.validator.device.world import Centre


class HttpWorld:
    """What a test may turn, and what was heard."""

    def __init__(self, public: bytes) -> None:
        self.public = public
        self.centre = Centre()
        self.beats: list[Heartbeat] = []
        self.paths: list[str] = []
        self.answering = 200
        self.ahead_s = 0
        self.url = ""
        self.lock = Lock()


@contextmanager
def http_centre(public: bytes) -> Iterator[HttpWorld]:
    world = HttpWorld(public)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with world.lock:
                world.paths.append(self.path)
                said = Said.TAPS if self.path.endswith("/v1/taps") else Said.HEARTBEAT
                signature = bytes.fromhex(self.headers["Ridecode-Signature"])
                assert device.is_signed(world.public, said, body, signature)
                answer = self._taken(said, body) if world.answering == 200 else b"{}"
            self.send_response(world.answering)
            self.send_header("Content-Length", str(len(answer)))
            if world.answering == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(answer)

        def _taken(self, said: Said, body: bytes) -> bytes:
            if said is Said.HEARTBEAT:
                world.beats.append(read_heartbeat(body))
                return b"{}"
            batch = read_batch(body)
            world.centre.take(batch)
            return json.encode(
                [{"tap_id": tap.tap_id, "receipt": "accepted"} for tap in batch.taps]
            )

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate((timestamp or time.time()) + world.ahead_s, usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        world.url = f"http://127.0.0.1:{server.server_address[1]}/base/"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()
