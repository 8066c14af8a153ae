"""Who may use which route: every route by every role, by nobody, and by tokens that do not count.

The table below is what is wanted, written by hand; the routes' own declarations are what is so.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ridecode.access import (
    About,
    Grant,
    Right,
    Role,
    Verdict,
    add,
    latest,
    machine_token,
    verify,
)
from ridecode.api import Desk, make_app, publication
from ridecode.api.allowed import How, matrix
from ridecode.city import Pack
from ridecode.money.channels import Wallet
from ridecode.store import Cell, Clock, Vault
from tests.api.gates import Gates
from tests.api.people import (
    ANOTHER,
    ASKERS,
    AUDITOR,
    CARD,
    OPERATOR,
    PLATFORM,
    RIDER,
    World,
    enrolled,
    entrance_of,
    people_of,
    ridden,
)

KEY = "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"
DOCUMENT = {"kind": "resident_id", "number": "11010519491231002x"}
METRO = {"operator": "shenzhen-metro"}

# Columns: nobody, an expired token, somebody disabled; the rider, another rider; the operator of
# the ride, another operator; card company, auditor; the rider's platform, another platform.
# "y": comes in. "w": comes in where he says why. "n": 403, may not. "?": 401, not known.
TABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "GET /v1/city": ("yyy yy yy yy yy", {}),
    "GET /v1/fares": ("yyy yy yy yy yy", {"params": {
        "product": "metro", "from": "sz-luohu", "to": "sz-gangxia"}}),
    "GET /v1/bundles/{file:path}": ("yyy yy yy yy yy", {}),
    "GET /healthz": ("yyy yy yy yy yy", {}),
    "GET /readyz": ("yyy yy yy yy yy", {}),
    "GET /metrics": ("yyy yy yy yy yy", {}),
    "GET /docs": ("yyy yy yy yy yy", {}),
    "POST /v1/session": ("yyy yy yy yy yy", {"json": {"name": "", "password": 7}}),
    "POST /v1/taps": ("yyy yy yy yy yy", {"content": b"[]"}),
    "POST /v1/devices/{device:path}/heartbeat": ("yyy yy yy yy yy", {"content": b"{}"}),
    "GET /v1/me": ("??? yy yy yy yy", {}),
    "GET /v1/riders/{account}": ("??? yn nn ww wn", {}),
    "GET /v1/taps": ("??? yn nn ww wn", {"params": "account"}),
    "GET /v1/taps/{tap_id}": ("??? yn wn ww wn", {}),
    "GET /v1/rides": ("??? yn nn ww wn", {"params": "account"}),
    "GET /v1/rides/{ride_id}": ("??? yn wn ww wn", {}),
    "GET /v1/rides/{ride_id}/price": ("??? yn wn ww wn", {}),
    "GET /v1/riders/{account}/looks": ("??? yn nn nw nn", {}),
    "POST /v1/riders/{account}/phones": ("??? yn nn wn wn", {"json": {"user_key": KEY}}),
    "POST /v1/riders/{account}/authorisations": ("??? yn nn wn wn", {"json": {"user_key": KEY}}),
    "POST /v1/riders/{account}/loss": ("??? yn nn wn wn", {"json": {"user_key": KEY}}),
    "POST /v1/rides/{ride_id}/remedy": ("??? yn nn wn wn", {"json": {
        "stop": "sz-gangxia", "at": "2018-08-31T22:14:50+08:00"}}),
    "POST /v1/riders": ("??? nn nn yn yn", {"json": {
        "document": DOCUMENT, "issuer": "02215840", "platform": "tencent"}}),
    "POST /v1/codes/verify": ("??? nn yy yy yy", {"json": {"code": "80"}}),
    "GET /v1/summary": ("??? nn nn yy nn", {}),
    "GET /v1/devices": ("??? nn yn yy nn", {"params": METRO}),
    "GET /v1/alarms": ("??? nn yn yy nn", {"params": METRO}),
    "GET /v1/quarantine": ("??? nn wn ww nn", {"params": METRO}),
    "PUT /v1/riders/{account}/agreement": ("??? yn nn wn wn", {"json": {"channel": "wallet"}}),
    "GET /v1/money/trace/{of}": ("??? yn wn ww wn", {}),
    "GET /v1/money": ("??? nn nn yy nn", {}),
    "GET /v1/money/days/{day}/audit": ("??? nn nn yy nn", {}),
    "GET /v1/money/files/{number}": ("??? nn nn ww nn", {}),
    "POST /v1/channels/{channel}/callbacks": ("yyy yy yy yy yy", {"content": b"{}"}),
    "POST /v1/demo/day": ("??? nn nn yn nn", {}),
    "GET /v1/log": ("??? nn nn nw nn", {}),
    "POST /v1/authorisations": ("??? nn nn yn nn", {"json": {"user_key": KEY}}),
    "GET /v1/places": ("??? nn nn yn nn", {}),
    "POST /v1/places/{place}/scans": ("??? nn nn yn nn", {"json": {"code": "80"}}),
    "GET /v1/demo/clock": ("??? nn nn yn nn", {}),
    "POST /v1/demo/clock/advance": ("??? nn nn yn nn", {"json": {"seconds": 1}}),
    "GET /v1/demo/live": ("??? nn nn yn nn", {}),
    "POST /v1/demo/speed": ("??? nn nn yn nn", {"json": {"speed": 1}}),
    "POST /v1/demo/network": ("??? nn nn yn nn", {"json": {
        "stop": "sz-luohu", "connected": True}}),
    "POST /v1/demo/ingest": ("??? nn nn yn nn", {"json": {"running": True}}),
    "POST /v1/demo/rollback": ("??? nn nn yn nn", {}),
    "POST /v1/demo/loss": ("??? nn nn yn nn", {"json": {"account": "3104870400000000001"}}),
    # The last one, for it ends everybody's token.
    "DELETE /v1/session": ("??? yy yy yy yy", {}),
}  # fmt: skip


@pytest.fixture
def desk(cell: Cell, tmp_path: Path, pack: Pack) -> Iterator[Desk]:
    """A city with a publication, so that every route is there."""
    clock, vault = Clock.beginning(tmp_path, pack.calendar, 63_000, 0), Vault.open(tmp_path)
    published = publication(tmp_path, pack, vault, clock.now())
    files = tmp_path / "clearing"
    with Desk(cell, pack, vault, clock, published, {"wallet": Wallet()}, files) as working:
        yield working


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    return make_app(desk, entrance_of(desk), Gates(desk))


@pytest.fixture
def world(app: FastAPI, desk: Desk) -> Iterator[World]:
    tokens, account = people_of(desk)
    ride, tap = ridden(desk, account)
    with TestClient(app) as http:
        yield World(http, tokens, account, ride, tap)


def _asked(world: World, who: str, route: str, *, why: bool = True) -> Any:
    method, path = route.split(" ")
    made = path.replace(":path}", "}").format(
        account=world.account, ride_id=world.ride, tap_id=world.tap, device="gate-17",
        place="sz-luohu:entry", file="metadata/timestamp.json", of=world.tap, day="2018-09-01",
        number=1, channel="wallet",
    )  # fmt: skip
    more = dict(TABLE[route][1])
    if more.get("params") == "account":
        more["params"] = {"account": world.account}
    return world.ask(who, method, made, why=why, **more)


def _came_in(answer: Any) -> str:
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="ridecode"')
        assert answer.json()["error"]["code"] == "NotKnownError"
        return "?"
    assert answer.status_code < 500, answer.text
    refused = answer.status_code == 403 and answer.json()["error"]["code"] == "NotAllowedError"
    return "n" if refused else "y"


def test_every_route_is_in_the_table_and_no_other(app: FastAPI) -> None:
    assert set(TABLE) == set(matrix(app))


def test_who_may_use_which_route(world: World, cell: Cell) -> None:
    told = {route: [_came_in(_asked(world, who, route)) for who in ASKERS] for route in TABLE}
    expected = {
        route: list(row.replace(" ", "").replace("w", "y")) for route, (row, _) in TABLE.items()
    }
    assert told == expected
    assert verify(cell).fault is None


def test_about_a_rider_everybody_but_the_rider_says_why(world: World) -> None:
    """And where no rider is concerned nobody is asked."""
    for route, (row, _) in TABLE.items():
        letters = dict(zip(ASKERS, row.replace(" ", ""), strict=True))
        for who in (RIDER, OPERATOR, CARD, AUDITOR, PLATFORM):
            if route.startswith("DELETE") or letters[who] not in "yw":
                continue
            answer = _asked(world, who, route, why=False)
            came = "n" if letters[who] == "w" else "y"
            assert (who, route, _came_in(answer)) == (who, route, came)
            if came == "n":
                assert "Ridecode-Purpose" in answer.json()["error"]["remedy"]


def test_of_two_grants_the_one_counts_that_asks_for_the_least(world: World, desk: Desk) -> None:
    """A rider who works at the metro: of his own ride nobody asks him why, of others' somebody
    does, and at the desk he is the metro."""
    both, now = "rider-and-operator", Clock().now()
    grants = [Grant(Role.RIDER, world.account), Grant(Role.OPERATOR, "shenzhen-metro")]
    add(desk.cell, both, grants, None, "machine:test", now)
    token = machine_token(desk.cell, both, 1, "machine:test", now)
    asks = World(world.http, {both: token}, world.account, world.ride, world.tap)
    another, _ = ridden(desk, enrolled(desk, 3))
    told = [
        _came_in(asks.ask(both, "GET", path, why=why))
        for path, why in (
            (f"/v1/rides/{world.ride}", False),
            (f"/v1/rides/{another}", False),
            (f"/v1/rides/{another}", True),
            ("/v1/devices?operator=shenzhen-metro", False),
            ("/v1/devices?operator=eastern-bus", False),
        )
    ]
    assert told == ["y", "n", "y", "y", "n"]
    roles = [one.entry.role for one in reversed(latest(desk.cell, 4))]
    assert roles == [Role.RIDER, Role.OPERATOR, Role.OPERATOR, Role.OPERATOR]


@pytest.mark.parametrize("contract", [{}, {"contract": "c1", "user": "2088000000000001"}])
def test_a_rider_pays_by_the_wallet_or_another_says_by_what(
    world: World, contract: dict[str, str]
) -> None:
    """Whoever names a contract himself could name anybody's."""
    path = f"/v1/riders/{world.account}/agreement"
    asked = {"channel": "alipay", **contract}
    told = {who: world.ask(who, "PUT", path, json=asked) for who in (RIDER, ANOTHER, PLATFORM)}
    assert {who: _came_in(one) for who, one in told.items()} == {
        RIDER: "n", ANOTHER: "n", PLATFORM: "y",
    }  # fmt: skip
    assert "alipay" in told[PLATFORM].json()["error"]["what"]
    assert _came_in(world.ask(RIDER, "PUT", path, json={"channel": "wallet"})) == "y"


