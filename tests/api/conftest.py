"""The demonstration's application over a real database, with a clock that the tests put forward."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ridecode.access import Open
from ridecode.api import Desk, make_app
from ridecode.city import Pack, load_pack
from ridecode.core import logs
from ridecode.store import Cell, Clock, Vault
from tests.api.gates import Gates
from tests.api.phone import Phone


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged; from `info` on, unless `logs.LEVEL` is set before."""
    stream = io.StringIO()
    logs.set_up(stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> io.StringIO:
    """The same, down to a line for every tap, ride and price."""
    monkeypatch.setenv(logs.LEVEL, "debug")
    stream: io.StringIO = request.getfixturevalue("logged")
    return stream


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("shenzhen")


@pytest.fixture
def desk(cell: Cell, tmp_path: Path, pack: Pack) -> Iterator[Desk]:
    clock = Clock.beginning(tmp_path, pack.calendar, 63_000, 0)
    with Desk(cell, pack, Vault.open(tmp_path), clock, files=tmp_path / "clearing") as working:
        yield working


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    """Nobody moves but by the test, and everybody may do everything, as in the demonstration."""
    return make_app(desk, Open(desk.cell, Clock().now), Gates(desk))


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def phone(http: TestClient) -> Phone:
    return Phone(http)
