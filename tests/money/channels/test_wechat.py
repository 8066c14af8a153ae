"""WeChat Pay's client: what it sends, which fact each answer is, and what it does not believe."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ridecode.core import BadInputError, Mode, UnavailableError
from ridecode.money.channels import (
    Accepted,
    AgreementState,
    Answer,
    Ask,
    Fact,
    ForgedError,
    Order,
    Paid,
    Refunded,
    RefundFailed,
    Refused,
    Repaid,
    Said,
    Silence,
    Silent,
    WeChatPay,
)
from ridecode.money.channels.wechat.wire import charge_body
from ridecode.sim.channels.wechat import keys
from tests.money.channels.kit import BUSY, MORNING, NO_ANSWER, NOT_SIGNED, UNREADABLE, ask_of

SECOND = 1_000_000
REFUND = UUID(int=77)
OURS, UNDECIDED = Silence.OUR_MISTAKE, Silence.UNDECIDED


class Script:
    """A link that answers as it was told to, in order, and remembers what it was asked."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str, Mapping[str, str], bytes]]()

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        self.asked.append((method, target, headers, body))
        return self.answers.pop(0)


def client(*answers: Answer | None) -> WeChatPay:
    return WeChatPay(keys.merchant(), Script(*answers))


def said(told: object, status: int = 200, at: int = MORNING) -> Answer:
    return keys.answer(status, told, at)


def trouble(status: int, code: str) -> Answer:
    return said({"code": code, "message": "…"}, status)


ASK: Ask = ask_of(client(), 1)
ORDER: Order = ASK.order
TOLD: dict[str, Any] = {
    "out_trade_no": ORDER.number, "trade_state": "SUCCESS", "transaction_id": "4200",
    "bank_type": "CMB_DEBIT", "amount": {"total": 300, "payer_total": 280, "currency": "CNY"},
}  # fmt: skip
ADVANCED = TOLD | {"bank_type": "BPA", "user_repay_state": "NOT_REPAY"}


BODIES: list[tuple[int, Mode | None, dict[str, Any]]] = [
    (4, Mode.BUS, {
        "description": "公交乘车 4路", "trade_scene": "BUS",
        "bus_info": {"start_time": "2018-09-03T07:00:00+08:00", "line_name": "4路",
                     "plate_number": "粤BD12345"}}),
    (1, Mode.METRO, {
        "description": "地铁乘车 1路", "trade_scene": "METRO",
        "metro_info": {"start_time": "2018-09-03T07:00:00+08:00",
                       "end_time": "2018-09-03T07:30:00+08:00", "start_station": "少年宫"}}),
    (2, Mode.FERRY, {
        "description": "轮渡乘车 2路", "trade_scene": "BUS",
        "bus_info": {"start_time": "2018-09-03T07:00:00+08:00", "line_name": "2路",
                     "plate_number": "粤BD12345"}}),
    (3, Mode.CABLE_CAR, {
        "description": "缆车乘车 3路", "trade_scene": "BUS",
        "bus_info": {"start_time": "2018-09-03T07:00:00+08:00", "line_name": "3路",
                     "plate_number": "粤BD12345"}}),
    (5, None, {
        "description": "乘车费差额", "trade_scene": "BUS",
        "bus_info": {"start_time": "2018-09-03T08:00:00+08:00"}}),
]  # fmt: skip


@pytest.mark.parametrize(("n", "mode", "scene"), BODIES, ids=lambda value: str(value)[:12])
def test_a_charge_in_the_words_of_wechat_pay(
    n: int, mode: Mode | None, scene: dict[str, Any]
) -> None:
    ask = ask_of(client(), n)
    assert (ask.carried.mode if ask.carried else None) is mode
    assert json.loads(charge_body(keys.merchant(), ask)) == scene | {
        "appid": "wxd678efh567hg6787", "out_trade_no": ask.order.number,
        "contract_id": f"{n:020}", "amount": {"total": 300, "currency": "CNY"},
        "notify_url": "https://card-company.example/callbacks/wechat",
    }  # fmt: skip