def test_the_log_says_which_lines_of_which_file_were_read(world: World, cell: Cell) -> None:
    world.ask(CARD, "GET", "/v1/money/files/17", params={"first": 2, "most": 20})
    world.ask(CARD, "GET", "/v1/money/files/17", why=False)
    told = [(one.entry.about, one.entry.subject, one.entry.reason, one.entry.outcome)
            for one in reversed(latest(cell, 2))]  # fmt: skip
    assert told == [
        (About.FILE, "17:2-21", "失物", Verdict.ALLOWED),
        (About.FILE, "17:1-50", "", Verdict.NO_PURPOSE),
    ]


def test_a_route_that_declares_nothing_does_not_start(app: FastAPI) -> None:
    @app.get("/v1/hidden")
    def hidden() -> None: ...

    with pytest.raises(RuntimeError, match="/v1/hidden"):
        matrix(app)


def test_the_routes_that_ask_for_no_token_are_these(app: FastAPI) -> None:
    told = {route: one.how for route, one in matrix(app).items() if one.how is not How.RIGHT}
    assert {route for route, how in told.items() if how is How.DEVICE} == {
        "POST /v1/taps", "POST /v1/devices/{device:path}/heartbeat",
    }  # fmt: skip
    assert {route for route, how in told.items() if how is How.CHANNEL} == {
        "POST /v1/channels/{channel}/callbacks",
    }
    assert {route for route, how in told.items() if how is How.KNOWN} == {
        "GET /v1/me", "DELETE /v1/session",
    }  # fmt: skip


