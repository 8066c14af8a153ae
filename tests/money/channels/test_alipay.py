"""Alipay as a channel: what each answer says, what is never said, and what is asked of Alipay."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, parse_qsl, quote, urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from ridecode.core import BadInputError, Mode, UnavailableError
from ridecode.money.channels import (
    Accepted,
    Agreement,
    AgreementState,
    Alipay,
    AlipayMerchant,
    Answer,
    Ask,
    Carried,
    Debtor,
    Fact,
    ForgedError,
    Order,
    Paid,
    Purse,
    Refunded,
    RefundFailed,
    Refused,
    Said,
    Silence,
    Silent,
)
from ridecode.money.channels.alipay.signing import Rsa2, sorted_text
from tests.money.channels.kit import BUSY, NO_ANSWER, NOT_SIGNED, UNREADABLE
from tests.money.channels.test_alipay_signing import PRIVATE, PUBLIC

NOW = 1_535_932_800_000_000
ORDER = Order(
    order_id=UUID("0165a0b1-c2d3-7e4f-8567-89abcdef0123"), account="r1", channel="alipay",
    purse=Purse.OUTSIDE, amount=300, about=UUID(int=6), made_at=NOW,
)  # fmt: skip
NUMBER = "0165a0b1c2d37e4f856789abcdef0123"
REFUND = UUID(int=9)
AGREED = Agreement(account="r1", contract="20185903000000000001", user="2088000000000007")
CARRIED = Carried(
    mode=Mode.BUS, line="984路/夜", entry_stop="少年宫", exit_stop="福田", vehicle="粤B12345",
    started=NOW - 1_800_000_000, ended=NOW,
)  # fmt: skip
ASK = Ask(ORDER, AGREED, CARRIED)
MERCHANT = AlipayMerchant(
    app_id="2018000000000001", private_key=PRIVATE, alipay_public_key=PUBLIC,
    seller="fares@card-company.example", notify_url="https://card-company.example/alipay",
    personal_product_code="GENERAL_WITHHOLDING_P", sign_scene="INDUSTRY|BUS", card_type="SIM0001",
)  # fmt: skip
# One key pair stands for both sides here.
RSA2 = Rsa2(PRIVATE, PUBLIC)


class Gateway:
    """A gateway that gives one signed node after another, and keeps what it was asked."""

    def __init__(self, *nodes: Mapping[str, object] | Answer | None) -> None:
        self.nodes = list(nodes)
        self.asked: list[dict[str, str]] = []

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        told = dict(parse_qsl(target.partition("?")[2])) | dict(parse_qsl(body.decode()))
        self.asked.append(told)
        node = self.nodes.pop(0)
        if node is None or isinstance(node, Answer):
            return node
        return answer(told["method"].replace(".", "_") + "_response", json.encode(node))


def answer(name: str, node: bytes, signature: str | None = None) -> Answer:
    sign = RSA2.sign(node) if signature is None else signature
    return Answer(200, {}, b'{"%s":%s,"sign":"%s"}' % (name.encode(), node, sign.encode()))


GATEWAY = Gateway()
CHANNEL = Alipay(MERCHANT, GATEWAY, GATEWAY)


def alipay(*nodes: Mapping[str, object] | Answer | None) -> tuple[Alipay, Gateway]:
    """The one channel of this file, for keys are slow to read; its gateway begins anew."""
    GATEWAY.nodes, GATEWAY.asked = list(nodes), []
    return CHANNEL, GATEWAY


OURS, UNDECIDED = Silence.OUR_MISTAKE, Silence.UNDECIDED
DONE: dict[str, object] = {"code": "10000", "msg": "Success"}


def failed(sub_code: str, code: str = "40004") -> dict[str, object]:
    return {"code": code, "sub_code": sub_code}


def row(result: str, error: str = "", number: str = NUMBER) -> dict[str, object]:
    return {**DONE, "result_list": [
        {"out_trade_no": number, "result": result, "error_code": error, "need_retry": True}
    ]}  # fmt: skip


@pytest.mark.parametrize(
    ("node", "fact"),
    [
        (row("SUCCESS"), Accepted()),
        (row("FAIL", "BUYER_BALANCE_NOT_ENOUGH"), Refused("BUYER_BALANCE_NOT_ENOUGH")),
        (row("FAIL", "SYSTEM_ERROR"), Silent(Silence.BUSY, "SYSTEM_ERROR")),
        (row("FAIL", "ACQ.SYSTEM_ERROR"), Silent(Silence.BUSY, "ACQ.SYSTEM_ERROR")),
        (row("UNKNOWN"), Silent(UNDECIDED, "UNKNOWN")),
        (row("UNKNOWN", "TIMED_OUT"), Silent(UNDECIDED, "TIMED_OUT")),
        (row("PERHAPS"), Silent(Silence.UNREADABLE, "PERHAPS")),
        (row("SUCCESS", number="1" * 32), UNREADABLE),
        ({**DONE, "result_list": []}, UNREADABLE),
        (DONE, UNREADABLE),
        ({**DONE, "result_list": "SUCCESS"}, UNREADABLE),
        ({**row("SUCCESS"), "code": "20000"}, Silent(Silence.BUSY, "20000")),
        (failed("", "40005"), Silent(Silence.BUSY, "40005")),
        (failed("isp.unknow-error"), Silent(Silence.BUSY, "isp.unknow-error")),
        (failed("isv.invalid-signature"), Silent(OURS, "isv.invalid-signature")),
        (failed("isv.missing-method", "40001"), Silent(OURS, "isv.missing-method")),
        (failed("", "40006"), Silent(OURS, "40006")),
        (failed("ACQ.INVALID_PARAMETER"), Silent(OURS, "ACQ.INVALID_PARAMETER")),
        (failed("ACQ.SOMETHING_NEW"), Silent(UNDECIDED, "ACQ.SOMETHING_NEW")),
        (failed("", "10003"), Silent(UNDECIDED, "10003")),
        (None, NO_ANSWER),
        (Answer(502, {}, b""), BUSY),
        (Answer(429, {}, b""), BUSY),
        (Answer(302, {}, b""), NOT_SIGNED),
        (Answer(200, {}, b"<html>"), NOT_SIGNED),
        (Answer(200, {}, b'{"error_response":{"code":"20000"}}'), NOT_SIGNED),
        (answer("error_response", b'{"code":"20000"}', "AAAA"), NOT_SIGNED),
        (answer("error_response", b'"20000"'), UNREADABLE),
    ],
)
def test_what_a_row_of_a_batch_says(
    node: Mapping[str, object] | Answer | None, fact: Fact | Silent
) -> None:
    assert alipay(node)[0].charge([ASK], NOW) == [fact]


def test_rows_are_told_apart_by_their_numbers_whatever_their_order() -> None:
    orders = [
        Order(UUID(int=n), "r", "alipay", Purse.OUTSIDE, 1, UUID(int=1), 0) for n in (1, 2, 3)
    ]
    rows = [
        {"out_trade_no": f"{n:032x}", "result": "SUCCESS" if n == 1 else "FAIL"} for n in (3, 1)
    ]
    channel, _ = alipay({**DONE, "result_list": rows})
    said = channel.charge([Ask(order, AGREED, None) for order in orders], NOW)
    assert said == [Accepted(), UNREADABLE, Refused("")]
    assert channel.charge([], NOW) == []


def test_what_is_asked_of_alipay_for_a_ride() -> None:
    channel, gateway = alipay(None)
    channel.charge([ASK], NOW)
    (told,) = gateway.asked
    signature = told.pop("sign")
    assert RSA2.holds(sorted_text(told), signature)
    content = json.decode(told.pop("biz_content"))
    assert told == {
        "app_id": "2018000000000001", "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
        "method": "alipay.commerce.transport.offlinepay.trade.settle", "version": "1.0",
        "timestamp": "2018-09-03 08:00:00", "notify_url": "https://card-company.example/alipay",
    }  # fmt: skip
    assert content == {"trade_list": [{
        "out_trade_no": NUMBER, "amount": "3.00", "actual_order_time": "2018-09-03 08:00:00",
        "card_type": "SIM0001", "user_id": "2088000000000007", "subject": "984路 夜",
        "order_biz_context": '{"line":"984路/夜","start_station":"少年宫"}',
        "seller_login_name": "fares@card-company.example",
    }]}  # fmt: skip


def test_an_open_id_is_none_of_alipays_numbers_and_a_day_has_no_line() -> None:
    channel, gateway = alipay(None)
    channel.charge([Ask(ORDER, Agreement(account="r1", contract="c", user="074a1C"), None)], NOW)
    (trade,) = json.decode(gateway.asked[0]["biz_content"])["trade_list"]
    assert (trade["open_id"], trade["subject"]) == ("074a1C", "乘车")
    assert not {"user_id", "order_biz_context"} & set(trade)


def trade(status: str, amount: str = "3.00", **more: str) -> dict[str, object]:
    return {**DONE, "out_trade_no": NUMBER, "trade_no": "t1", "trade_status": status,
            "total_amount": amount, **more}  # fmt: skip


PAID = frozenset({Paid("t1", 300)})
WRONG = Silent(Silence.UNREADABLE, "TRADE_SUCCESS")
PAID_ON = {"send_pay_date": "2018-09-03 08:00:00"}
TRADES: list[tuple[Mapping[str, object] | Answer | None, frozenset[Fact] | Silent]] = [
    (trade("TRADE_SUCCESS"), PAID),
    (trade("TRADE_FINISHED"), PAID),
    (trade("TRADE_CLOSED", **PAID_ON), PAID),
    (trade("TRADE_CLOSED"), frozenset({Refused("TRADE_CLOSED")})),
    (trade("WAIT_BUYER_PAY"), frozenset({Accepted()})),
    (trade("TRADE_SUCCESS", "3.01"), frozenset({Paid("t1", 301)})),
    (trade("SOMETHING_NEW"), Silent(Silence.UNREADABLE, "SOMETHING_NEW")),
    (trade("TRADE_SUCCESS", "3.001"), WRONG),
    (trade("TRADE_SUCCESS", "-3.00"), WRONG),
    (trade("TRADE_SUCCESS", "0.00"), WRONG),
    (trade("TRADE_SUCCESS", ""), WRONG),
    (trade("TRADE_SUCCESS", trade_no=""), WRONG),
    (trade("TRADE_SUCCESS", trade_no="t 1"), WRONG),
    (trade("TRADE_SUCCESS", out_trade_no="1" * 32), UNREADABLE),
    ({**trade("TRADE_SUCCESS"), "code": "20000"}, Silent(Silence.BUSY, "20000")),
    (failed("ACQ.TRADE_NOT_EXIST"), frozenset()),
    (failed("ACQ.SYSTEM_ERROR"), Silent(Silence.BUSY, "ACQ.SYSTEM_ERROR")),
    (failed("isv.invalid-signature", "40002"), Silent(OURS, "isv.invalid-signature")),
    (None, NO_ANSWER),
]


@pytest.mark.parametrize(("node", "facts"), TRADES)
def test_what_is_known_of_an_order(
    node: Mapping[str, object] | Answer | None, facts: frozenset[Fact] | Silent
) -> None:
    assert alipay(node)[0].query([ORDER], NOW) == [facts]


def given_back(amount: str = "1.00", **more: str) -> dict[str, object]:
    return {**DONE, "out_trade_no": NUMBER, "out_request_no": REFUND.hex,
            "refund_amount": amount, "refund_status": "REFUND_SUCCESS", **more}  # fmt: skip


CHANGED = {**DONE, "out_trade_no": NUMBER, "fund_change": "Y", "refund_fee": "2.00"}
UNCHANGED = {**CHANGED, "fund_change": "N"}


@pytest.mark.parametrize(
    ("nodes", "fact"),
    [
        ([CHANGED], Refunded(REFUND, 100)),
        ([UNCHANGED, given_back()], Refunded(REFUND, 100)),
        ([UNCHANGED, given_back("0.50")], Refunded(REFUND, 50)),
        ([UNCHANGED, given_back("0.00")], UNREADABLE),
        ([UNCHANGED, given_back("-1.00")], UNREADABLE),
        ([UNCHANGED, DONE], Silent(UNDECIDED)),
        ([UNCHANGED, given_back(refund_status="RUNS")], Silent(UNDECIDED, "RUNS")),
        ([UNCHANGED, given_back("x")], UNREADABLE),
        ([UNCHANGED, given_back(out_request_no="0" * 32)], UNREADABLE),
        ([UNCHANGED, given_back(out_trade_no="1" * 32)], UNREADABLE),
        ([UNCHANGED, failed("ACQ.SYSTEM_ERROR")], Silent(Silence.BUSY, "ACQ.SYSTEM_ERROR")),
        ([UNCHANGED, None], NO_ANSWER),
        ([{**CHANGED, "out_trade_no": "1" * 32}], UNREADABLE),
        ([failed("ACQ.TRADE_NOT_ALLOW_REFUND")],
         RefundFailed(REFUND, "ACQ.TRADE_NOT_ALLOW_REFUND")),
        ([failed("ACQ.TRADE_HAS_FINISHED")], RefundFailed(REFUND, "ACQ.TRADE_HAS_FINISHED")),
        ([failed("ACQ.SELLER_BALANCE_NOT_ENOUGH")],
         Silent(OURS, "ACQ.SELLER_BALANCE_NOT_ENOUGH")),
        ([failed("ACQ.BUYER_ERROR")], Silent(UNDECIDED, "ACQ.BUYER_ERROR")),
        ([failed("ACQ.SYSTEM_ERROR")], Silent(Silence.BUSY, "ACQ.SYSTEM_ERROR")),
        ([failed("isp.unknow-error", "20000")], Silent(Silence.BUSY, "isp.unknow-error")),
        ([None], NO_ANSWER),
    ],
)  # fmt: skip
def test_what_became_of_a_refund(
    nodes: list[Mapping[str, object] | None], fact: Fact | Silent
) -> None:
    channel, gateway = alipay(*nodes)
    assert channel.refund(ORDER, Paid("t1", 300), REFUND, 100, NOW) == fact
    assert gateway.nodes == []
    assert json.decode(gateway.asked[0]["biz_content"]) == {
        "trade_no": "t1", "out_trade_no": NUMBER, "out_request_no": REFUND.hex,
        "refund_amount": "1.00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("node", "state"),
    [
        ({**DONE, "agreement_no": "c", "status": "NORMAL"}, AgreementState.STANDS),
        ({**DONE, "agreement_no": "c", "status": "STOP"}, AgreementState.BLOCKED),
        ({**DONE, "agreement_no": "c", "status": "TEMP"}, AgreementState.ENDED),
        ({**DONE, "agreement_no": "c", "status": "NEW"}, Silent(Silence.UNREADABLE, "NEW")),
        ({**DONE, "agreement_no": "d", "status": "NORMAL"}, Silent(Silence.UNREADABLE, "NORMAL")),
        (failed("USER_AGREEMENT_NOT_EXIST"), AgreementState.ENDED),
        (failed("isp.unknow-error", "20000"), Silent(Silence.BUSY, "isp.unknow-error")),
        (None, NO_ANSWER),
    ],
)
def test_how_an_agreement_stands(
    node: Mapping[str, object] | None, state: AgreementState | Silent
) -> None:
    assert alipay(node)[0].agreement("c", NOW) == state


@pytest.mark.parametrize(
    ("node", "is_ended"),
    [(DONE, True), (failed("USER_AGREEMENT_NOT_EXIST"), True), (failed("x"), False), (None, False)],
)
def test_an_agreement_is_ended_where_alipay_says_so(
    node: Mapping[str, object] | None, is_ended: bool
) -> None:
    assert alipay(node)[0].end_agreement("c", NOW) is is_ended


def test_signing_up_opens_alipays_app_with_what_we_signed() -> None:
    channel, gateway = alipay()
    opened = channel.sign_up("r1", "a1", NOW)
    told = {name: values[0] for name, values in parse_qs(opened).items() if name != "sign_params"}
    assert told.pop("alipays://platformapi/startapp?appId") == "60000157"
    signed = dict(parse_qsl(parse_qs(opened)["sign_params"][0]))
    signature = signed.pop("sign")
    assert RSA2.holds(sorted_text(signed), signature)
    assert json.decode(signed["biz_content"]) == {
        "personal_product_code": "GENERAL_WITHHOLDING_P", "sign_scene": "INDUSTRY|BUS",
        "external_agreement_no": "a1", "external_logon_id": "r1",
        "access_params": {"channel": "ALIPAYAPP"},
    }  # fmt: skip
    assert opened.endswith(quote(urlencode({"sign": signature}), safe=""))
    assert gateway.asked == []


def listed(first: int, users: int) -> dict[str, object]:
    return {**DONE, "black_list": [f"2088{n:012}" for n in range(first, first + users)]}


def test_debtors_are_read_page_by_page_to_the_last() -> None:
    channel, gateway = alipay(listed(0, 1_000), listed(1_000, 1_000), listed(2_000, 0))
    assert list(channel.debtors(NOW)) == [Debtor(f"2088{n:012}", "") for n in range(2_000)]
    pages = [json.decode(one["biz_content"]) for one in gateway.asked]
    assert pages == [{"page_index": n, "page_size": 1_000} for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "broken", [None, failed("isp.unknow-error", "20000"), Answer(200, {}, b"")]
)
def test_a_list_of_debtors_that_breaks_off_is_told(
    broken: Mapping[str, object] | Answer | None,
) -> None:
    with pytest.raises(UnavailableError, match="page 2"):
        list(alipay(listed(0, 1_000), broken)[0].debtors(NOW))


def test_gates_get_alipays_keys() -> None:
    (key,) = alipay({**DONE, "keys": [{"key_id": 7, "public_key": "02AB"}]})[0].ride_keys(NOW)
    assert (key.key_id, key.public_key) == (7, "02AB")
    with pytest.raises(UnavailableError):
        alipay(None)[0].ride_keys(NOW)


def test_a_bill_is_fetched_from_where_alipay_says() -> None:
    fetched: list[tuple[str, str]] = []

    def bills(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        fetched.append((method, target))
        return Answer(403, {}, b"")

    url = "http://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade&token=a%2Fb"
    channel = Alipay(MERCHANT, Gateway({**DONE, "bill_download_url": url}), bills)
    with pytest.raises(UnavailableError):
        list(channel.bill("2018-09-03", NOW))
    assert fetched == [("GET", "/downloadBillFile.resource?bizType=trade&token=a%2Fb")]
    with pytest.raises(UnavailableError, match="bill_not_exist"):
        list(alipay(failed("isp.bill_not_exist"))[0].bill("2018-09-03", NOW))


# What Alipay tells by itself

TOLD = {
    "notify_type": "trade_status_sync", "app_id": "2018000000000001", "charset": "utf-8",
    "out_trade_no": NUMBER, "trade_no": "t1", "trade_status": "TRADE_SUCCESS",
    "total_amount": "3.00", "gmt_payment": "2018-09-03 08:00:00", "subject": "984路 & 夜=+%",
    "body": "",
}  # fmt: skip


def form(told: Mapping[str, str]) -> bytes:
    return urlencode({**told, "sign_type": "RSA2", "sign": RSA2.sign(sorted_text(told))}).encode()


HEARD: list[tuple[dict[str, str], Fact | None]] = [
    ({}, Paid("t1", 300)),
    ({"trade_status": "TRADE_FINISHED"}, Paid("t1", 300)),
    ({"refund_fee": "1.00", "out_biz_no": "r", "gmt_refund": "2018-09-03 09:00:00.123"},
     Paid("t1", 300)),
    ({"trade_status": "TRADE_CLOSED", "refund_fee": "3.00"}, Paid("t1", 300)),
    ({"trade_status": "TRADE_CLOSED", "gmt_payment": ""}, Refused("TRADE_CLOSED")),
    ({"trade_status": "WAIT_BUYER_PAY"}, Accepted()),
    ({"trade_status": "NEW"}, None),
    ({"notify_type": "dut_user_sign"}, None),
    ({"out_trade_no": "another-shops"}, None),
    ({"out_trade_no": NUMBER.upper()}, None),
    ({"out_trade_no": "{" + NUMBER + "}"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("other", "fact"), HEARD)
def test_what_alipay_tells_by_itself(other: dict[str, str], fact: Fact | None) -> None:
    said = alipay()[0].hear({}, form({**TOLD, **other}), NOW)
    assert said == (None if fact is None else Said(ORDER.order_id, fact))


@pytest.mark.parametrize(
    "other",
    [{"app_id": "2018000000000002"}, {"total_amount": "1e2"}, {"total_amount": "0.00"},
     {"trade_no": ""}],
)  # fmt: skip
def test_what_is_signed_and_cannot_be_right_is_told(other: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        alipay()[0].hear({}, form({**TOLD, **other}), NOW)


SIGNED = form(TOLD)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"a=b", SIGNED.replace(b"3.00", b"9.00"), SIGNED + b"&total_amount=9.00",
        b"total_amount=9.00&" + SIGNED, SIGNED + b"&more=1", SIGNED.replace(b"RSA2", b"RSA2&x=1"),
        urlencode(TOLD).encode(), urlencode({**TOLD, "sign": ""}).encode(), b"\xff" + SIGNED,
        SIGNED.replace(b"984", b"%ff"), form({**TOLD, "sign_type": "RSA2"}),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_does_not_bear_alipays_signature_is_forged(body: bytes) -> None:
    with pytest.raises(ForgedError):
        alipay()[0].hear({}, body, NOW)


@given(st.data())
def test_of_a_changed_notification_nothing_is_heard_that_was_not_signed(
    data: st.DataObject,
) -> None:
    body = bytearray(SIGNED)
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=4)):
        body[at] = data.draw(st.integers(0, 255))
    try:
        said = alipay()[0].hear({}, bytes(body), NOW)
    except (ForgedError, BadInputError):
        return
    assert said == Said(ORDER.order_id, Paid("t1", 300))


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=4))
def test_whatever_is_signed_is_a_fact_or_told(other: dict[str, str]) -> None:
    told = {**TOLD, **other}
    told = {name: told[name] for name in told if name not in ("sign", "sign_type")}
    try:
        said = alipay()[0].hear({}, form(told), NOW)
    except BadInputError:
        return
    assert said is None or said.order_id == ORDER.order_id


def forged(body: bytes) -> Answer:
    """With a signature that Alipay gave to something else."""
    return Answer(200, {}, b'{"alipay_trade_query_response":' + body + b',"sign":"'
                  + RSA2.sign(b"{}").encode() + b'"}')  # fmt: skip


CALLS: list[Callable[[Alipay], object]] = [
    lambda channel: channel.charge([ASK], NOW),
    lambda channel: channel.query([ORDER], NOW),
    lambda channel: channel.refund(ORDER, Paid("t1", 300), REFUND, 100, NOW),
    lambda channel: channel.agreement("c", NOW),
]
NOTHING: list[object] = [NOT_SIGNED, [NOT_SIGNED]]


@given(
    st.sampled_from(CALLS),
    st.binary(max_size=60).map(lambda body: Answer(200, {}, body))
    | st.sampled_from(
        [trade("TRADE_SUCCESS"), CHANGED, row("SUCCESS"), failed("ACQ.TRADE_NOT_EXIST")]
    ).map(lambda node: forged(json.encode(node))),
)  # fmt: skip
def test_an_answer_without_alipays_signature_says_nothing(
    call: Callable[[Alipay], object], said: Answer
) -> None:
    assert call(alipay(said)[0]) in NOTHING


NAMES = st.sampled_from(
    ["code", "sub_code", "result_list", "result", "out_trade_no", "trade_no", "trade_status",
     "total_amount", "fund_change", "status", "agreement_no"]
)  # fmt: skip
SCRAPS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6)
    | st.sampled_from(["10000", NUMBER, "SUCCESS", "3.00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
)  # fmt: skip


@given(st.sampled_from(CALLS), st.dictionaries(NAMES, SCRAPS, max_size=6) | SCRAPS)
def test_whatever_alipay_signs_is_a_fact_or_nothing(
    call: Callable[[Alipay], object], node: object
) -> None:
    told = answer("error_response", json.encode(node))
    said = call(alipay(told, told)[0])
    for one in said if isinstance(said, list) else [said]:
        assert isinstance(one, frozenset | Accepted | Refused | Refunded | Silent)
        assert one not in (NOT_SIGNED, NO_ANSWER, BUSY)


def test_no_key_is_shown() -> None:
    assert repr(MERCHANT) == "AlipayMerchant(2018000000000001)"
