"""WeChat Pay's side is as strict as the real one, and each mischief does what its name says."""

import json
from typing import Any
from uuid import UUID

import pytest

from ridecode.core import MICROS
from ridecode.money.channels import Answer, Ask, ForgedError, Paid, Said, WeChatPay
from ridecode.money.channels.wechat.signing import Signing
from ridecode.money.channels.wechat.wire import charge_body, refund_body
from ridecode.sim.channels import Mischief, Moved, Told, WeChatCounterpart
from tests.money.channels.kit import Clock, ask_of

CHARGES, REFUNDS = "/v3/qrcode/transactions", "/v3/refund/domestic/refunds"


class World:
    """One user who has agreed, at a counterpart with one mischief."""

    def __init__(self, wrong: Mischief | None = None) -> None:
        self.clock = Clock()
        self.planned: list[str] = []

        def plan(number: str) -> Mischief | None:
            self.planned.append(number)
            return wrong

        self.counterpart = WeChatCounterpart(plan, self.clock)
        self.merchant = self.counterpart.merchant
        self.channel = WeChatPay(self.merchant, self.counterpart)
        self.signing = Signing(self.merchant)
        self.ask: Ask = ask_of(self.channel, 1)
        self.number = self.ask.order.number
        self.counterpart.sign(self.ask.agreement.contract, self.ask.agreement.user)
        self.body = charge_body(self.merchant, self.ask)

    def send(self, method: str, target: str, body: bytes = b"", late_s: int = 0) -> Answer | None:
        now = self.clock.now - late_s * MICROS
        header = self.signing.authorization(method, target, body, now, "n")
        return self.counterpart(method, target, {"Authorization": header}, body)

    def asked(
        self, method: str, target: str, body: bytes = b"", late_s: int = 0
    ) -> tuple[int, Any]:
        answer = self.send(method, target, body, late_s)
        assert answer
        return answer.status, json.loads(answer.body)

    def state(self) -> str:
        return str(self.asked("GET", f"{CHARGES}/out-trade-no/{self.number}")[1]["trade_state"])

    def moved(self) -> Moved:
        return self.counterpart.truth().get(self.number, Moved())

    def hear(self, told: Told) -> Said | None:
        return self.channel.hear(told.headers, told.body, self.clock.now)

    def paid(self) -> Paid:
        """Charged and taken, whatever that needs."""
        for _ in range(2):
            self.send("POST", CHARGES, self.body)
            self.counterpart.hours_pass()
        told = self.asked("GET", f"{CHARGES}/out-trade-no/{self.number}")[1]
        self.counterpart.told()
        return Paid(told["transaction_id"], told["amount"]["total"])

    def refund(self, paid: Paid, amount: int, number: int = 5) -> tuple[int, Any]:
        body = refund_body(self.merchant, paid, UUID(int=number), amount)
        return self.asked("POST", REFUNDS, body)


def changed(body: bytes, **other: object) -> bytes:
    told = json.loads(body) | other
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


def test_an_honest_charge_is_accepted_and_then_taken() -> None:
    world = World()
    status, told = world.asked("POST", CHARGES, world.body)
    assert (status, told["trade_state"]) == (200, "ACCEPTED")
    assert world.state() == "SUCCESS"
    assert world.moved() == Moved(taken=300)


@pytest.mark.parametrize("late_s", [301, -301])
def test_what_was_signed_long_ago_is_not_taken(late_s: int) -> None:
    world = World()
    assert world.asked("POST", CHARGES, world.body, late_s)[0] == 401
    assert world.moved() == Moved()
    assert world.planned == []


def test_what_was_changed_after_it_was_signed_is_not_taken() -> None:
    world = World()
    header = {"authorization": world.signing.authorization(
        "POST", CHARGES, world.body, world.clock.now, "n")}  # fmt: skip
    other = changed(world.body, amount={"total": 1, "currency": "CNY"})
    for method, target, headers, body in [
        ("POST", CHARGES, header, other), ("POST", REFUNDS, header, world.body),
        ("GET", CHARGES, header, world.body), ("POST", CHARGES, {}, world.body),
        ("POST", CHARGES, {"authorization": header["authorization"] + "x"}, world.body),
        ("POST", CHARGES, {"authorization": header["authorization"].replace("1900", "1901")},
         world.body),
    ]:  # fmt: skip
        answer = world.counterpart(method, target, headers, body)
        assert answer
        assert answer.status == 401
        assert answer.headers == {}
    assert world.moved() == Moved()


