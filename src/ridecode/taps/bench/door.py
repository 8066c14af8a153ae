"""The door for devices over HTTP and nothing beside it, in a process of its own, to be measured.

It takes what the real one takes (docs/http.md) without a framework, and writes its port when it
listens. It ends when its input does.
"""

import asyncio
import gc
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

from msgspec import json

from ridecode.city import load_pack
from ridecode.core import MICROS
from ridecode.store import Cell
from ridecode.taps.errors import OverloadedError
from ridecode.taps.facts import Answer
from ridecode.taps.ingest import Ingest

NOW = 1_767_225_600 * MICROS
"""What its clock shows."""


class Door:
    """An ASGI application of one route."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:  # fmt: skip
        headers = dict(scope["headers"])
        parts, more = [], True
        while more:
            message = await receive()
            parts.append(message["body"])
            more = message.get("more_body", False)
        try:
            future: Future[list[Answer]] = self._ingest.submit(
                headers[b"ridecode-device"].decode(), b"".join(parts),
                headers[b"content-type"].decode(),
                bytes.fromhex(headers[b"ridecode-signature"].decode()),
            )  # fmt: skip
            status, body = 200, json.encode(await asyncio.wrap_future(future))
        except OverloadedError:
            status, body = 429, b""
        length = str(len(body)).encode()
        await send(
            {"type": "http.response.start", "status": status, "headers": [
                (b"content-type", b"application/json"), (b"content-length", length)]}
        )  # fmt: skip
        await send({"type": "http.response.body", "body": body})


def main(city: str, dsn: str) -> None:
    """Serve a cell."""
    import uvicorn

    # As `ridecode serve` does: what is loaded stays, and the collector need not walk it.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    cell = Cell(city, dsn)
    listener = socket.create_server(("127.0.0.1", 0))
    with Ingest(cell, load_pack(city), lambda: NOW) as ingest:
        config = uvicorn.Config(
            Door(ingest), lifespan="off", log_level="warning", access_log=False
        )  # fmt: skip
        server = uvicorn.Server(config)

        def until_told() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=until_told, daemon=True).start()
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server.run(sockets=[listener])
    cell.close()
