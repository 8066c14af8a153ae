"""Money over HTTP: the books, a closed day, its file, the way back to the tap, and a callback."""

import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Event

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from ridecode.access import Open
from ridecode.api import Desk, make_app
from ridecode.city import Pack
from ridecode.money import Followed, agree, follow
from ridecode.money.channels import Channel, Silence, Silent, WeChatPay, Worked
from ridecode.sim.channels import WeChatCounterpart, honest
from ridecode.store import Cell, Clock, Vault
from tests.api.gates import Gates
from tests.api.phone import Phone


@pytest.fixture
def there(desk_clock: Clock) -> WeChatCounterpart:
    return WeChatCounterpart(honest, desk_clock.now)


@pytest.fixture
def desk_clock(tmp_path: Path, pack: Pack) -> Clock:
    return Clock.beginning(tmp_path, pack.calendar, 63_000, 0)


@pytest.fixture
def desk(
    cell: Cell, tmp_path: Path, pack: Pack, desk_clock: Clock, there: WeChatCounterpart
) -> Iterator[Desk]:
    channels: dict[str, Channel] = {"wechat": WeChatPay(there.merchant, there)}
    vault, files = Vault.open(tmp_path), tmp_path / "clearing"
    with Desk(cell, pack, vault, desk_clock, None, channels, files) as working:
        yield working


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    return make_app(desk, Open(desk.cell, Clock().now), Gates(desk))


def ridden(http: TestClient, phone: Phone, desk: Desk, there: WeChatCounterpart) -> str:
    """The visitor agrees, rides, and is charged; the account."""
    account = phone.account
    there.sign("c1", "u1")
    agreement = {"channel": "wechat", "contract": "c1", "user": "u1", "platform": "tencent"}
    assert http.put(f"/v1/riders/{account}/agreement", json=agreement).json()["channel"] == "wechat"
    phone.scan("sz-luohu:entry")
    phone.wait(1_200)
    phone.scan("sz-gangxia:exit")
    desk.catch_up()
    follow(desk.cell, desk.pack, desk.channels, desk.clock.now)
    return account


def test_a_day_ends_settled_and_every_line_leads_back(
    http: TestClient, phone: Phone, desk: Desk, there: WeChatCounterpart
) -> None:
    account = ridden(http, phone, desk, there)
    before = http.get("/v1/money").json()
    assert (before["balanced"], before["days"]) == (True, [])
    told = there.told()
    assert len(told) == 1
    for one in told * 2:
        answer = http.post("/v1/channels/wechat/callbacks", content=one.body, headers=one.headers)
        assert answer.status_code == 204
    books = http.post("/v1/demo/day").json()
    (day,) = books["days"]
    (file,) = day["files"]
    assert (books["balanced"], file["lines"], file["answer"]) == (True, 2, None)
    audit = http.get(f"/v1/money/days/{day['day']}/audit").json()
    assert (audit["findings"], audit["root"]) == ([], day["root"])
    lines = http.get(f"/v1/money/files/{file['number']}", params={"first": 2, "most": 2}).json()
    assert [one["text"][0] for one in lines["shown"]] == ["F", "C"]
    for one in lines["shown"]:
        n = one["text"].split(",")[1]
        trace = http.get(f"/v1/money/trace/{n}").json()
        assert (trace["account"], trace["order"]["state"]) == (account, "paid")
        assert {place["line"] for posted in (*trace["fares"], *trace["order"]["booked"])
                for place in posted["files"]} == {2, 3}  # fmt: skip
    tap = trace["ride"]["taps"][0]
    assert http.get(f"/v1/money/trace/{tap}").json() == trace


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/money/trace/x", 422), ("/v1/money/trace/7", 404), ("/v1/money/files/1", 404),
     ("/v1/money/files/0", 422), ("/v1/money/days/2018-09-01/audit", 404),
     ("/v1/money/days/x/audit", 422)],
)  # fmt: skip
def test_what_is_not_there_is_said(http: TestClient, path: str, status: int) -> None:
    assert http.get(path).status_code == status


def test_a_forged_callback_is_refused_and_moves_nothing(
    http: TestClient, phone: Phone, desk: Desk, there: WeChatCounterpart
) -> None:
    ridden(http, phone, desk, there)
    (told,) = there.told()
    before = http.get("/v1/money").json()["balances"]
    forged = http.post(
        "/v1/channels/wechat/callbacks", content=told.body + b" ", headers=told.headers
    )
    assert forged.status_code == 403
    assert http.post("/v1/channels/paypal/callbacks", content=b"").status_code == 404
    assert http.get("/v1/money").json()["balances"] == before


