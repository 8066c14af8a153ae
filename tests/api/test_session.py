"""Signing in over HTTP, being somebody, and signing out; and a server that is open."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ridecode.access import Closed, Grant, Role, add, disable, latest
from ridecode.access.oidc import Issuer, Keys, Settings
from ridecode.access.oidc.settings import RoleRule
from ridecode.api import Desk, make_app
from ridecode.store import Clock
from tests.access.oidc.provider import AUDIENCE, ISSUER, NOW, Provider

GOOD = "correct horse battery"


@pytest.fixture
def closed(desk: Desk) -> Iterator[TestClient]:
    add(desk.cell, "li", [Grant(Role.OPERATOR, "shenzhen-metro")], GOOD, "root", Clock().now())
    with TestClient(make_app(desk, Closed(desk.cell, Clock().now))) as http:
        yield http


def _signed_in(http: TestClient, name: str = "li", password: str = GOOD) -> dict[str, str]:
    answer = http.post("/v1/session", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_somebody_signs_in_does_something_and_signs_out(closed: TestClient) -> None:
    token = _signed_in(closed)
    assert closed.get("/v1/me", headers=token).json() == {
        "name": "li",
        "grants": [{"role": "operator", "scope": "shenzhen-metro"}],
        "rights": ["check_code", "see_rider", "see_devices", "see_suspects"],
    }
    assert closed.get("/v1/devices?operator=shenzhen-metro", headers=token).json() == []
    assert closed.delete("/v1/session", headers=token).status_code == 204
    assert closed.get("/v1/me", headers=token).status_code == 401


def test_the_scheme_may_be_written_small(closed: TestClient) -> None:
    token = _signed_in(closed)["Authorization"].removeprefix("Bearer ")
    assert closed.get("/v1/me", headers={"authorization": f"bearer  {token}"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"), [("li", "wrong"), ("wang", GOOD), ("", ""), ("oidc:li", GOOD)]
)
def test_whoever_is_refused_is_not_told_why(closed: TestClient, name: str, password: str) -> None:
    answer = closed.post("/v1/session", json={"name": name, "password": password})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "NotKnownError")
    assert "WWW-Authenticate" in answer.headers


def test_somebody_who_is_disabled_is_out_with_the_next_request(
    closed: TestClient, desk: Desk
) -> None:
    token = _signed_in(closed)
    disable(desk.cell, "li", "left", "root", Clock().now())
    assert closed.get("/v1/me", headers=token).status_code == 401


def test_an_open_server_takes_everybody_for_a_visitor_and_writes_it_down(
    http: TestClient, desk: Desk
) -> None:
    told = http.get("/v1/me", headers={"Authorization": "Bearer whatever"}).json()
    assert told["name"] == "visitor"
    assert {one["role"] for one in told["grants"]} == {role.name.lower() for role in Role}
    assert http.post("/v1/session", json={"name": "li", "password": GOOD}).status_code == 403
    http.get("/v1/rides", params={"account": "3104870400000000001"})
    (entry,) = [one.entry for one in latest(desk.cell, 9)]
    assert (entry.who, entry.subject, entry.outcome.name) == (
        "visitor", "3104870400000000001", "ALLOWED",
    )  # fmt: skip


def test_an_open_server_describes_no_token(app: FastAPI) -> None:
    assert "securitySchemes" not in app.openapi()["components"]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def by_issuer(desk: Desk, provider: Provider) -> Iterator[TestClient]:
    """A closed server that believes an issuer, at the moment of the issuer's tokens."""
    rules = (RoleRule("card-staff", Role.CARD_COMPANY, "", ""),)
    issuer = Issuer(Settings(ISSUER, AUDIENCE, ("groups",), rules), Keys(ISSUER, provider))
    with TestClient(make_app(desk, Closed(desk.cell, lambda: NOW * 1_000_000, issuer))) as http:
        yield http


def test_somebody_of_the_issuers_comes_in_until_he_is_shut_out(
    by_issuer: TestClient, provider: Provider, desk: Desk
) -> None:
    token = {"Authorization": f"Bearer {provider.token('ec')}"}
    told = by_issuer.get("/v1/me", headers=token).json()
    assert (told["name"], told["grants"]) == (
        "oidc:wang", [{"role": "card_company", "scope": ""}],
    )  # fmt: skip
    assert by_issuer.get("/v1/summary", headers=token).status_code == 200
    disable(desk.cell, "oidc:wang", "stolen laptop", "root", NOW * 1_000_000)
    assert by_issuer.get("/v1/me", headers=token).status_code == 401


def test_an_issuer_out_of_reach_is_503_and_nobody_comes_in(
    by_issuer: TestClient, provider: Provider
) -> None:
    provider.down = True
    token = {"Authorization": f"Bearer {provider.token('ec')}"}
    assert by_issuer.get("/v1/me", headers=token).status_code == 503


def test_without_an_issuer_its_tokens_are_nobodys(closed: TestClient, provider: Provider) -> None:
    token = {"Authorization": f"Bearer {provider.token('ec')}"}
    assert closed.get("/v1/me", headers=token).status_code == 401
