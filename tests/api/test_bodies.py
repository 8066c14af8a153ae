"""Bodies have an end, whoever sends them, and before anybody has looked who that is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from msgspec import Struct, json
from starlette.types import Message

from ridecode.access import Closed
from ridecode.api import Desk, bodies, make_app
from ridecode.city import Pack
from ridecode.money.channels import Wallet
from ridecode.store import Cell, Clock, Vault

PIECE = 1 << 14
CALLBACK = "/v1/channels/wallet/callbacks"
MOST = {"/v1/session": bodies.MOST, "/v1/riders": bodies.MOST, CALLBACK: 64 << 10}


class Answered(Struct, frozen=True):
    status: int
    code: str
    is_named: bool
    """Whether it bears the request's id."""
    read: int
    """Pieces of the body."""


@pytest.fixture
def desk(cell: Cell, tmp_path: Path, pack: Pack) -> Iterator[Desk]:
    clock = Clock.beginning(tmp_path, pack.calendar, 63_000, 0)
    with Desk(cell, pack, Vault.open(tmp_path), clock, None, {"wallet": Wallet()}) as working:
        yield working


@pytest.fixture
def closed(desk: Desk) -> FastAPI:
    return make_app(desk, Closed(desk.cell, Clock().now))


def _post(app: FastAPI, path: str, length: int, headers: dict[str, str]) -> Answered:
    """Nobody sends so many bytes, piece by piece, until he is answered."""
    read, told = 0, list[Message]()

    async def receive() -> Message:
        nonlocal read
        read += 1
        left = length - (read - 1) * PIECE
        return {"type": "http.request", "body": b" " * min(left, PIECE), "more_body": left > PIECE}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    start, body = told[0], b"".join(one.get("body", b"") for one in told)
    named = b"x-request-id" in dict(start["headers"])
    return Answered(start["status"], json.decode(body)["error"]["code"], named, read)


@pytest.mark.parametrize("path", MOST)
def test_a_body_is_read_to_its_limit_and_no_further(closed: FastAPI, path: str) -> None:
    most = MOST[path]
    answer = _post(closed, path, 1_000 * most, {"content-type": "application/json"})
    assert answer == Answered(413, "HTTPException", True, most // PIECE + 1)


@pytest.mark.parametrize("path", MOST)
@pytest.mark.parametrize("digits", ["", "0" * 5_000])
def test_nothing_is_read_of_what_is_told_to_be_too_long(
    closed: FastAPI, path: str, digits: str
) -> None:
    told = str(MOST[path] + 1) + digits
    answer = _post(closed, path, PIECE, {"content-length": told})
    assert answer == Answered(413, "HTTPException", True, 0)


@pytest.mark.parametrize(("path", "status"), [*zip(MOST, (422, 422, 403), strict=True)])
def test_what_is_just_as_long_as_it_may_be_is_looked_at(
    closed: FastAPI, path: str, status: int
) -> None:
    headers = {"content-type": "application/json", "content-length": str(MOST[path])}
    answer = _post(closed, path, MOST[path], headers)
    assert (answer.status, answer.read) == (status, MOST[path] // PIECE)