def test_every_right_but_those_of_commands_is_asked_for_somewhere(app: FastAPI) -> None:
    asked = {one.right for one in matrix(app).values()}
    by_command = {Right.MANAGE_ACCESS, Right.MANAGE_DEVICES, Right.DENY, Right.CLOSE_DAY}
    assert asked == {*Right, None} - by_command


@pytest.mark.parametrize("path", ["/v1/devices", "/v1/alarms", "/v1/quarantine"])
@pytest.mark.parametrize("named", [{}, {"operator": "eastern-bus"}])
def test_an_operator_sees_its_own_alone(world: World, path: str, named: dict[str, str]) -> None:
    assert _came_in(world.ask(OPERATOR, "GET", path, params=named)) == "n"


def test_what_is_not_there_looks_like_anothers(world: World) -> None:
    nowhere = "01659074-1a90-7c3e-9d1b-5f0e8a3b2c11"
    for path in (f"/v1/rides/{nowhere}", f"/v1/taps/{nowhere}"):
        assert [world.ask(who, "GET", path).status_code for who in (RIDER, PLATFORM, OPERATOR)] == [
            403, 403, 403,
        ]  # fmt: skip
        assert world.ask(CARD, "GET", path).status_code == 404
    theirs, nobodys = (
        world.ask(ANOTHER, "GET", f"/v1/riders/{account}")
        for account in (world.account, "3104870400000009999")
    )
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())


ODD_HEADERS = [
    {"Ridecode-Purpose": "curiosity", "Ridecode-Reason": "x"},
    {"Ridecode-Purpose": "fraud"},
    {"Ridecode-Reason": "x"},
    {"Ridecode-Purpose": "fraud", "Ridecode-Reason": ""},
    {"Ridecode-Purpose": "fraud", "Ridecode-Reason": "%20%20"},
    {"Ridecode-Purpose": "fraud", "Ridecode-Reason": "a%0Ab"},
    {"Ridecode-Purpose": "fraud", "Ridecode-Reason": "a%00b"},
    {"Ridecode-Purpose": "fraud", "Ridecode-Reason": "x" * 201},
]


