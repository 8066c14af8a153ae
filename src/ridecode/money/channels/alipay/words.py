"""Alipay's words: what is asked and answered, yuan as text, times of Beijing."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct, field

from ridecode.core import MICROS, BadInputError

_BEIJING: Final = timezone(timedelta(hours=8))
_YUAN: Final = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?", re.ASCII)
DONE: Final = "10000"
"""The gateway's code of what it did; of everything else it did nothing, or does not know."""


def fen(yuan: str) -> int:
    """Yuan as Alipay writes them, as `-0.01`, in fen; `BadInputError` for what is no amount."""
    told = _YUAN.fullmatch(yuan)
    if told is None:
        raise BadInputError(f"{yuan!r} is no amount in yuan.")
    sign, whole, part = told.groups()
    amount = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -amount if sign else amount


def yuan(amount: int) -> str:
    """Fen, not below zero, as Alipay reads them: with two digits of a yuan."""
    return f"{amount // 100}.{amount % 100:02}"


def clock(ts: int) -> str:
    """A moment (UTC epoch microseconds) on Beijing's clock, as 2018-09-01 08:00:00."""
    moment = datetime.fromtimestamp(ts // MICROS, UTC).astimezone(_BEIJING)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Trade(Struct, frozen=True, omit_defaults=True):
    """A row of trade_list."""

    out_trade_no: str
    amount: str
    actual_order_time: str
    subject: str
    seller_login_name: str
    order_biz_context: str = ""
    """JSON in a text."""
    card_type: str = ""
    user_id: str = ""
    open_id: str = ""


class Settle(Struct, frozen=True):
    """alipay.commerce.transport.offlinepay.trade.settle."""

    trade_list: list[Trade]


class Page(Struct, frozen=True):
    """alipay.commerce.transport.offlinepay.userblacklist.query; pages count from 1."""

    page_index: int
    page_size: int


class OfTrade(Struct, frozen=True):
    """alipay.trade.query."""

    out_trade_no: str


class OfRefund(Struct, frozen=True, omit_defaults=True):
    """alipay.trade.refund, and alipay.trade.fastpay.refund.query without an amount."""

    trade_no: str
    out_trade_no: str
    out_request_no: str
    refund_amount: str = ""


class OfAgreement(Struct, frozen=True):
    """alipay.user.agreement.query and .unsign."""

    agreement_no: str


class Access(Struct, frozen=True):
    channel: str


class SignUp(Struct, frozen=True):
    """alipay.user.agreement.page.sign."""

    personal_product_code: str
    sign_scene: str
    external_agreement_no: str
    external_logon_id: str
    access_params: Access


class OfBill(Struct, frozen=True):
    """alipay.data.dataservice.bill.downloadurl.query."""

    bill_type: str
    bill_date: str


class Nothing(Struct, frozen=True):
    """Where a method takes no content."""


class Told(Struct, frozen=True):
    """What every answer has."""

    code: str
    sub_code: str = ""

    @property
    def is_done(self) -> bool:
        return self.code == DONE


class Row(Struct, frozen=True):
    """A row of result_list."""

    out_trade_no: str
    result: str = ""
    """SUCCESS, FAIL or UNKNOWN."""
    error_code: str = ""


class Settled(Told, frozen=True):
    result_list: list[Row] = field(default_factory=list)


class Listed(Told, frozen=True):
    black_list: list[str] = field(default_factory=list)


class AlipayKey(Struct, frozen=True):
    """A key by which gates check Alipay's own codes; both as Alipay writes them."""

    key_id: int | str
    public_key: str


class Keys(Told, frozen=True):
    keys: list[AlipayKey] = field(default_factory=list)


class TradeTold(Told, frozen=True):
    out_trade_no: str = ""
    trade_no: str = ""
    trade_status: str = ""
    total_amount: str = ""
    send_pay_date: str = ""
    """There where it was paid once, whatever became of it after."""


class Returned(Told, frozen=True):
    out_trade_no: str = ""
    fund_change: str = ""


class RefundTold(Told, frozen=True):
    out_trade_no: str = ""
    out_request_no: str = ""
    refund_amount: str = ""
    refund_status: str = ""


class AgreementTold(Told, frozen=True):
    agreement_no: str = ""
    status: str = ""


class BillTold(Told, frozen=True):
    bill_download_url: str = ""
