"""What Alipay takes of a request: a field that is not known, lacks or cannot be read is refused."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

_Yuan: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,9}\.[0-9]{2}$")]
_Number: TypeAlias = Annotated[str, Meta(pattern="^[0-9A-Za-z_]{1,64}$")]


class Row(Struct, forbid_unknown_fields=True):
    out_trade_no: _Number
    amount: _Yuan
    actual_order_time: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]
    subject: Annotated[str, Meta(pattern="^[^/=&,]{1,256}$")]
    seller_login_name: str
    card_type: str
    order_biz_context: str = "{}"
    user_id: str = ""
    open_id: str = ""


class Settle(Struct, forbid_unknown_fields=True):
    trade_list: Annotated[list[Row], Meta(min_length=1)]


class Page(Struct, forbid_unknown_fields=True):
    page_index: Annotated[int, Meta(ge=1)]
    page_size: Annotated[int, Meta(ge=1, le=1_000)]


class OfTrade(Struct, forbid_unknown_fields=True):
    out_trade_no: _Number


class Refund(Struct, forbid_unknown_fields=True):
    trade_no: str
    out_trade_no: _Number
    out_request_no: _Number
    refund_amount: _Yuan


class OfRefund(Struct, forbid_unknown_fields=True):
    trade_no: str
    out_trade_no: _Number
    out_request_no: _Number


class OfAgreement(Struct, forbid_unknown_fields=True):
    agreement_no: str


class OfBill(Struct, forbid_unknown_fields=True):
    bill_type: Annotated[str, Meta(pattern="^trade$")]
    bill_date: str