@pytest.mark.parametrize("headers", ODD_HEADERS)
def test_a_purpose_is_one_of_six_and_a_reason_a_few_words(
    world: World, headers: dict[str, str]
) -> None:
    token = {"Authorization": f"Bearer {world.tokens[CARD]}"}
    answer = world.http.get(f"/v1/riders/{world.account}", headers=headers | token)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer x", "Basic bGk6eA==", "Bearer rc_" + "A" * 43]
)
def test_what_is_no_token_is_nobodys(world: World, sent: str) -> None:
    answer = world.http.get("/v1/me", headers={"Authorization": sent})
    assert _came_in(answer) == "?"
    brought = sent.startswith("Bearer ")
    assert ("invalid_token" in answer.headers["WWW-Authenticate"]) is brought


def test_a_look_is_in_the_log_before_it_is_answered(world: World, cell: Cell) -> None:
    world.ask(CARD, "GET", f"/v1/rides/{world.ride}")
    world.ask(CARD, "GET", f"/v1/rides/{world.ride}", why=False)
    world.ask(RIDER, "GET", "/v1/rides", params={"account": world.account}, why=False)
    world.ask(OPERATOR, "GET", "/v1/summary")
    told = [
        (one.entry.who, one.entry.act, one.entry.subject, one.entry.purpose and
         one.entry.purpose.name, one.entry.reason, one.entry.outcome.name)
        for one in reversed(latest(cell, 4))
    ]  # fmt: skip
    account = world.account
    assert told == [
        (CARD, "GET /v1/rides/{ride_id}", account, "COMPLAINT", "失物", "ALLOWED"),
        (CARD, "GET /v1/rides/{ride_id}", account, None, "", "NO_PURPOSE"),
        (RIDER, "GET /v1/rides", account, None, "", "ALLOWED"),
        (OPERATOR, "GET /v1/summary", "", None, "", "NO_RIGHT"),
    ]


def test_without_its_entry_there_is_no_look(world: World, cell: Cell) -> None:
    with cell.connection() as conn:
        conn.execute("DROP TABLE access_log")
    with TestClient(world.http.app, raise_server_exceptions=False) as http:
        headers = {"Authorization": f"Bearer {world.tokens[RIDER]}"}
        answer = http.get(f"/v1/riders/{world.account}", headers=headers)
    assert answer.status_code == 500
    assert world.account not in answer.text


def test_a_rider_sees_who_looked_by_role_and_not_by_name(world: World) -> None:
    world.ask(CARD, "GET", f"/v1/riders/{world.account}")
    world.ask(ANOTHER, "GET", f"/v1/riders/{world.account}")
    told = world.ask(RIDER, "GET", f"/v1/riders/{world.account}/looks", why=False).json()
    assert [(one["role"], one["purpose"], one["outcome"]) for one in told] == [
        ("rider", None, "allowed"),
        ("rider", "complaint", "out_of_reach"),
        ("card_company", "complaint", "allowed"),
    ]
    assert "who" not in told[0]


def test_a_rider_reads_on_behind_a_flood_of_strangers(world: World) -> None:
    world.ask(CARD, "GET", f"/v1/riders/{world.account}")
    for _ in range(3):
        world.ask(ANOTHER, "GET", f"/v1/riders/{world.account}")
    path, roles, before = f"/v1/riders/{world.account}/looks", list[str](), dict[str, int]()
    for _ in range(3):
        page = world.ask(RIDER, "GET", path, why=False, params={"most": 2} | before).json()
        roles += [one["role"] for one in page]
        before = {"before": page[-1]["n"]}
    assert roles == ["rider"] * 4 + ["card_company"]


def test_an_auditor_reads_the_log_page_by_page(world: World) -> None:
    first = world.ask(AUDITOR, "GET", "/v1/log", params={"most": 3}).json()
    more = world.ask(AUDITOR, "GET", "/v1/log", params={"before": first[-1]["n"], "most": 1}).json()
    assert more[0]["n"] == first[-1]["n"] - 1
    assert (first[0]["who"], first[0]["right"], first[0]["reason"]) == (AUDITOR, "read_log", "失物")


def test_the_description_says_which_routes_take_a_token(world: World, app: FastAPI) -> None:
    told = world.http.get("/openapi.json").json()
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    secured = {
        f"{method.upper()} {path}"
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    assert secured == {
        route.replace(":path}", "}")
        for route, one in matrix(app).items()
        if one.how in (How.RIGHT, How.KNOWN)
    }
