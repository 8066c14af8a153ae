"""One ride after the other over HTTP, from the phone's code to the price of the ride."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.phone import Phone

IN, OUT = "sz-luohu:entry", "sz-gangxia:exit"


def _price(http: TestClient, ride: dict[str, Any]) -> dict[str, Any]:
    answer = http.get(f"/v1/rides/{ride['ride_id']}/price")
    answer.raise_for_status()
    price: dict[str, Any] = answer.json()
    return price


def test_a_code_becomes_a_tap_a_ride_and_a_price(http: TestClient, phone: Phone) -> None:
    """罗湖 to 岗厦 is 6.889 km: 2 yuan to 4 km, 1 more to 12 km, 95 % of it: 2.85."""
    entered = phone.scan(IN)
    assert (entered["verdict"], entered["opened"], entered["tap"]["kind"]) == (
        "ACCEPTED", True, "entry",
    )  # fmt: skip
    (ride,) = phone.rides()
    assert (ride["state"], ride["amount"]) == ("open", None)
    phone.wait(1_500)
    left = phone.scan(OUT)
    (ride,) = phone.rides()
    assert (ride["state"], ride["entry_stop"], ride["exit_stop"]) == (
        "complete", "sz-luohu", "sz-gangxia",
    )  # fmt: skip
    assert (ride["entry_tap"], ride["exit_tap"]) == (
        entered["tap"]["tap_id"],
        left["tap"]["tap_id"],
    )
    assert (ride["distance_m"], ride["amount"]) == (6_889, 285)
    assert ride["way"][0][0] == "sz-m1"
    price = _price(http, ride)
    assert [line["amount"] for line in price["lines"]] == [200, 100, -15]
    assert price["amount"] == ride["amount"]
    tap = http.get(f"/v1/taps/{left['tap']['tap_id']}").json()
    assert tap | left["tap"] == tap | {"stored": True}
    summary = http.get("/v1/summary").json()
    assert (summary["riders"], summary["rides"], summary["amount"]) == (1, 1, 285)


def test_a_metro_ride_after_a_bus_is_a_transfer(http: TestClient, phone: Phone) -> None:
    line, stop = _a_bus(http)
    phone.scan(f"{line}:{stop}")
    phone.wait(900)
    phone.scan(IN)
    phone.wait(1_500)
    phone.scan(OUT)
    metro, bus = phone.rides()
    assert (metro["journey_id"], metro["leg"]) == (bus["journey_id"], 1)
    rules = {line["rule"]: line["amount"] for line in _price(http, metro)["lines"]}
    assert rules["metro-transfer"] == -40


def _a_bus(http: TestClient) -> tuple[str, str]:
    lines = http.get("/v1/city").json()["lines"]
    bus = next(line for line in lines if line["mode"] == "bus")
    return bus["id"], bus["stops"][0]


def test_a_screenshot_is_refused_and_leaves_a_tap_but_no_ride(
    http: TestClient, phone: Phone
) -> None:
    refused = phone.scan(IN, phone.code(age_s=300))
    assert (refused["verdict"], refused["opened"]) == ("CODE_EXPIRED", False)
    assert refused["words"]["zh"] == "码已过期，请刷新乘车码后再刷。"
    assert phone.rides() == []
    taps = http.get("/v1/taps", params={"account": phone.account}).json()
    assert [tap["verdict"] for tap in taps] == ["CODE_EXPIRED"]
    assert http.get("/v1/summary").json()["refused"] == 1


def test_a_forgotten_exit_costs_the_most_until_it_is_supplied(
    http: TestClient, phone: Phone
) -> None:
    entered = phone.scan(IN)
    phone.wait(7 * 3_600)
    (ride,) = phone.rides()
    assert (ride["state"], ride["amount"]) == ("missing_exit", 1_400)
    assert ride["remedy_until"] is not None
    at = entered["tap"]["at"][:14] + "59:00+08:00"
    answer = http.post(f"/v1/rides/{ride['ride_id']}/remedy", json={"stop": "sz-gangxia", "at": at})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["amount"]) == ("complete", 285)


def test_a_phone_that_asks_again_keeps_its_account(http: TestClient) -> None:
    body = {"user_key": "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"}
    first, again = (http.post("/v1/authorisations", json=body).json() for _ in range(2))
    assert first["card_account"] == again["card_account"]
    assert len(first["card_account"]) == 19


def test_trust_checks_alone_ask_no_place(http: TestClient, phone: Phone) -> None:
    code = phone.code()
    told = http.post("/v1/codes/verify", json={"code": code}).json()
    assert (told["verdict"], told["fields"]["card_account"]) == ("ACCEPTED", phone.account)
    broken = code[:-2] + ("00" if code[-2:] != "00" else "01")
    told = http.post("/v1/codes/verify", json={"code": broken}).json()
    assert told["verdict"] == "USER_SIGNATURE"
    told = http.post("/v1/codes/verify", json={"code": "5401"}).json()
    assert (told["verdict"], told["fields"]) == ("FOREIGN_CODE", None)


def test_a_quote_is_what_the_ride_then_costs(http: TestClient, phone: Phone) -> None:
    asked = {"product": "metro", "from": "sz-luohu", "to": "sz-gangxia"}
    quote = http.get("/v1/fares", params=asked).json()
    phone.scan(IN)
    phone.wait(1_500)
    phone.scan(OUT)
    assert quote["lines"] == _price(http, phone.rides()[0])["lines"]
    student = http.get("/v1/fares", params=asked | {"account_type": 2}).json()
    assert (quote["amount"], student["amount"]) == (285, 150)


@pytest.mark.parametrize("mode", ["metro", "bus", "ferry", "cable_car"])
def test_every_mode_has_readers(http: TestClient, phone: Phone, mode: str) -> None:
    place = next(
        one for one in http.get("/v1/places").json()
        if one["mode"] == mode and one["kind"] in ("entry", "single")
    )  # fmt: skip
    assert phone.scan(place["place"])["verdict"] == "ACCEPTED"
