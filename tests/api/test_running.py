"""What whoever runs the server can see of it: health, readiness, metrics, and logs with ids."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from ridecode.api import Desk
from ridecode.core import BadInputError, UnavailableError, logs
from ridecode.store import Cell, Connection
from tests.api.phone import Phone


def _events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _samples(http: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = http.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


class _Out(Cell):
    """A cell whose database is out of reach."""

    def __init__(self, cell: Cell) -> None:
        self.city, self.dsn = cell.city, cell.dsn

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        raise UnavailableError("The database of shenzhen was closed.", "Start it.")
        yield


def test_a_server_that_can_work_is_alive_and_ready(http: TestClient) -> None:
    assert http.get("/healthz").json()["status"] == "alive"
    told = http.get("/readyz").json()
    assert (told["status"], told["parts"]["database"]) == ("ready", "good")


def test_without_its_database_it_is_alive_but_not_ready(http: TestClient, desk: Desk) -> None:
    desk.cell = _Out(desk.cell)
    assert http.get("/healthz").status_code == 200
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UnavailableError")
    assert "database" in answer.json()["error"]["what"]
    assert _samples(http)["ridecode_ready", frozenset({("part", "database")})] == 0


def test_requests_are_counted_by_the_template_of_their_route(http: TestClient) -> None:
    """A thousand rides that are not there make one time series, not a thousand."""
    for at in range(5):
        http.get(f"/v1/rides/01659074-1a90-7c3e-9d1b-5f0e8a3b2c1{at}")
        http.get(f"/nowhere/{at}")
    counted = {
        dict(labels)["route"]: value
        for (name, labels), value in _samples(http).items()
        if name == "ridecode_http_requests_total"
    }
    assert counted["/v1/rides/{ride_id}"] == 5
    assert counted["page"] == 5
    assert not any("01659074" in route or "nowhere" in route for route in counted)


def test_an_odd_method_makes_no_new_series(http: TestClient) -> None:
    http.request("BREW", "/v1/city")
    assert any(("method", "OTHER") in labels for _, labels in _samples(http))
    assert not any(("method", "BREW") in labels for _, labels in _samples(http))


def test_an_answer_names_the_request_and_so_does_the_log(
    http: TestClient, logged: io.StringIO
) -> None:
    answer = http.get("/v1/city", headers={"X-Request-Id": "gate-17.4711"})
    assert answer.headers["X-Request-Id"] == "gate-17.4711"
    (event,) = [one for one in _events(logged) if one["event"] == "answered"]
    assert (event["request"], event["route"], event["status"]) == ("gate-17.4711", "/v1/city", 200)


@pytest.mark.parametrize("odd", ["", "a b", "x" * 65, "a\x7f", '"}'])
def test_an_odd_id_is_replaced_by_one_of_our_own(http: TestClient, odd: str) -> None:
    named = http.get("/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
    assert len(named) == 36


def test_a_crash_is_logged_with_its_trace_under_the_id_that_the_answer_names(
    app: FastAPI, desk: Desk, logged: io.StringIO
) -> None:
    desk.pack = replace(desk.pack, network=None)
    with TestClient(app, raise_server_exceptions=False) as http:
        asked = {"product": "metro", "from": "sz-luohu", "to": "sz-gangxia"}
        answer = http.get("/v1/fares", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalError")
    events = [one for one in _events(logged) if one["request"] == answer.headers["X-Request-Id"]]
    assert [one["status"] for one in events if one["event"] == "answered"] == [500]


def test_no_account_is_logged(http: TestClient, phone: Phone, logged: io.StringIO) -> None:
    phone.scan("sz-luohu:entry")
    phone.rides()
    assert logged.getvalue()
    assert phone.account not in logged.getvalue()


def test_one_id_leads_from_the_code_to_the_price(phone: Phone, traced: io.StringIO) -> None:
    entry = phone.scan("sz-luohu:entry")["tap"]["tap_id"]
    phone.wait(1_500)
    exit_ = phone.scan("sz-gangxia:exit")["tap"]["tap_id"]
    (ride,) = phone.rides()
    events = _events(traced)
    road = [one["event"] for one in events if entry in (one.get("tap"), one.get("ride"))]
    assert [road[0], *road[-2:]] == ["read", "matched", "priced"]
    matched = [one for one in events if one["event"] == "matched"][-1]
    priced = [one for one in events if one["event"] == "priced"][-1]
    assert (matched["ride"], matched["exit"], matched["state"]) == (entry, exit_, "COMPLETE")
    assert (priced["ride"], priced["amount"]) == (entry, ride["amount"])
    assert phone.account not in traced.getvalue()


def test_what_libraries_log_is_json_too(logged: io.StringIO) -> None:
    import logging

    try:
        raise ValueError("odd")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("It failed: %s", b"\xff")
    (event,) = _events(logged)
    assert (event["level"], event["logger"]) == ("error", "uvicorn.error")
    assert "ValueError: odd" in event["exception"]


def test_whatever_is_logged_is_told_in_some_way(logged: io.StringIO) -> None:
    structlog.get_logger().info("odd", of=object(), number=2**80)
    (event,) = _events(logged)
    assert event["of"].startswith("<object")


def test_a_level_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(logs.LEVEL, "loud")
    with pytest.raises(BadInputError, match="loud"):
        logs.set_up(io.StringIO())
