"""Every way in which an error can leave has one shape, and a status that says whose fault it is."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from msgspec.structs import replace

from ridecode.api import Desk

CASES: list[tuple[str, str, object, int, str]] = [
    ("GET", "/v1/rides/no-id", None, 422, "BadInputError"),
    ("GET", "/v1/rides/01659074-1a90-7c3e-9d1b-5f0e8a3b2c11", None, 404, "NotFoundError"),
    ("GET", "/v1/rides/01659074-1a90-7c3e-9d1b-5f0e8a3b2c11/price", None, 404, "NotFoundError"),
    ("GET", "/v1/taps/01659074-1a90-7c3e-9d1b-5f0e8a3b2c11", None, 404, "NotFoundError"),
    ("POST", "/v1/places/nowhere/scans", {"code": ""}, 404, "NotFoundError"),
    ("POST", "/v1/codes/verify", {"code": "8"}, 422, "BadInputError"),
    ("POST", "/v1/codes/verify", {"code": "80", "now": "noon"}, 422, "BadInputError"),
    ("POST", "/v1/codes/verify", {"code": "80", "roots": ["00" * 144]}, 422, "BadInputError"),
    ("POST", "/v1/codes/verify", {"code": "80", "place": "x"}, 422, "BadInputError"),
    ("POST", "/v1/authorisations", {"user_key": "02" + "ff" * 32}, 422, "BadInputError"),
    ("POST", "/v1/demo/clock/advance", {"seconds": -5}, 422, "BadInputError"),
    ("POST", "/v1/taps", [], 403, "UnknownDeviceError"),
    ("POST", "/v1/devices/gate-17/heartbeat", {}, 403, "UnknownDeviceError"),
    ("GET", "/v1/alarms?since=noon", None, 422, "BadInputError"),
    ("GET", "/v1/fares?product=tram&from=a&to=b", None, 422, "BadInputError"),
    ("GET", "/v1/nothing", None, 404, "HTTPException"),
    ("DELETE", "/v1/city", None, 405, "HTTPException"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), CASES)
def test_an_error_has_one_shape(
    http: TestClient, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = http.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "what", "remedy"}
    assert error["code"] == code
    assert error["what"]
    assert not error["remedy"] or error["remedy"] not in error["what"]


def test_a_fault_of_our_own_has_that_shape_too(app: FastAPI, desk: Desk) -> None:
    desk.pack = replace(desk.pack, network=None)
    with TestClient(app, raise_server_exceptions=False) as http:
        asked = {"product": "metro", "from": "sz-luohu", "to": "sz-gangxia"}
        answer = http.get("/v1/fares", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalError")