def test_every_mode_has_a_scene() -> None:
    assert {mode for _, mode, _ in BODIES} == {*Mode, None}


@pytest.mark.parametrize(
    ("vehicle", "plate"),
    [("粤B·D12345", "粤BD12345"), ("粤B 12345", "粤B12345"), ("粤B12345挂", "粤B12345挂"),
     ("bus-17", None), ("", None), ("B12345", None)],
)  # fmt: skip
def test_a_plate_without_its_dot_and_nothing_that_is_no_plate(
    vehicle: str, plate: str | None
) -> None:
    ask = ask_of(client(), 4)
    assert ask.carried
    changed = msgspec.structs.replace(
        ask, carried=msgspec.structs.replace(ask.carried, vehicle=vehicle)
    )
    bus = json.loads(charge_body(keys.merchant(), changed))["bus_info"]
    assert bus.get("plate_number") == plate


def test_a_long_line_is_cut_between_characters() -> None:
    ask = ask_of(client(), 4)
    assert ask.carried
    long = msgspec.structs.replace(ask.carried, line="深" * 60)
    body = json.loads(charge_body(keys.merchant(), msgspec.structs.replace(ask, carried=long)))
    assert body["description"] == "公交乘车 " + "深" * 38


def test_in_the_partner_form_everything_names_the_sub_merchant() -> None:
    merchant = msgspec.structs.replace(keys.merchant(), sub_mchid="1900000999", sub_appid="wxsub")
    script = Script(*[None] * 6)
    partner = WeChatPay(merchant, script)
    partner.charge([ASK], MORNING)
    partner.query([ORDER], MORNING)
    partner.refund(ORDER, Paid("4200", 300), REFUND, 100, MORNING)
    partner.agreement("c1", MORNING)
    with pytest.raises(UnavailableError):
        partner.bill("2018-09-03", MORNING)
    for _, target, _, body in script.asked:
        assert b'"sub_mchid":"1900000999"' in body or "sub_mchid=1900000999" in target
    assert "sub_appid=wxsub" in script.asked[3][1]
    assert len(script.asked) == 5


def test_a_refund_names_the_payment_and_its_whole_amount() -> None:
    script = Script(None)
    WeChatPay(keys.merchant(), script).refund(ORDER, Paid("4200", 301), REFUND, 1, MORNING)
    method, target, headers, body = script.asked[0]
    assert (method, target) == ("POST", "/v3/refund/domestic/refunds")
    assert headers["Content-Type"] == headers["Accept"] == "application/json"
    assert json.loads(body) == {
        "transaction_id": "4200", "out_refund_no": f"{77:032x}",
        "notify_url": "https://card-company.example/callbacks/wechat",
        "amount": {"refund": 1, "total": 301, "currency": "CNY"},
    }  # fmt: skip


def test_a_contract_that_needs_it_is_quoted() -> None:
    script = Script(None)
    WeChatPay(keys.merchant(), script).agreement("a/b c", MORNING)
    assert script.asked[0][1].startswith("/v3/qrcode/user-services/contract-id/a%2Fb%20c?appid=")


