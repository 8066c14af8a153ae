"""What goes to WeChat Pay and comes from it, field by field, and which fact it is. Pure.

Source: 公共出行平台代扣服务 (`/v3/qrcode/…`) and 申请退款 (`/v3/refund/domestic/refunds`). Fields
that say nothing to us are left unread.
"""

import re
from typing import Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Struct

from ridecode.core import MICROS, BadInputError, Mode, to_iso
from ridecode.money.channels.contract import AgreementState, Ask
from ridecode.money.channels.order import (
    Accepted,
    Fact,
    Order,
    Paid,
    Refunded,
    RefundFailed,
    Refused,
    Repaid,
    is_number,
)
from ridecode.money.channels.wechat.signing import WeChatMerchant

CHINA_OFFSET_S: Final = 28_800
"""WeChat Pay's days and times are China's."""
ADVANCED: Final = "BPA"
"""The `bank_type` of a payment that WeChat Pay has advanced (垫资)."""
_DESCRIPTION_BYTES: Final = 128
_PLATE: Final = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}[\u4e00-\u9fff]?")


class _Amount(Struct, omit_defaults=True):
    total: int
    currency: str = ""


class _Bus(Struct, omit_defaults=True):
    start_time: str
    line_name: str = ""
    plate_number: str = ""


class _Metro(Struct, omit_defaults=True):
    start_time: str
    end_time: str
    start_station: str = ""
    end_station: str = ""


class _Charge(Struct, omit_defaults=True, kw_only=True):
    appid: str
    sub_appid: str = ""
    sub_mchid: str = ""
    description: str
    out_trade_no: str
    trade_scene: Literal["BUS", "METRO"]
    contract_id: str
    notify_url: str
    amount: _Amount
    bus_info: _Bus | None = None
    metro_info: _Metro | None = None


def charge_body(merchant: WeChatMerchant, ask: Ask) -> bytes:
    """An order as WeChat Pay takes it; the same bytes whenever it is sent again.

    It knows the scenes BUS and METRO alone. A ferry and a cable car go as BUS: one vehicle of one
    line, without a place of exit. So does the difference of a day, from when the order was made.
    """
    is_metro = ask.carried is not None and ask.carried.mode is Mode.METRO
    return msgspec.json.encode(
        _Charge(
            appid=merchant.appid, sub_appid=merchant.sub_appid, sub_mchid=merchant.sub_mchid,
            description=_description(ask), out_trade_no=ask.order.number,
            trade_scene="METRO" if is_metro else "BUS", contract_id=ask.agreement.contract,
            notify_url=merchant.notify_url, amount=_Amount(ask.order.amount, "CNY"),
            bus_info=None if is_metro else _bus(ask), metro_info=_metro(ask) if is_metro else None,
        )
    )  # fmt: skip


_MODES: Final = {
    Mode.BUS: "公交", Mode.METRO: "地铁", Mode.FERRY: "轮渡", Mode.CABLE_CAR: "缆车",
}  # fmt: skip


def _description(ask: Ask) -> str:
    """At most 128 bytes: the limit of the other interfaces, and none is told of this one."""
    carried = ask.carried
    told = "乘车费差额" if carried is None else f"{_MODES[carried.mode]}乘车 {carried.line}".strip()
    return told.encode()[:_DESCRIPTION_BYTES].decode(errors="ignore")


def _bus(ask: Ask) -> _Bus:
    carried = ask.carried
    if carried is None:
        return _Bus(_time(ask.order.made_at))
    # Province and number, without the dot that is painted between; a fleet number is no plate.
    plate = re.sub(r"[·•.\-\s]", "", carried.vehicle)
    return _Bus(
        _time(carried.started), carried.line, plate if _PLATE.fullmatch(plate) else ""
    )  # fmt: skip


def _metro(ask: Ask) -> _Metro:
    carried = ask.carried
    assert carried is not None, "a ride by metro is carried by something"
    return _Metro(
        _time(carried.started), _time(carried.ended), carried.entry_stop, carried.exit_stop
    )


