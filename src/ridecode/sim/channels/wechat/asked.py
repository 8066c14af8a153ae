"""What WeChat Pay's side takes: the bodies of requests, field by field, and why it refuses one."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

_Text = Annotated[str, Meta(min_length=1, max_length=128)]
_Number = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{6,32}$")]
_Fen = Annotated[int, Meta(gt=0)]
_Address = Annotated[str, Meta(pattern=r"^https://[^?]+$", max_length=256)]
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
_DESCRIPTION_BYTES: Final = 128

_T = TypeVar("_T")


class Refusal(Exception):  # noqa: N818 - it is an answer, no failure
    """It does not do as it was asked; `status` and `code` are what it answers."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Amount(Struct, forbid_unknown_fields=True):
    total: _Fen
    currency: Literal["CNY"] = "CNY"


class Bus(Struct, forbid_unknown_fields=True):
    start_time: str
    line_name: str = ""
    plate_number: Annotated[
        str, Meta(pattern=r"^(|[\u4e00-\u9fff][0-9A-Z\u4e00-\u9fff]{5,8})$")
    ] = ""


class Metro(Struct, forbid_unknown_fields=True):
    start_time: str
    end_time: str = ""
    start_station: str = ""
    end_station: str = ""


class Charge(Struct, forbid_unknown_fields=True, kw_only=True):
    appid: _Text
    sub_appid: str = ""
    sub_mchid: str = ""
    description: _Text
    attach: str = ""
    out_trade_no: _Number
    trade_scene: Literal["BUS", "METRO"]
    goods_tag: str = ""
    contract_id: _Text
    notify_url: _Address
    amount: Amount
    bus_info: Bus | None = None
    metro_info: Metro | None = None


class RefundAmount(Struct, forbid_unknown_fields=True):
    refund: _Fen
    total: _Fen
    currency: Literal["CNY"]


class RefundAsk(Struct, forbid_unknown_fields=True, kw_only=True):
    sub_mchid: str = ""
    transaction_id: _Text
    out_refund_no: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}$")]
    reason: str = ""
    notify_url: _Address = "https://none.example/"
    amount: RefundAmount


def charge(body: bytes) -> Charge:
    """A charge that keeps the rules of its form."""
    found = _read(body, Charge)
    scene = found.bus_info if found.trade_scene == "BUS" else found.metro_info
    times = [scene.start_time, getattr(scene, "end_time", "")] if scene else [""]
    if not all(_is_time(one) for one in times if one) or not times[0]:
        raise Refusal(400, "PARAM_ERROR")
    if len(found.description.encode()) > _DESCRIPTION_BYTES:
        raise Refusal(400, "PARAM_ERROR")
    return found


def refund(body: bytes) -> RefundAsk:
    return _read(body, RefundAsk)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Refusal(400, "PARAM_ERROR") from error