def test_an_agreement_names_a_channel_of_the_city(
    http: TestClient, pack: Pack, cell: Cell, there: WeChatCounterpart
) -> None:
    answer = http.put("/v1/riders/1/agreement", json={"channel": "paypal"})
    assert answer.status_code == 404
    agree(cell, pack, "2", "wechat", "c2", "u2", "", 1)
    there.sign("c2", "u2")
    taken = {"channel": "wechat", "contract": "c2", "user": "u2"}
    assert http.put("/v1/riders/1/agreement", json=taken).status_code == 409


def test_an_agreement_is_what_its_channel_says(
    http: TestClient, desk: Desk, there: WeChatCounterpart
) -> None:
    """It is asked, and one that is not connected says nothing."""
    path, asked = "/v1/riders/1/agreement", {"channel": "wechat", "contract": "c1", "user": "u1"}
    alipay = http.put(path, json=asked | {"channel": "alipay"})
    assert (alipay.status_code, "connected" in alipay.text) == (404, True)
    assert http.put(path, json={"channel": "wechat"}).status_code == 422
    ended = http.put(path, json=asked)
    assert (ended.status_code, "ENDED" in ended.json()["error"]["what"]) == (403, True)
    there.sign("c1", "u1")
    assert http.put(path, json=asked).status_code == 200


def test_while_its_channel_is_silent_nobody_agrees(
    http: TestClient, desk: Desk, there: WeChatCounterpart
) -> None:
    there.sign("c1", "u1")
    silent: Channel = WeChatPay(there.merchant, lambda *_: None)
    desk.channels = {"wechat": silent}
    asked = {"channel": "wechat", "contract": "c1", "user": "u1"}
    answer = http.put("/v1/riders/1/agreement", json=asked)
    assert (answer.status_code, "NO_ANSWER" in answer.json()["error"]["what"]) == (503, True)


def test_a_channel_that_is_silent_is_logged_and_counted_by_reason(
    http: TestClient, desk: Desk, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code stands in the log alone: no metric has a label that a channel chooses."""
    forged, mistake = Silent(Silence.NOT_SIGNED), Silent(Silence.OUR_MISTAKE, "PARAM_ERROR")
    silent = Worked(sent=9, facts=4, silent=5, reasons=((forged, 3), (mistake, 2)))
    rounds, goes_on = count(), Event()

    def followed(*_: object) -> Followed:
        if next(rounds) < 2:
            return Followed(worked={"wechat": silent})
        goes_on.set()
        return Followed(worked={"wechat": Worked(sent=1, facts=1)})

    assert _silent(http) == {one.name: 0 for one in Silence}
    monkeypatch.setattr("ridecode.api.running.follow_money", followed)
    assert goes_on.wait(10)
    told = [json.loads(line) for line in logged.getvalue().splitlines()]
    lines = [one for one in told if one["event"] == "a channel is silent"]
    assert [(one["channel"], one["requests"], one["reasons"]) for one in lines] == [
        ("wechat", 5, {"NOT_SIGNED": 3, "OUR_MISTAKE PARAM_ERROR": 2})
    ] * 2
    counted = {"NOT_SIGNED": 6, "OUR_MISTAKE": 4}
    assert _silent(http) == {one.name: counted.get(one.name, 0) for one in Silence}


def _silent(http: TestClient) -> dict[str, float]:
    """By reason, of the one channel."""
    return {
        sample.labels["reason"]: sample.value
        for family in text_string_to_metric_families(http.get("/metrics").text)
        for sample in family.samples
        if sample.name == "ridecode_channel_silent_total" and sample.labels["channel"] == "wechat"
    }


def test_a_mistake_in_a_round_is_told_and_ends_no_rounds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else money would stand still while all seems well."""
    turns, ailments, goes_on = count(), list[str](), Event()

    def breaks_off(*_: object) -> Followed:
        if next(turns) == 0:
            raise KeyError("a mistake of ours")
        ailments.append(desk.running.parts()["money"])
        goes_on.set()
        return Followed()

    monkeypatch.setattr("ridecode.api.running.follow_money", breaks_off)
    assert goes_on.wait(10)
    assert ailments == ["A round broke off: KeyError."]
