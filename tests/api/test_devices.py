"""Signed batches and heartbeats over HTTP: who signed counts, and every tap is answered."""

import io
import time
from typing import Any
from urllib.parse import quote

import jsonschema  # type: ignore[import-untyped]
import pytest
from fastapi.testclient import TestClient
from msgspec import json

from ridecode import taps
from ridecode.api import Desk
from ridecode.api.bodies import MOST as BODY_MOST
from ridecode.core import Tap, chain, device
from ridecode.core.device import Heartbeat, Said, TapBatch, to_json
from ridecode.taps import ARROW, OverloadedError, to_arrow
from tests.taps.fleet import NOW, Gate


@pytest.fixture
def gate(desk: Desk) -> Gate:
    return Gate("gate-17", b"k" * 32).enrolled(desk.cell)


def _headers(gate: Gate, said: Said, body: bytes) -> dict[str, str]:
    return {
        "Ridecode-Device": quote(gate.name, safe=""),
        "Ridecode-Signature": device.sign(gate.private, said, body).hex(),
        "Content-Type": "application/json",
    }


def _send(http: TestClient, gate: Gate, batch: TapBatch) -> Any:
    body = to_json(batch)
    return http.post("/v1/taps", content=body, headers=_headers(gate, Said.TAPS, body))


def _beat(http: TestClient, gate: Gate, **fields: Any) -> Any:
    told: dict[str, Any] = {
        "device": gate.name, "ts": NOW, "seq": gate.seq, "head": gate.head, "opened": gate.seq,
        "acknowledged": 0, "bundle": 1, "clock_set": NOW,
    }  # fmt: skip
    body = to_json(Heartbeat(**(told | fields)))
    path = f"/v1/devices/{quote(gate.name, safe='')}/heartbeat"
    return http.post(path, content=body, headers=_headers(gate, Said.HEARTBEAT, body))


def test_a_batch_is_received_once(http: TestClient, gate: Gate) -> None:
    batch = gate.read(3)
    for receipt in ("accepted", "duplicate"):
        answer = _send(http, gate, batch)
        assert answer.status_code == 200, answer.text
        assert answer.json() == [
            {"tap_id": str(tap.tap_id), "receipt": receipt, "reason": None} for tap in batch.taps
        ]
    shown = http.get(f"/v1/taps/{batch.taps[0].tap_id}").json()
    assert (shown["stop"], shown["validator"]) == ("sz-buji", "gate-17")


def test_every_tap_of_a_batch_has_its_lines(
    http: TestClient, gate: Gate, desk: Desk, traced: io.StringIO
) -> None:
    """Those codes are noise, so the check sets the taps aside, and says why."""
    batch = gate.read(3)
    assert _send(http, gate, batch).status_code == 200
    end = time.monotonic() + 30
    while len(taps.quarantined(desk.cell)) < 3:
        assert time.monotonic() < end
        time.sleep(0.05)
    events = [json.decode(line, type=dict[str, Any]) for line in traced.getvalue().splitlines()]
    (told,) = [one for one in events if one["event"] == "batch"]
    first = str(batch.taps[0].tap_id)
    assert (told["validator"], told["first"], told["accepted"]) == ("gate-17", first, 3)
    for tap in batch.taps:
        road = [one for one in events if one.get("tap") == str(tap.tap_id)]
        assert [one["event"] for one in road] == ["stored", "checked"]
        assert road[0]["request"] == told["request"]
        assert road[1]["reason"] == "CODE_REFUSED"
        assert tap.account not in traced.getvalue()


def test_a_batch_may_come_in_arrow(http: TestClient, gate: Gate) -> None:
    body = to_arrow(gate.read(5))
    headers = _headers(gate, Said.TAPS, body) | {"Content-Type": ARROW}
    answer = http.post("/v1/taps", content=body, headers=headers)
    assert [one["receipt"] for one in answer.json()] == ["accepted"] * 5


def test_a_device_whose_name_is_no_ascii_is_heard(http: TestClient, desk: Desk) -> None:
    gate = Gate("布吉/1 号闸机", b"k" * 32).enrolled(desk.cell)
    assert _send(http, gate, gate.read(1)).json()[0]["receipt"] == "accepted"
    assert _beat(http, gate).status_code == 200


FORGED = [
    ("by another key", {"Ridecode-Signature": "00" * 64}),
    ("in no hexadecimal", {"Ridecode-Signature": "zz" * 64}),
    ("too short", {"Ridecode-Signature": "00"}),
    ("by a device that is not enrolled", {"Ridecode-Device": "gate-18"}),
    ("by nobody", {"Ridecode-Device": ""}),
]


@pytest.mark.parametrize("bad", [bad for _, bad in FORGED], ids=[how for how, _ in FORGED])
def test_what_the_device_did_not_sign_is_refused(
    http: TestClient, gate: Gate, desk: Desk, bad: dict[str, str]
) -> None:
    body = to_json(gate.read(1))
    headers = _headers(gate, Said.TAPS, body) | bad
    answer = http.post("/v1/taps", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "UnknownDeviceError")
    assert taps.totals(desk.cell).taps == 0


