"""What a visitor sees of the living city over HTTP, and does to it."""

from fastapi.testclient import TestClient

from tests.api.phone import Phone

LIVE = "/v1/demo/live"


def test_what_happened_at_gates_is_told_once(http: TestClient, phone: Phone) -> None:
    phone.scan("sz-luohu:entry")
    first = http.get(LIVE).json()
    assert [(one["stop"], one["kind"], one["opened"]) for one in first["events"]] == [
        ("sz-luohu", "entry", True)
    ]
    phone.scan("sz-luohu:entry", phone.code(age_s=300))
    then = http.get(LIVE, params={"after": first["seq"]}).json()
    assert [one["opened"] for one in then["events"]] == [False]


def test_every_act_answers_what_is_so_after_it(http: TestClient, phone: Phone) -> None:
    cut = http.post("/v1/demo/network", json={"stop": "sz-luohu", "connected": False}).json()
    assert (cut["cut"], cut["events"]) == (["sz-luohu"], [])
    assert http.post("/v1/demo/ingest", json={"running": False}).json()["ingest"] == "down"
    assert http.post("/v1/demo/speed", json={"speed": 60}).json()["speed"] == 60
    lost = http.post("/v1/demo/loss", json={"account": phone.account}).json()
    assert lost["denied"] == 1
    assert http.post("/v1/demo/rollback").status_code == 200


def test_no_pace_but_one_to_120(http: TestClient) -> None:
    assert http.post("/v1/demo/speed", json={"speed": 0}).status_code == 422
    assert http.post("/v1/demo/speed", json={"speed": 121}).status_code == 422
