"""Alipay's server: it checks every signature and field, settles by number, and tells what it did.

It shares no line with the client. Alipay knows no advance that its documents speak of: who has no
money is refused and stands on the blacklist until the trade is paid.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import MsgspecError, json

from ridecode.core import MICROS, to_iso
from ridecode.money.channels import Answer
from ridecode.sim.channels.alipay import asked
from ridecode.sim.channels.alipay.bill import bill_file
from ridecode.sim.channels.alipay.keys import Keys
from ridecode.sim.channels.counterpart import Mischief, Moved, Plan, Told
from ridecode.sim.channels.telling import Telling
from ridecode.sim.channels.till import Payment, Returning, Taking, Till

_OFFLINE: Final = "alipay.commerce.transport.offlinepay."
_BILLS: Final = "https://dwbillcenter.alipay.com/downloadBillFile.resource"
_PUBLIC: Final = {
    "app_id", "method", "format", "charset", "sign_type", "sign", "timestamp", "version",
    "notify_url", "biz_content",
}  # fmt: skip


_Content: TypeAlias = dict[str, object]
_CLOSED: Final = "TRADE_CLOSED"


class AlipayCounterpart:
    """Alipay of one merchant. The address of its bills is a path of the same server."""

    def __init__(self, plan: Plan, clock: Callable[[], int]) -> None:
        """`clock`: UTC epoch microseconds."""
        self._keys, self._clock = Keys(), clock
        self.merchant: Final = self._keys.merchant
        self._till, self._telling = Till(plan), Telling()
        self._contracts: dict[str, str] = {}
        self._asked_on = ""
        """The day on which the last request says that it was sent."""
        self._methods: dict[str, Callable[[bytes], _Content | None]] = {
            _OFFLINE + "trade.settle": self._settle,
            _OFFLINE + "userblacklist.query": self._blacklist,
            _OFFLINE + "key.query": self._gate_keys,
            "alipay.trade.query": self._query,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.user.agreement.query": self._agreement,
            "alipay.user.agreement.unsign": self._unsign,
            "alipay.data.dataservice.bill.downloadurl.query": self._bill_url,
        }

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        url = urlsplit(target)
        if method == "GET" and url.path == urlsplit(_BILLS).path:
            day = dict(parse_qsl(url.query))["bill_date"]
            return Answer(200, {}, bill_file(day, list(self._till.takings.values())))
        is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        if (method, url.path, is_form) != ("POST", "/gateway.do", True):
            return Answer(404, {}, b"")
        told = dict(parse_qsl(url.query, strict_parsing=True))
        told |= parse_qsl(body.decode(), strict_parsing=True)
        name = told.get("method", "")
        if set(told) != _PUBLIC or name not in self._methods or told["charset"] != "utf-8":
            return self._answer("error", _refused("40002", "isv.invalid-method"))
        if not self._keys.is_signed(told):
            return self._answer("error", _refused("40002", "isv.invalid-signature"))
        self._asked_on = told["timestamp"][:10]
        try:
            content = self._methods[name](told["biz_content"].encode())
        except MsgspecError:
            content = _refused("40004", "INVALID_PARAMETER")
        if content is None:
            return None
        is_forged = content.pop("is_forged", False)
        answer = self._answer(name.replace(".", "_"), content)
        return _forged(answer) if is_forged else answer

    def told(self) -> list[Told]:
        return self._telling.told()

    def hours_pass(self) -> None:
        self._telling.hours_pass()

    def sign(self, contract: str, user: str) -> None:
        self._contracts[contract] = user

    def repay(self, number: str) -> None:
        if taking := self._till.repay(number, self._day()):
            self._tell_payments(taking)

    def truth(self) -> Mapping[str, Moved]:
        return self._till.truth()

    def _settle(self, content: bytes) -> _Content | None:
        rows = json.decode(content, type=asked.Settle).trade_list
        numbers = [row.out_trade_no for row in rows]
        if self._till.falls(Mischief.NEVER_CAME, numbers):
            return None
        if self._till.falls(Mischief.ANSWER_FORGED, numbers):
            lies = [_settled(number, "20180903forged") for number in numbers]
            return {**_done(), "result_list": lies, "is_forged": True}
        results = [self._row(row) for row in rows]
        if self._till.falls(Mischief.SILENT_SUCCESS, numbers):
            return None
        return {**_done(), "result_list": results}

    def _row(self, row: asked.Row) -> _Content:
        number, user = row.out_trade_no, row.user_id or row.open_id
        if self._till.falls(Mischief.BUSY, [number]):
            return _failed(number, "UNKNOWN", "SYSTEM_ERROR")
        if user not in self._contracts.values():
            return _failed(number, "FAIL", "USER_AGREEMENT_NOT_EXIST")
        is_new = number not in self._till.takings
        taking = self._till.charge(number, _fen(row.amount), user, "", self._day())
        if taking.is_refused:
            return _failed(number, "FAIL", "BUYER_BALANCE_NOT_ENOUGH")
        if is_new:
            self._tell_payments(taking)
        return _settled(number, taking.payments[0].transaction)

    def _query(self, content: bytes) -> _Content:
        taking = self._till.takings.get(json.decode(content, type=asked.OfTrade).out_trade_no)
        if taking is None or not taking.payments:
            return _refused("40004", "ACQ.TRADE_NOT_EXIST")
        # Of a number that was paid twice it shows one trade alone.
        payment = taking.payments[0]
        return {**_done(), **_trade(taking, payment), "send_pay_date": self._time()}

    def _refund(self, content: bytes) -> _Content:
        of = json.decode(content, type=asked.Refund)
        taking = self._till.takings.get(of.out_trade_no)
        if taking is None:
            return _refused("40004", "ACQ.TRADE_NOT_EXIST")
        became = self._till.refund(
            taking, of.trade_no, of.out_request_no, _fen(of.refund_amount), self._day()
        )
        if became in _NEVER:
            return _refused("40004", _NEVER[became])
        payment = next(one for one in taking.payments if one.transaction == of.trade_no)
        if became is Returning.GIVEN:
            back = {"out_biz_no": of.out_request_no, "gmt_refund": f"{self._time()}.123",
                    "refund_fee": _yuan(sum(payment.given.values()))}  # fmt: skip
            self._tell(taking, payment, back)
        return {
            **_done(), "trade_no": of.trade_no, "out_trade_no": of.out_trade_no,
            "fund_change": "Y" if became is Returning.GIVEN else "N",
            "refund_fee": _yuan(sum(payment.given.values())),
        }  # fmt: skip

    def _refund_query(self, content: bytes) -> _Content:
        of = json.decode(content, type=asked.OfRefund)
        taking = self._till.takings.get(of.out_trade_no)
        for payment in taking.payments if taking else ():
            is_whole = of.out_request_no in set(payment.given) - payment.begun
            if payment.transaction == of.trade_no and is_whole:
                return {
                    **_done(), "trade_no": of.trade_no, "out_trade_no": of.out_trade_no,
                    "out_request_no": of.out_request_no, "refund_status": "REFUND_SUCCESS",
                    "refund_amount": _yuan(payment.given[of.out_request_no]),
                    "total_amount": _yuan(payment.amount),
                }  # fmt: skip
        return _done()

    def _blacklist(self, content: bytes) -> _Content:
        page = json.decode(content, type=asked.Page)
        users = sorted({user for _, user in self._till.blocked()})
        start = (page.page_index - 1) * page.page_size
        return {**_done(), "black_list": users[start : start + page.page_size]}

    def _gate_keys(self, _: bytes) -> _Content:
        return {**_done(), "keys": [{"key_id": 1, "public_key": "02AB"}]}

    def _agreement(self, content: bytes) -> _Content:
        number = json.decode(content, type=asked.OfAgreement).agreement_no
        if number not in self._contracts:
            return _refused("40004", "USER_AGREEMENT_NOT_EXIST")
        user = self._contracts[number]
        return {**_done(), "agreement_no": number, "principal_id": user, "status": "NORMAL"}

    def _unsign(self, content: bytes) -> _Content:
        number = json.decode(content, type=asked.OfAgreement).agreement_no
        if self._contracts.pop(number, None) is None:
            return _refused("40004", "USER_AGREEMENT_NOT_EXIST")
        return _done()

    def _bill_url(self, content: bytes) -> _Content:
        day = json.decode(content, type=asked.OfBill).bill_date
        if day >= self._asked_on:
            return _refused("40004", "isp.bill_not_exist")
        return {**_done(), "bill_download_url": f"{_BILLS}?{urlencode({'bill_date': day})}"}

    def _tell_payments(self, taking: Taking) -> None:
        for payment in taking.payments:
            self._tell(taking, payment, {})

    def _tell(self, taking: Taking, payment: Payment, more: Mapping[str, str]) -> None:
        told = {
            "notify_time": self._time(), "notify_type": "trade_status_sync", "notify_id": "0" * 32,
            "app_id": self.merchant.app_id, "charset": "utf-8", "version": "1.0",
            "seller_id": "2088000000000001", "buyer_id": taking.user, "body": "",
            "gmt_payment": self._time(), **_trade(taking, payment), **more,
        }  # fmt: skip
        signature = self._keys.sign(
            "&".join(f"{name}={told[name]}" for name in sorted(told)).encode()
        )
        signed = {**told, "sign_type": "RSA2", "sign": signature}
        forged = {**signed, "total_amount": _yuan(payment.amount + 100)}
        mischief = taking.mischief
        self._telling.add(taking.number, mischief, _form(signed), _form(forged))

    def _answer(self, name: str, content: _Content) -> Answer:
        node = json.encode(content)
        signature = self._keys.sign(node)
        body = b'{"%s_response":%s,"sign":"%s"}' % (name.encode(), node, signature.encode())
        return Answer(200, {"content-type": "text/html;charset=utf-8"}, body)

    def _time(self) -> str:
        return to_iso(self._clock() // MICROS * MICROS, 8 * 3_600)[:19].replace("T", " ")

    def _day(self) -> str:
        return self._time()[:10]


_NEVER: Final = {
    Returning.NEVER: "ACQ.TRADE_NOT_ALLOW_REFUND",
    Returning.TOO_MUCH: "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    Returning.UNKNOWN: "ACQ.TRADE_NOT_EXIST",
}


def _done() -> _Content:
    return {"code": "10000", "msg": "Success"}


def _refused(code: str, sub_code: str) -> _Content:
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "失败"}


def _settled(number: str, transaction: str) -> _Content:
    return {"out_trade_no": number, "trade_no": transaction, "result": "SUCCESS",
            "need_retry": False}  # fmt: skip


def _failed(number: str, result: str, error: str) -> _Content:
    return {"out_trade_no": number, "result": result, "error_code": error, "need_retry": True,
            "next_try_time": "2018-09-04 08:00:00"}  # fmt: skip


def _trade(taking: Taking, payment: Payment) -> dict[str, str]:
    is_closed = sum(payment.given.values()) == payment.amount
    return {
        "out_trade_no": taking.number, "trade_no": payment.transaction,
        "trade_status": _CLOSED if is_closed else "TRADE_SUCCESS",
        "total_amount": _yuan(payment.amount),
    }  # fmt: skip


def _forged(answer: Answer) -> Answer:
    return Answer(200, answer.headers, answer.body.replace(b'"Success"', b'"Success!"', 1))


def _form(told: Mapping[str, str]) -> Told:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Told(headers, urlencode(told).encode())


def _yuan(amount: int) -> str:
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02}"


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))