BAD: list[tuple[str, dict[str, object]]] = [
    ("no app", {"appid": None}),
    ("no description", {"description": None}),
    ("no number", {"out_trade_no": None}),
    ("no scene", {"trade_scene": None}),
    ("no contract", {"contract_id": None}),
    ("no address", {"notify_url": None}),
    ("no amount", {"amount": None}),
    ("no details of its scene", {"metro_info": None}),
    ("an unknown field", {"color": "blue"}),
    ("a scene that is none", {"trade_scene": "FERRY"}),
    ("the details of another scene", {"trade_scene": "BUS"}),
    ("nothing", {"amount": {"total": 0, "currency": "CNY"}}),
    ("less than nothing", {"amount": {"total": -1, "currency": "CNY"}}),
    ("a part of a fen", {"amount": {"total": 1.5, "currency": "CNY"}}),
    ("another currency", {"amount": {"total": 1, "currency": "HKD"}}),
    ("a long description", {"description": "深" * 43}),
    ("an empty description", {"description": ""}),
    ("a long number", {"out_trade_no": "0" * 33}),
    ("a number with a dash", {"out_trade_no": "0-0-0-0"}),
    ("callbacks without https", {"notify_url": "http://a.example/"}),
    ("callbacks with a query", {"notify_url": "https://a.example/?a=1"}),
    ("a time that is none", {"metro_info": {"start_time": "2018-13-03T07:00:00+08:00"}}),
    ("a time without offset", {"metro_info": {"start_time": "2018-09-03T07:00:00"}}),
    ("a time of a fraction", {"metro_info": {"start_time": "2018-09-03T07:00:00.1+08:00"}}),
]


@pytest.mark.parametrize("other", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_a_charge_in_other_words_is_refused(other: dict[str, object]) -> None:
    world = World()
    assert world.asked("POST", CHARGES, changed(world.body, **other)) == (
        400, {"code": "PARAM_ERROR", "message": ""},
    )  # fmt: skip
    assert world.moved() == Moved()


@pytest.mark.parametrize(
    ("other", "code"),
    [({"appid": "wx0"}, "APPID_MCHID_NOT_MATCH"), ({"contract_id": "none"}, "INVALID_REQUEST")],
)
def test_a_charge_of_somebody_else_is_refused(other: dict[str, object], code: str) -> None:
    world = World()
    assert world.asked("POST", CHARGES, changed(world.body, **other))[1]["code"] == code
    assert world.moved() == Moved()


def test_one_number_is_one_order() -> None:
    world = World()
    world.paid()
    assert world.asked("POST", CHARGES, world.body)[1]["trade_state"] == "SUCCESS"
    other = changed(world.body, amount={"total": 301, "currency": "CNY"})
    assert world.asked("POST", CHARGES, other) == (
        403, {"code": "OUT_TRADE_NO_USED", "message": ""},
    )  # fmt: skip
    assert world.moved() == Moved(taken=300)


def test_the_plan_is_asked_once_for_an_order() -> None:
    world = World()
    world.refund(world.paid(), 10)
    assert world.planned == [world.number]


def test_a_refund_that_cannot_be_is_refused() -> None:
    world = World()
    paid = world.paid()
    assert world.refund(Paid("4200", 300), 10)[1]["code"] == "RESOURCE_NOT_EXISTS"
    assert world.refund(Paid(paid.transaction, 299), 10)[1]["code"] == "INVALID_REQUEST"
    assert world.refund(paid, 301)[1]["code"] == "INVALID_REQUEST"
    assert world.refund(paid, 200)[0] == 200
    assert world.refund(paid, 199)[1]["code"] == "INVALID_REQUEST"
    assert world.refund(paid, 200)[1]["status"] == "SUCCESS"
    assert world.refund(paid, 101, number=6)[1]["code"] == "INVALID_REQUEST"
    assert world.refund(paid, 100, number=6)[0] == 200
    assert world.moved() == Moved(taken=300, given_back=300)


@pytest.mark.parametrize("target", ["/v3/none", f"{CHARGES}/out-trade-no/0", f"{REFUNDS}/0"])
def test_what_is_not_there_is_not_found(target: str) -> None:
    assert World().asked("GET", target)[0] == 404


@pytest.mark.parametrize(
    ("wrong", "is_answered", "status", "taken"),
    [(Mischief.NEVER_CAME, False, 0, 0), (Mischief.SILENT_SUCCESS, False, 0, 300),
     (Mischief.BUSY, True, 429, 0), (Mischief.ANSWER_FORGED, True, 200, 300)],
)  # fmt: skip
def test_a_request_gets_lost_once(
    wrong: Mischief, is_answered: bool, status: int, taken: int
) -> None:
    world = World(wrong)
    answer = world.send("POST", CHARGES, world.body)
    assert (answer is not None, answer.status if answer else 0) == (is_answered, status)
    assert world.moved().taken == taken
    if wrong is Mischief.ANSWER_FORGED and answer:
        with pytest.raises(ForgedError):
            world.signing.check(answer.headers, answer.body, world.clock.now)
    assert world.asked("POST", CHARGES, world.body)[0] == 200
    assert world.moved().taken == 300


@pytest.mark.parametrize(
    ("wrong", "at_once", "later"),
    [(None, 1, 0), (Mischief.CALLBACK_TWICE, 2, 0), (Mischief.CALLBACK_LATE, 0, 1),
     (Mischief.CALLBACK_NEVER, 0, 0), (Mischief.CALLBACK_REORDERED, 0, 1),
     (Mischief.CALLBACK_FORGED, 2, 0), (Mischief.TAKEN_TWICE, 2, 0), (Mischief.REFUSED, 0, 0),
     (Mischief.ADVANCED, 1, 0)],
)  # fmt: skip
def test_how_often_a_payment_is_told(wrong: Mischief | None, at_once: int, later: int) -> None:
    world = World(wrong)
    world.send("POST", CHARGES, world.body)
    assert len(world.counterpart.told()) == at_once
    assert world.counterpart.told() == []
    world.counterpart.hours_pass()
    assert len(world.counterpart.told()) == later


def test_what_happened_later_is_told_first() -> None:
    world = World(Mischief.CALLBACK_REORDERED)
    world.send("POST", CHARGES, world.body)
    told = world.asked("GET", f"{CHARGES}/out-trade-no/{world.number}")[1]
    world.refund(Paid(told["transaction_id"], 300), 10)
    events = [json.loads(one.body)["event_type"] for one in world.counterpart.told()]
    assert events == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]


