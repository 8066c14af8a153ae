"""The publication over HTTP: by our own route, and by any web server that holds a copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ridecode.api import bundles
from ridecode.api.errors import answer_errors
from ridecode.validator import HttpCarrier, Outcome
from tests.bundle.centre import Centre, account
from tests.validator.lane import ACCOUNT, NOW, S


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


@pytest.fixture
def http(centre: Centre) -> TestClient:
    app = FastAPI()
    app.state.bundles = centre.public
    answer_errors(app)
    app.include_router(bundles.router)
    return TestClient(app)


def _files(centre: Centre) -> list[str]:
    return [str(path.relative_to(centre.public)) for path in centre.public.rglob("*")
            if path.is_file()]  # fmt: skip


def test_every_published_file_is_served_as_it_lies_there(centre: Centre, http: TestClient) -> None:
    centre.publisher.deny([account(n) for n in range(200)], NOW)
    centre.publisher.deny([account(n) for n in range(199)], NOW)
    assert len(_files(centre)) > 8
    for name in _files(centre):
        answer = http.get(f"/v1/bundles/{name}")
        assert answer.status_code == 200, name
        assert answer.content == (centre.public / name).read_bytes()
        for_good = "immutable" in answer.headers["cache-control"]
        assert for_good is (name != "metadata/timestamp.json")


def test_what_a_reader_has_already_is_not_sent_again(centre: Centre, http: TestClient) -> None:
    where = "/v1/bundles/metadata/timestamp.json"
    tag = http.get(where).headers["etag"]
    again = http.get(where, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    centre.publisher.vouch(NOW + S)
    assert http.get(where, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "metadata/2.root.json", "metadata/", "", "metadata/..%2f..%2froot.json", "secrets",
        "metadata/timestamp.json.new", "targets/deny/x.full", "..%2fpublic.lock",
        "metadata/1.root.json%00",
    ],
)  # fmt: skip
def test_nothing_else_is_served(http: TestClient, name: str) -> None:
    answer = http.get(f"/v1/bundles/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NotFoundError"


@contextmanager
def _web_server(folder: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def test_a_reader_asks_any_web_server(centre: Centre) -> None:
    reader = centre.reader()
    with _web_server(centre.public) as address:
        carrier = HttpCarrier(address, timeout_s=5)
        assert reader.update(carrier, NOW).outcome is Outcome.UPDATED
        centre.publisher.deny([ACCOUNT], NOW + S)
        assert reader.update(carrier, NOW + S).outcome is Outcome.UPDATED
        assert reader.update(carrier, NOW + S).outcome is Outcome.CURRENT
        (centre.public / "metadata/timestamp.json").unlink()
        assert reader.update(carrier, NOW + S).outcome is Outcome.UNREACHABLE
    assert reader.update(carrier, NOW + S).outcome is Outcome.UNREACHABLE
    assert reader.version == 2