def _time(ts: int) -> str:
    return to_iso(ts // MICROS * MICROS, CHINA_OFFSET_S)


class Transaction(Struct):
    """An order as WeChat Pay tells of it, in an answer or a callback."""

    out_trade_no: str
    trade_state: Literal["ACCEPTED", "SUCCESS", "PAY_FAIL", "REFUND"]
    transaction_id: str = ""
    amount: _Amount | None = None
    bank_type: str = ""
    user_repay_state: str = ""
    trade_state_description: str = ""


def facts(told: Transaction) -> frozenset[Fact]:
    """All that it says, without refunds; raises `BadInputError` for a payment of no amount.

    `ALL_REFUND` ends an advance as a repayment does: its user owes WeChat Pay nothing more. What
    was paid is the order's total, which is what the merchant gets, whatever coupon its user had.
    """
    if told.trade_state == "ACCEPTED":
        return frozenset({Accepted()})
    if told.trade_state == "PAY_FAIL":
        return frozenset({Refused(told.trade_state_description or told.trade_state)})
    if told.amount is None or told.amount.total <= 0 or not is_number(told.transaction_id):
        raise BadInputError(
            f"WeChat Pay tells of a payment of {told.out_trade_no} without its number or amount.",
            "Ask WeChat Pay about the order.",
        )
    paid = Paid(told.transaction_id, told.amount.total, told.bank_type == ADVANCED)
    if paid.is_advanced and told.user_repay_state in ("REPAID", "ALL_REFUND"):
        return frozenset({paid, Repaid(paid.transaction)})
    return frozenset({paid})


class _RefundAmount(Struct):
    refund: int
    total: int
    currency: str = "CNY"


class _RefundAsk(Struct, omit_defaults=True, kw_only=True):
    sub_mchid: str = ""
    transaction_id: str
    out_refund_no: str
    notify_url: str
    amount: _RefundAmount


def refund_body(merchant: WeChatMerchant, paid: Paid, refund: UUID, amount: int) -> bytes:
    """By WeChat Pay's own number of the payment: an order that was paid twice has two."""
    return msgspec.json.encode(
        _RefundAsk(
            sub_mchid=merchant.sub_mchid, transaction_id=paid.transaction,
            out_refund_no=refund.hex, notify_url=merchant.notify_url,
            amount=_RefundAmount(amount, paid.amount, "CNY"),
        )
    )  # fmt: skip


class _GivenBack(Struct):
    refund: int


_RefundStatus: TypeAlias = Literal["SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL"]


class Refund(Struct):
    """A refund as WeChat Pay answers it."""

    out_trade_no: str
    out_refund_no: str
    status: _RefundStatus
    amount: _GivenBack


class ToldRefund(Struct):
    """A refund as WeChat Pay tells of it by itself: the status has another name there."""

    out_trade_no: str
    out_refund_no: str
    refund_status: _RefundStatus
    amount: _GivenBack


def refund_fact(number: UUID, status: _RefundStatus, amount: int) -> Fact | None:
    """None while it is under way, and for no amount that was given. `ABNORMAL` is a user's account
    that takes nothing (退款异常): only a person can lead the money elsewhere."""
    if status == "SUCCESS":
        return Refunded(number, amount) if amount > 0 else None
    return None if status == "PROCESSING" else RefundFailed(number, status)


class UserService(Struct):
    """Whether a contract's user can be charged."""

    contract_id: str
    user_service_state: Literal["NORMAL", "BLOCKED"]
    block_reason: str = ""


def agreement_state(told: UserService) -> AgreementState:
    if told.user_service_state == "NORMAL":
        return AgreementState.STANDS
    return _BLOCKED.get(told.block_reason, AgreementState.BLOCKED)


_BLOCKED: Final = {
    "DELETED": AgreementState.ENDED,
    "OVERDUE": AgreementState.OVERDUE,
    "ACCOUNT_FROZEN": AgreementState.BLOCKED,
}


class TradeBill(Struct):
    """Where the bill of a day lies, and its hash."""

    hash_type: Literal["SHA1"]
    hash_value: str
    download_url: str


class Trouble(Struct):
    """What WeChat Pay says where it does not do as it was asked."""

    code: str
    message: str = ""


class _Resource(Struct):
    algorithm: Literal["AEAD_AES_256_GCM"]
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Callback(Struct):
    """What WeChat Pay tells by itself (回调), still sealed."""

    event_type: str
    resource: _Resource


def order_id(number: str) -> UUID | None:
    """Whose number it is; None for one that is no order's of ours."""
    try:
        found = UUID(hex=number)
    except ValueError:
        return None
    return found if found.hex == number else None


def is_of(order: Order, told: Transaction) -> bool:
    """Whether an answer is of that order: a true answer of another one proves nothing."""
    return told.out_trade_no == order.number