def test_a_forged_callback_tells_of_more_than_there_is_and_is_not_heard() -> None:
    world = World(Mischief.CALLBACK_FORGED)
    world.send("POST", CHARGES, world.body)
    forged, true = world.counterpart.told()
    with pytest.raises(ForgedError):
        world.hear(forged)
    assert world.hear(true)
    assert world.signing.opened(*_sealed(forged)) != world.signing.opened(*_sealed(true))


def _sealed(told: Told) -> tuple[str, str, str]:
    resource = json.loads(told.body)["resource"]
    return resource["nonce"], resource["associated_data"], resource["ciphertext"]


@pytest.mark.parametrize(
    ("wrong", "moved", "state"),
    [(Mischief.REFUSED, Moved(), "PAY_FAIL"), (Mischief.ADVANCED, Moved(300, 0, 300), "SUCCESS"),
     (Mischief.MORE_TAKEN, Moved(301), "SUCCESS"), (Mischief.LESS_TAKEN, Moved(299), "SUCCESS"),
     (Mischief.TAKEN_TWICE, Moved(600), "SUCCESS"), (Mischief.CALLBACK_LATE, Moved(), "ACCEPTED")],
)  # fmt: skip
def test_what_is_taken(wrong: Mischief, moved: Moved, state: str) -> None:
    world = World(wrong)
    world.send("POST", CHARGES, world.body)
    assert (world.moved(), world.state()) == (moved, state)


def test_a_refund_in_part_gives_half_and_the_rest_when_it_is_asked_for_again() -> None:
    world = World(Mischief.REFUND_IN_PART)
    paid = world.paid()
    assert world.refund(paid, 101)[1]["status"] == "PROCESSING"
    assert world.moved().given_back == 50
    world.counterpart.hours_pass()
    assert world.moved().given_back == 50
    assert world.refund(paid, 101)[1]["status"] == "SUCCESS"
    assert world.moved().given_back == 101


def test_a_refund_that_fails_gives_nothing_and_says_so() -> None:
    world = World(Mischief.REFUND_FAILS)
    paid = world.paid()
    world.refund(paid, 101)
    assert world.refund(paid, 101)[1]["status"] == "ABNORMAL"
    (told,) = world.counterpart.told()
    assert json.loads(told.body)["event_type"] == "REFUND.ABNORMAL"
    assert world.moved() == Moved(taken=300)


def test_whoever_owes_is_blocked_until_it_is_repaid() -> None:
    for wrong in (Mischief.ADVANCED, Mischief.REFUSED):
        world = World(wrong)
        target = f"/v3/qrcode/user-services/contract-id/{world.ask.agreement.contract}?appid="
        target += world.merchant.appid
        assert world.asked("GET", target)[1]["user_service_state"] == "NORMAL"
        world.send("POST", CHARGES, world.body)
        assert world.asked("GET", target)[1]["block_reason"] == "OVERDUE"
        world.counterpart.repay(world.number)
        assert world.asked("GET", target)[1]["user_service_state"] == "NORMAL"
        world.counterpart.block(world.ask.agreement.contract, "DELETED")
        assert world.asked("GET", target)[1]["block_reason"] == "DELETED"


def test_what_is_refused_and_repaid_is_told_and_an_advance_is_not() -> None:
    refused, advanced = World(Mischief.REFUSED), World(Mischief.ADVANCED)
    for world, told in ((refused, 1), (advanced, 0)):
        world.send("POST", CHARGES, world.body)
        world.counterpart.told()
        world.counterpart.repay(world.number)
        assert len(world.counterpart.told()) == told
        assert world.moved() == Moved(taken=300)


def test_the_same_plan_ends_in_the_same_truth() -> None:
    worlds = [World(Mischief.TAKEN_TWICE) for _ in range(2)]
    found = []
    for world in worlds:
        paid = world.paid()
        world.refund(paid, 10)
        found.append((paid, world.counterpart.truth(), world.state()))
    assert found[0] == found[1]
