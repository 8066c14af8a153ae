"""The routes for platforms' servers: from the enrolment to a code that passes, and a loss."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from msgspec import Struct

from ridecode.access import Open
from ridecode.api import riders as routes
from ridecode.api.errors import answer_errors
from ridecode.city import Pack
from ridecode.code import Authority, KeySigner, TestRoots, Verifier, present
from ridecode.core import Verdict
from ridecode.riders import follow
from ridecode.store import Cell, Vault
from tests.riders.world import DAY, HOUR, NOW, S, key, phone, tell_debts

DOCUMENT = {"kind": "resident_id", "number": "11010519491231002x"}
RIDER = {"document": DOCUMENT, "issuer": "02215840", "platform": "tencent"}
MARGIN_S = 300


class Watch:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.ts = NOW

    def now(self) -> int:
        return self.ts


class Counter(Struct):
    """What these routes ask of a desk."""

    cell: Cell
    pack: Pack
    authority: Authority
    clock: Watch


@pytest.fixture
def desk(cell: Cell, pack: Pack, authority: Authority) -> Counter:
    return Counter(cell, pack, authority, Watch())


@pytest.fixture
def http(desk: Counter, tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.desk = desk
    app.state.entrance = Open(desk.cell, desk.clock.now)
    app.state.riders = routes.Registry.of(desk.pack, Vault.open(tmp_path))
    answer_errors(app)
    app.include_router(routes.router)
    with TestClient(app) as client:
        yield client


def posted(http: TestClient, path: str, body: object, status: int = 200) -> dict[str, Any]:
    answer = http.post(f"/v1/riders{path}", json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_from_the_enrolment_to_a_code_that_passes(http: TestClient, desk: Counter) -> None:
    rider = posted(http, "", RIDER)
    assert rider == {
        "account": "3104870400000000001", "payment_account": "0000000000000001",
        "issuer": "02215840", "platform": "tencent", "account_type": 1, "credit": "new",
        "owed": 0, "owing_since": None, "denied": [], "phone": None,
    }  # fmt: skip
    account = rider["account"]
    assert posted(http, "", RIDER) == rider

    bound = posted(http, f"/{account}/phones", {"user_key": key(1).hex()})
    assert (bound["made_by"], bound["private_key"]) == ("device", None)
    assert bound["usable_from"] == bound["bound_at"] == "2018-08-31T22:14:50+08:00"
    granted = posted(http, f"/{account}/authorisations", {"user_key": key(1).hex()})
    assert (granted["credit"], granted["limit_fen"]) == ("new", 2_000)
    assert granted["until"] == "2018-09-01T00:14:50+08:00"

    code = present(bytes.fromhex(granted["authorisation"]), phone(1), NOW // S)
    judge = Verifier([desk.authority.root], test_roots=TestRoots.ACCEPTED)
    assert judge.verify(code, NOW // S).verdict is Verdict.ACCEPTED
    shown = http.get(f"/v1/riders/{account}").json()
    assert shown["phone"]["authorised_until"] == granted["until"]


def test_a_key_that_the_server_makes_is_told_once(http: TestClient) -> None:
    account = posted(http, "", RIDER)["account"]
    bound = posted(http, f"/{account}/phones", {})
    held = KeySigner(bytes.fromhex(bound["private_key"]))
    assert (bound["made_by"], bound["user_key"]) == ("server", held.public_key.hex())
    granted = posted(http, f"/{account}/authorisations", {"user_key": bound["user_key"]})
    assert present(bytes.fromhex(granted["authorisation"]), held, NOW // S)
    assert http.get(f"/v1/riders/{account}").json()["phone"]["private_key"] is None


def test_a_loss_and_the_new_phone(http: TestClient, desk: Counter) -> None:
    account = posted(http, "", RIDER)["account"]
    old, new = {"user_key": key(1).hex()}, {"user_key": key(2).hex()}
    posted(http, f"/{account}/phones", old)
    posted(http, f"/{account}/authorisations", old)

    lost = posted(http, f"/{account}/loss", old)
    assert lost["phone"] is None
    (why,) = lost["denied"]
    assert why["why"] == "lost"
    assert why["words"]["zh"] == "手机已挂失，请在应用内绑定新手机。"
    said = posted(http, f"/{account}/authorisations", old, 403)
    assert said["error"]["code"] == "StoppedPhoneError"

    posted(http, f"/{account}/phones", new)
    said = posted(http, f"/{account}/authorisations", new, 403)
    assert said["error"]["code"] == "DeniedError"
    desk.clock.ts += 2 * HOUR + MARGIN_S * S + 1
    assert posted(http, f"/{account}/authorisations", new)["authorisation"]


def test_a_debtor_is_told_what_is_owed(http: TestClient, desk: Counter, cell: Cell) -> None:
    account = posted(http, "", RIDER)["account"]
    tell_debts(cell, (account, "owed", 2_500, NOW))
    registry = http.app.state.riders  # type: ignore[attr-defined]
    follow(cell, registry.rules, NOW)

    shown = http.get(f"/v1/riders/{account}").json()
    assert (shown["credit"], shown["owed"]) == ("denied", 2_500)
    assert shown["owing_since"] == "2018-08-31T22:14:50+08:00"
    said = posted(http, "", RIDER | {"platform": "alipay"}, 403)
    assert said["error"]["code"] == "OwingError"
    desk.clock.ts += DAY
    assert "2500" in said["error"]["what"]


WRONG: list[tuple[str, object, int, str]] = [
    ("", RIDER | {"document": DOCUMENT | {"number": "110105194912310021"}}, 422, "check digit"),
    ("", RIDER | {"document": DOCUMENT | {"kind": "library_card"}}, 422, "kind"),
    ("", RIDER | {"document": DOCUMENT | {"country": "china"}}, 422, "country"),
    ("", RIDER | {"issuer": "00000000"}, 422, "no issuer"),
    ("", RIDER | {"platform": "nobody"}, 422, "no platform"),
    ("", RIDER | {"account_type": 0}, 422, "account_type"),
    ("", RIDER | {"name": "张三"}, 422, "name"),
    ("/3104870400000000009/phones", {"user_key": key(1).hex()}, 404, "3104870400000000009"),
    ("/3104870400000000009/authorisations", {"user_key": key(1).hex()}, 404, "no account"),
    ("/3104870400000000009/loss", {"user_key": key(1).hex()}, 404, "no account"),
    ("/3104870400000000009/phones", {"user_key": "02" + "ff" * 32}, 422, "not a point"),
    ("/3104870400000000009/phones", {"user_key": "02"}, 422, "user_key"),
]


def test_a_wrong_request_has_the_one_shape_and_repeats_no_document(http: TestClient) -> None:
    for path, body, status, said in WRONG:
        answer = http.post(f"/v1/riders{path}", json=body)
        assert answer.status_code == status, answer.text
        assert said in answer.json()["error"]["what"]
        assert "1949" not in answer.text


def test_nothing_of_the_document_is_stored(http: TestClient, cell: Cell) -> None:
    posted(http, "", RIDER)
    with cell.connection() as conn:
        tables = ("riders", "accounts", "rider_events")
        rows = [str(conn.execute(f"SELECT * FROM {name}").fetchall()) for name in tables]
    assert "1949" not in "".join(rows)