def test_a_heartbeat_is_no_batch_though_it_is_signed(http: TestClient, gate: Gate) -> None:
    body = to_json(gate.read(1))
    answer = http.post("/v1/taps", content=body, headers=_headers(gate, Said.HEARTBEAT, body))
    assert answer.status_code == 403


BAD_BODIES: list[tuple[bytes, dict[str, str], int]] = [
    (b"[]", {}, 422),
    (b"", {}, 422),
    (b"\xff", {}, 422),
    (b"{}", {"Content-Type": "text/plain"}, 422),
    (b"ARROW1", {"Content-Type": ARROW}, 422),
    (b" " * (BODY_MOST + 1), {}, 413),
]


@pytest.mark.parametrize(
    ("body", "bad", "status"), BAD_BODIES,
    ids=["list", "empty", "no utf-8", "text", "arrow", "long"],
)  # fmt: skip
def test_what_is_no_batch_is_refused(
    http: TestClient, gate: Gate, body: bytes, bad: dict[str, str], status: int
) -> None:
    headers = _headers(gate, Said.TAPS, body) | bad
    answer = http.post("/v1/taps", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) == {"code", "what", "remedy"}


def test_a_revoked_device_loses_nothing_but_nothing_of_it_stands(
    http: TestClient, desk: Desk, gate: Gate
) -> None:
    taps.revoke(desk.cell, gate.name, "stolen", NOW)
    (told,) = _send(http, gate, gate.read(1)).json()
    assert (told["receipt"], told["reason"]) == ("quarantined", "device_revoked")
    (aside,) = http.get("/v1/quarantine").json()
    assert (aside["reason"], aside["tap"]["tap_id"]) == ("device_revoked", told["tap_id"])
    assert aside["words"]["zh"]
    (shown,) = http.get("/v1/devices").json()
    assert (shown["revoked_at"][:10], shown["reason"]) == ("2018-08-31", "stolen")


def test_who_brings_more_than_can_be_stored_is_told_when_to_come_again(
    http: TestClient, desk: Desk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OverloadedError(7)

    monkeypatch.setattr(desk.running.ingest, "submit", full)
    answer = _send(http, gate, gate.read(1))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"]["code"] == "OverloadedError"


def test_a_heartbeat_that_promises_more_than_comes_is_an_alarm(
    http: TestClient, gate: Gate
) -> None:
    assert _beat(http, gate, seq=10, head=b"h" * 32, opened=9).status_code == 200
    (told,) = http.get("/v1/devices").json()
    assert (told["pulse"]["seq"], told["pulse"]["opened"]) == (10, 9)
    raised = [one["kind"] for one in _beat(http, gate, seq=3, head=b"g" * 32, opened=3).json()]
    assert "cut_tail" in raised
    listed = http.get("/v1/alarms", params={"most": 50}).json()
    assert "cut_tail" in [one["kind"] for one in listed]
    assert all(one["words"]["zh"] for one in listed)


def test_a_forged_heartbeat_says_nothing(http: TestClient, gate: Gate) -> None:
    assert _beat(http, Gate(gate.name, b"x" * 32)).status_code == 403
    assert http.get("/v1/devices").json()[0]["pulse"] is None


ODD: list[dict[str, object]] = [
    {"ts": 2**63}, {"ts": -1}, {"seq": 2**40}, {"clock_set": 2**62}, {"bundle": 2**31},
    {"opened": -1}, {"head": b"short"}, {"acknowledged": 5},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=[str(odd) for odd in ODD])
def test_an_odd_heartbeat_is_refused_and_not_a_crash(
    http: TestClient, gate: Gate, odd: dict[str, object]
) -> None:
    assert _beat(http, gate, **odd).status_code == 422


def test_openapi_describes_the_batches_that_devices_send(http: TestClient, gate: Gate) -> None:
    described = http.get("/openapi.json").json()["paths"]["/v1/taps"]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == set(TapBatch.__struct_fields__)
    assert set(schema["properties"]["taps"]["items"]["properties"]) == set(Tap.__struct_fields__)
    jsonschema.validate(json.decode(to_json(gate.read(2))), schema)
    path = "/v1/devices/{device}/heartbeat"
    described = http.get("/openapi.json").json()["paths"][path]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    body = to_json(Heartbeat(device="g", ts=NOW, seq=0, head=chain.GENESIS, opened=0,
                             acknowledged=0, bundle=0, clock_set=None))  # fmt: skip
    jsonschema.validate(json.decode(body), schema)


def test_what_devices_sent_is_counted(http: TestClient, gate: Gate) -> None:
    batch = gate.read(3)
    _send(http, gate, batch)
    _send(http, gate, batch)
    told = http.get("/metrics").text
    assert 'ridecode_taps_total{receipt="accepted"} 3.0' in told
    assert 'ridecode_taps_total{receipt="duplicate"} 3.0' in told