STATES: list[tuple[str, dict[str, Any], set[Fact] | Silent]] = [
    ("accepted", {"out_trade_no": ORDER.number, "trade_state": "ACCEPTED"}, {Accepted()}),
    ("taken", TOLD, {Paid("4200", 300)}),
    ("advanced", ADVANCED, {Paid("4200", 300, is_advanced=True)}),
    ("advanced, repaid", ADVANCED | {"user_repay_state": "REPAID"},
     {Paid("4200", 300, is_advanced=True), Repaid("4200")}),
    ("advanced, all given back", ADVANCED | {"trade_state": "REFUND",
                                             "user_repay_state": "ALL_REFUND"},
     {Paid("4200", 300, is_advanced=True), Repaid("4200")}),
    ("repaid, and never advanced", TOLD | {"user_repay_state": "REPAID"}, {Paid("4200", 300)}),
    ("given back in part", TOLD | {"trade_state": "REFUND"}, {Paid("4200", 300)}),
    ("failed", {"out_trade_no": ORDER.number, "trade_state": "PAY_FAIL",
                "trade_state_description": "余额不足"}, {Refused("余额不足")}),
    ("failed without a word", {"out_trade_no": ORDER.number, "trade_state": "PAY_FAIL"},
     {Refused("PAY_FAIL")}),
    ("of another order", TOLD | {"out_trade_no": "0" * 32}, UNREADABLE),
    ("a state that is none", TOLD | {"trade_state": "CLOSED"}, UNREADABLE),
    ("paid without a number", TOLD | {"transaction_id": ""}, UNREADABLE),
    ("a number that no file can name", TOLD | {"transaction_id": "42 00"}, UNREADABLE),
    ("a number that is too long", TOLD | {"transaction_id": "4" * 65}, UNREADABLE),
    ("paid nothing", TOLD | {"amount": {"total": 0}}, UNREADABLE),
    ("paid without an amount", {k: v for k, v in TOLD.items() if k != "amount"}, UNREADABLE),
    ("no order at all", {}, UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(("told", "known"), [row[1:] for row in STATES], ids=[r[0] for r in STATES])
def test_what_a_query_says(told: dict[str, Any], known: set[Fact] | Silent) -> None:
    assert client(said(told)).query([ORDER], MORNING) == [known]


@pytest.mark.parametrize(("told", "known"), [row[1:] for row in STATES], ids=[r[0] for r in STATES])
def test_a_charge_says_the_newest_of_it(told: dict[str, Any], known: set[Fact] | Silent) -> None:
    (fact,) = client(said(told)).charge([ASK], MORNING)
    if isinstance(known, Silent):
        assert fact == known
    else:
        assert {fact} == {one for one in known if not (isinstance(one, Paid) and len(known) > 1)}


UNKNOWN = trouble(404, "ORDER_NOT_EXIST")
CHARGES: list[tuple[str, list[Answer | None], Fact | Silent]] = [
    ("a rule of business refuses it, and the number is new",
     [trouble(400, "INVALID_REQUEST"), UNKNOWN], Refused("INVALID_REQUEST")),
    ("a code nobody wrote down, and the number is new", [trouble(403, "RULE_LIMIT"), UNKNOWN],
     Refused("RULE_LIMIT")),
    ("it refuses what it has taken before", [trouble(400, "INVALID_REQUEST"), said(TOLD)],
     Paid("4200", 300)),
    ("it refuses, and does not answer the question", [trouble(400, "INVALID_REQUEST"), None],
     NO_ANSWER),
    ("it refuses, and the question too", [trouble(400, "INVALID_REQUEST"), trouble(403, "NO_AUTH")],
     Silent(OURS, "NO_AUTH")),
    ("it refuses, and says of the question what nobody wrote down",
     [trouble(400, "INVALID_REQUEST"), trouble(403, "RULE_LIMIT")],
     Silent(UNDECIDED, "RULE_LIMIT")),
    ("the number is used", [trouble(403, "OUT_TRADE_NO_USED")], Accepted()),
    ("our own mistake", [trouble(400, "PARAM_ERROR")], Silent(OURS, "PARAM_ERROR")),
    ("no right to the service", [trouble(403, "NO_AUTH")], Silent(OURS, "NO_AUTH")),
    ("our own signature", [trouble(401, "SIGN_ERROR")], Silent(OURS, "SIGN_ERROR")),
    ("too much to do", [trouble(429, "FREQUENCY_LIMITED")],
     Silent(Silence.BUSY, "FREQUENCY_LIMITED")),
    ("it failed", [trouble(500, "SYSTEM_ERROR")], Silent(Silence.BUSY, "SYSTEM_ERROR")),
    ("it failed, without a code", [said([], 500)], BUSY),
    ("a redirect", [trouble(302, "INVALID_REQUEST")],
     Silent(Silence.UNREADABLE, "INVALID_REQUEST")),
    ("no answer", [None], NO_ANSWER),
    ("an answer of yesterday", [said(TOLD, at=MORNING - 86_400 * SECOND)], NOT_SIGNED),
    ("a refusal nobody signed", [Answer(400, {}, b'{"code":"PARAM_ERROR"}')], NOT_SIGNED),
    ("busy, and nobody signed it", [Answer(502, {}, b'{"code":"PARAM_ERROR"}')], BUSY),
    ("signed by another", [keys.answer(200, TOLD, MORNING, "stranger")], NOT_SIGNED),
    ("with a key of which we know nothing",
     [Answer(200, {**said(TOLD).headers, "wechatpay-serial": "NEW"}, said(TOLD).body)], NOT_SIGNED),
    ("nothing of its words", [said("SUCCESS")], UNREADABLE),
    ("a refusal without a code", [said({}, 400)], UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "fact"), [row[1:] for row in CHARGES], ids=[row[0] for row in CHARGES]
)
def test_what_a_charge_that_is_not_taken_says(
    answers: list[Answer | None], fact: Fact | Silent
) -> None:
    assert client(*answers).charge([ASK], MORNING) == [fact]


@pytest.mark.parametrize(
    ("answer", "known"),
    [(UNKNOWN, frozenset()), (trouble(404, "RESOURCE_NOT_EXISTS"), frozenset()),
     (trouble(404, "MCH_NOT_EXISTS"), Silent(OURS, "MCH_NOT_EXISTS")),
     (trouble(400, "PARAM_ERROR"), Silent(OURS, "PARAM_ERROR")),
     (trouble(429, "FREQUENCY_LIMITED"), Silent(Silence.BUSY, "FREQUENCY_LIMITED")),
     (Answer(404, {}, b'{"code":"ORDER_NOT_EXIST"}'), NOT_SIGNED), (None, NO_ANSWER)],
)  # fmt: skip
def test_only_a_signed_answer_says_that_an_order_is_unknown(
    answer: Answer | None, known: frozenset[Fact] | Silent
) -> None:
    assert client(answer).query([ORDER], MORNING) == [known]


def given(status: str, **other: object) -> Answer:
    return said({"out_trade_no": ORDER.number, "out_refund_no": REFUND.hex, "status": status,
                 "amount": {"refund": 100, "total": 300}, **other})  # fmt: skip


NO_REFUND = trouble(404, "RESOURCE_NOT_EXISTS")
REFUNDS: list[tuple[str, list[Answer | None], Fact | Silent]] = [
    ("given", [given("SUCCESS")], Refunded(REFUND, 100)),
    ("under way", [given("PROCESSING")], Silent(UNDECIDED, "PROCESSING")),
    ("closed", [given("CLOSED")], RefundFailed(REFUND, "CLOSED")),
    ("the user's account takes nothing", [given("ABNORMAL")], RefundFailed(REFUND, "ABNORMAL")),
    ("given, but nothing", [given("SUCCESS", amount={"refund": 0, "total": 300})],
     Silent(Silence.UNREADABLE, "SUCCESS")),
    ("of another refund", [given("SUCCESS", out_refund_no="1" * 32)], UNREADABLE),
    ("of another order", [given("SUCCESS", out_trade_no="1" * 32)], UNREADABLE),
    ("the account is gone", [trouble(403, "USER_ACCOUNT_ABNORMAL"), NO_REFUND],
     RefundFailed(REFUND, "USER_ACCOUNT_ABNORMAL")),
    ("refused, and given before", [trouble(400, "INVALID_REQUEST"), given("SUCCESS")],
     Refunded(REFUND, 100)),
    ("refused, and unknown", [trouble(400, "INVALID_REQUEST"), NO_REFUND],
     RefundFailed(REFUND, "INVALID_REQUEST")),
    ("refused, and nobody answers", [trouble(400, "INVALID_REQUEST"), None], NO_ANSWER),
    ("the merchant has too little", [trouble(403, "NOT_ENOUGH"), NO_REFUND],
     Silent(OURS, "NOT_ENOUGH")),
    ("the payment is too new", [NO_REFUND, NO_REFUND], Silent(UNDECIDED, "RESOURCE_NOT_EXISTS")),
    ("refused, and then without the right to ask",
     [trouble(400, "INVALID_REQUEST"), trouble(403, "NO_AUTH")], Silent(OURS, "NO_AUTH")),
    ("our own mistake", [trouble(400, "PARAM_ERROR")], Silent(OURS, "PARAM_ERROR")),
    ("too much to do", [trouble(429, "FREQUENCY_LIMITED")],
     Silent(Silence.BUSY, "FREQUENCY_LIMITED")),
    ("no answer", [None], NO_ANSWER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "fact"), [row[1:] for row in REFUNDS], ids=[row[0] for row in REFUNDS]
)
def test_what_a_refund_says(answers: list[Answer | None], fact: Fact | Silent) -> None:
    channel = client(*answers)
    assert channel.refund(ORDER, Paid("4200", 300), REFUND, 100, MORNING) == fact


def service(state: str, reason: str = "", contract: str = "c1") -> Answer:
    told = {"contract_id": contract, "user_service_state": state}
    return said(told | ({"block_reason": reason} if reason else {}))


@pytest.mark.parametrize(
    ("answer", "state"),
    [(service("NORMAL"), AgreementState.STANDS),
     (service("BLOCKED", "OVERDUE"), AgreementState.OVERDUE),
     (service("BLOCKED", "ACCOUNT_FROZEN"), AgreementState.BLOCKED),
     (service("BLOCKED", "DELETED"), AgreementState.ENDED),
     (service("BLOCKED", "A_NEW_REASON"), AgreementState.BLOCKED),
     (service("BLOCKED"), AgreementState.BLOCKED),
     (service("SOMETHING"), UNREADABLE), (service("NORMAL", contract="c2"), UNREADABLE),
     (trouble(404, "RESOURCE_NOT_EXISTS"), AgreementState.ENDED),
     (trouble(404, "MCH_NOT_EXISTS"), Silent(OURS, "MCH_NOT_EXISTS")),
     (trouble(500, "SYSTEM_ERROR"), Silent(Silence.BUSY, "SYSTEM_ERROR")), (None, NO_ANSWER)],
)  # fmt: skip
def test_how_an_agreement_stands(answer: Answer | None, state: AgreementState | Silent) -> None:
    assert client(answer).agreement("c1", MORNING) == state


@pytest.mark.parametrize(
    ("answer", "why"),
    [(None, "NO_ANSWER"), (Answer(404, {}, b""), "NOT_SIGNED"),
     (trouble(404, "NO_STATEMENT_EXIST"), "NO_STATEMENT_EXIST")],
)  # fmt: skip
def test_why_there_is_no_bill(answer: Answer | None, why: str) -> None:
    with pytest.raises(UnavailableError, match=rf"no bill of 2018-09-03: {why}\."):
        client(answer).bill("2018-09-03", MORNING)


def test_wechat_pay_gives_no_list_of_debtors() -> None:
    assert list(client().debtors(MORNING)) == []


HEARD: list[tuple[str, str, dict[str, Any], Fact | None]] = [
    ("taken", "TRANSACTION.SUCCESS", TOLD, Paid("4200", 300)),
    ("advanced", "TRANSACTION.SUCCESS", ADVANCED, Paid("4200", 300, is_advanced=True)),
    ("repaid", "TRANSACTION.PAY_BACK", ADVANCED | {"user_repay_state": "REPAID"}, Repaid("4200")),
    ("failed", "TRANSACTION.FAIL", TOLD | {"trade_state": "PAY_FAIL"}, Refused("PAY_FAIL")),
    ("of no order of ours", "TRANSACTION.SUCCESS", TOLD | {"out_trade_no": "CAR-7"}, None),
    ("a number that is almost ours", "TRANSACTION.SUCCESS",
     TOLD | {"out_trade_no": ORDER.number.upper()}, None),
    ("of something else", "COUPON.USE", {"coupon": 1}, None),
    ("given back", "REFUND.SUCCESS", {
        "out_trade_no": ORDER.number, "out_refund_no": REFUND.hex, "refund_status": "SUCCESS",
        "amount": {"refund": 100, "total": 300}}, Refunded(REFUND, 100)),
    ("not given back", "REFUND.ABNORMAL", {
        "out_trade_no": ORDER.number, "out_refund_no": REFUND.hex, "refund_status": "ABNORMAL",
        "amount": {"refund": 100, "total": 300}}, RefundFailed(REFUND, "ABNORMAL")),
    ("a refund that somebody began by hand", "REFUND.SUCCESS", {
        "out_trade_no": ORDER.number, "out_refund_no": "50302018", "refund_status": "SUCCESS",
        "amount": {"refund": 100, "total": 300}}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "told", "fact"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD]
)
def test_what_is_heard(event: str, told: dict[str, Any], fact: Fact | None) -> None:
    one = keys.callback(event, told, MORNING)
    heard = client().hear(one.headers, one.body, MORNING)
    assert heard == (Said(ORDER.order_id, fact) if fact else None)


@pytest.mark.parametrize(
    ("event", "told"),
    [("TRANSACTION.SUCCESS", {}), ("TRANSACTION.SUCCESS", TOLD | {"transaction_id": ""}),
     ("REFUND.SUCCESS", TOLD), ("TRANSACTION.SUCCESS", [])],
)  # fmt: skip
def test_what_was_signed_and_cannot_be_read_is_said(event: str, told: object) -> None:
    one = keys.callback(event, told, MORNING)
    with pytest.raises(BadInputError):
        client().hear(one.headers, one.body, MORNING)


@pytest.mark.parametrize(
    ("late_s", "is_heard"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_callback_is_heard_for_five_minutes(late_s: int, is_heard: bool) -> None:
    one = keys.callback("TRANSACTION.SUCCESS", TOLD, MORNING)
    now = MORNING + late_s * SECOND
    if is_heard:
        assert client().hear(one.headers, one.body, now)
    else:
        with pytest.raises(ForgedError):
            client().hear(one.headers, one.body, now)


def test_a_callback_signed_by_somebody_else_is_forged_even_with_our_key_to_seal_it() -> None:
    one = keys.callback("TRANSACTION.SUCCESS", TOLD, MORNING, "stranger")
    with pytest.raises(ForgedError):
        client().hear(one.headers, one.body, MORNING)


def test_another_apiv3_key_opens_nothing() -> None:
    one = keys.callback("TRANSACTION.SUCCESS", TOLD, MORNING)
    other = msgspec.structs.replace(keys.merchant(), api_v3_key=b"1" * 32)
    with pytest.raises(BadInputError, match="APIv3 key"):
        WeChatPay(other, Script()).hear(one.headers, one.body, MORNING)


def test_what_a_mini_program_opens_to_agree() -> None:
    opened = json.loads(client().sign_up("3104990000000001", "a7", MORNING))
    sign = opened["extraData"].pop("sign")
    assert opened == {
        "appId": "wxbd687630cd02ce1d",
        "path": "pages/index/index",
        "extraData": {
            "appid": "wxd678efh567hg6787", "mch_id": "1900000109", "plan_id": "72803",
            "contract_code": "a7", "contract_display_account": "3104990000000001",
            "request_serial": opened["extraData"]["request_serial"],
            "notify_url": "https://card-company.example/agreements/wechat",
            "timestamp": "1535932800",
        },
    }  # fmt: skip
    assert len(sign) == 32
    assert 0 <= int(opened["extraData"]["request_serial"]) < 2**63


def test_without_a_template_nobody_signs_up() -> None:
    merchant = msgspec.structs.replace(keys.merchant(), plan=None)
    with pytest.raises(UnavailableError):
        WeChatPay(merchant, Script()).sign_up("r1", "a7", MORNING)
