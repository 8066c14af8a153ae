"""WeChat Pay (微信支付): the deduction for public transport (公共出行平台代扣) of its APIv3.

A charge is only accepted, and taken later; what became of it is told if it was taken, and else has
to be asked for. An answer without the platform's signature is as no answer.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from typing import Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

import msgspec

from ridecode.core import BadInputError, UnavailableError, day_name, day_named
from ridecode.money.channels.contract import (
    AgreementState,
    Answer,
    Ask,
    BillLine,
    Debtor,
    ForgedError,
    Link,
    Said,
)
from ridecode.money.channels.order import (
    Accepted,
    Fact,
    Order,
    Paid,
    Purse,
    RefundFailed,
    Refused,
    Repaid,
)
from ridecode.money.channels.wechat.bill import bill_lines
from ridecode.money.channels.wechat.signing import Signing, WeChatMerchant
from ridecode.money.channels.wechat.signup import jump
from ridecode.money.channels.wechat.wire import (
    Callback,
    Refund,
    ToldRefund,
    TradeBill,
    Transaction,
    Trouble,
    UserService,
    agreement_state,
    charge_body,
    facts,
    is_of,
    order_id,
    refund_body,
    refund_fact,
)

_CHARGES: Final = "/v3/qrcode/transactions"
_REFUNDS: Final = "/v3/refund/domestic/refunds"
_REFUSALS: Final = (400, 403, 404)
"""After any other (429, 500 …) nobody knows what was done, and the same is asked again."""
_OURS: Final = {
    "PARAM_ERROR", "SIGN_ERROR", "NO_AUTH", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS",
}  # fmt: skip
"""The card company's own mistakes: no rider owes anything for one."""
_UNKNOWN: Final = {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"}
_LATER: Final = {"NOT_ENOUGH", "RESOURCE_NOT_EXISTS"}
"""A refund to be asked for again: the merchant has too little, or the payment is too new."""

_T = TypeVar("_T")


class WeChatPay:
    """Its client; keeps nothing but keys. May be shared by threads where its link may."""

    id: Final = "wechat"
    purse: Final = Purse.OUTSIDE
    batch_most: Final = 1
    heard: Final = Answer(204, {}, b"")

    def __init__(self, merchant: WeChatMerchant, link: Link) -> None:
        """Raises `BadInputError` for a key that is none, or a callback address without https."""
        if not merchant.notify_url.startswith("https://"):
            raise BadInputError(
                f"Callbacks cannot go to {merchant.notify_url!r}.", "Name an https address."
            )
        self._merchant, self._link, self._signing = merchant, link, Signing(merchant)

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | None]:
        assert len(asks) <= self.batch_most, "WeChat Pay takes one order at once"
        return [self._charge(ask, now) for ask in asks]

    def _charge(self, ask: Ask, now: int) -> Fact | None:
        told = self._ask("POST", _CHARGES, charge_body(self._merchant, ask), now, Transaction)
        if isinstance(told, Transaction):
            known = _facts(ask.order, told)
        elif told is None or told.code in _OURS:
            return None
        elif told.code == "OUT_TRADE_NO_USED":
            return Accepted()
        else:
            # That number may have been taken before: only where it is unknown it was refused.
            known = self._query(ask.order, now)
            if known == frozenset():
                return Refused(told.code)
        return _one(known) if known else None

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | None]:
        return [self._query(order, now) for order in orders]

    def _query(self, order: Order, now: int) -> frozenset[Fact] | None:
        told = self._get(f"{_CHARGES}/out-trade-no/{order.number}", self._sub(), now, Transaction)
        if isinstance(told, Transaction):
            return _facts(order, told)
        return frozenset() if told is not None and told.code in _UNKNOWN else None

    def refund(self, order: Order, paid: Paid, refund: UUID, amount: int, now: int) -> Fact | None:
        body = refund_body(self._merchant, paid, refund, amount)
        told = self._ask("POST", _REFUNDS, body, now, Refund)
        if isinstance(told, Trouble) and told.code not in _OURS:
            # It may have been taken before under this number, whatever is said of it now.
            trouble = told
            told = self._get(f"{_REFUNDS}/{refund.hex}", self._sub(), now, Refund)
            if isinstance(told, Trouble) and told.code in _UNKNOWN and trouble.code not in _LATER:
                return RefundFailed(refund, trouble.code)
        if not isinstance(told, Refund):
            return None
        if (told.out_trade_no, told.out_refund_no) != (order.number, refund.hex):
            return None
        return refund_fact(refund, told.status, told.amount.refund)

    def sign_up(self, account: str, number: str, now: int) -> str:
        if self._merchant.plan is None:
            raise UnavailableError(
                "WeChat Pay's users cannot agree here: the merchant has no agreement template.",
                "Set its plan, or have them agree elsewhere.",
            )
        return jump(self._merchant, self._merchant.plan, account, number, now)

    def agreement(self, contract: str, now: int) -> AgreementState | None:
        target = f"/v3/qrcode/user-services/contract-id/{quote(contract, safe='')}"
        asked = {"appid": self._merchant.appid, "sub_appid": self._merchant.sub_appid}
        told = self._get(target, asked | self._sub(), now, UserService)
        if isinstance(told, UserService):
            return agreement_state(told) if told.contract_id == contract else None
        return AgreementState.ENDED if told is not None and told.code in _UNKNOWN else None

    def debtors(self, now: int) -> Iterator[Debtor]:
        """Nobody: WeChat Pay gives no list, `agreement` tells of one."""
        return iter(())

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        asked = {"bill_date": day_name(day_named(day)), "bill_type": "ALL"} | self._sub()
        told = self._get("/v3/bill/tradebill", asked, now, TradeBill)
        if not isinstance(told, TradeBill):
            why = f": {told.code}" if told else ""
            raise UnavailableError(
                f"WeChat Pay has no bill of {day}{why}.",
                "Ask again after 10 o'clock of the day after; a day without any trade has none.",
            )
        at = urlsplit(told.download_url)
        answer = self._send("GET", f"{at.path}?{at.query}" if at.query else at.path, b"", now)
        if answer is None or answer.status != 200:
            raise UnavailableError(f"The bill of {day} could not be downloaded.", "Ask again.")
        # The file itself bears no signature: its hash does, in the answer that named it.
        if sha1(answer.body, usedforsecurity=False).hexdigest() != told.hash_value.lower():
            raise BadInputError(f"The bill of {day} is not what its hash says.", "Ask again.")
        return bill_lines(answer.body)

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        self._signing.check(headers, body, now)
        told = _read(body, Callback)
        sealed = told.resource
        opened = self._signing.opened(sealed.nonce, sealed.associated_data, sealed.ciphertext)
        if told.event_type.startswith("TRANSACTION."):
            transaction = _read(opened, Transaction)
            of = order_id(transaction.out_trade_no)
            return Said(of, _one(facts(transaction))) if of else None
        if told.event_type.startswith("REFUND."):
            refund = _read(opened, ToldRefund)
            of, number = order_id(refund.out_trade_no), order_id(refund.out_refund_no)
            if of and number:
                fact = refund_fact(number, refund.refund_status, refund.amount.refund)
                return Said(of, fact) if fact else None
        return None

    def _sub(self) -> dict[str, str]:
        return {"sub_mchid": self._merchant.sub_mchid}

    def _get(
        self, path: str, asked: Mapping[str, str], now: int, kind: type[_T]
    ) -> _T | Trouble | None:
        told = urlencode({name: value for name, value in asked.items() if value})
        return self._ask("GET", f"{path}?{told}" if told else path, b"", now, kind)

    def _ask(
        self, method: str, target: str, body: bytes, now: int, kind: type[_T]
    ) -> _T | Trouble | None:
        """What WeChat Pay answers, or why it does not; None where nobody knows."""
        answer = self._send(method, target, body, now)
        if answer is None:
            return None
        try:
            self._signing.check(answer.headers, answer.body, now)
            if answer.status == 200:
                return _read(answer.body, kind)
            return _read(answer.body, Trouble) if answer.status in _REFUSALS else None
        except (ForgedError, BadInputError):
            return None

    def _send(self, method: str, target: str, body: bytes, now: int) -> Answer | None:
        headers = {
            "Accept": "application/json",
            "Authorization": self._signing.authorization(
                method, target, body, now, secrets.token_hex(16)
            ),
            "User-Agent": "ridecode",
        }
        if body:
            headers["Content-Type"] = "application/json"
        return self._link(method, target, headers, body)


def _facts(order: Order, told: Transaction) -> frozenset[Fact] | None:
    try:
        return facts(told) if is_of(order, told) else None
    except BadInputError:
        return None


def _one(known: frozenset[Fact]) -> Fact:
    """The fact to say where only one can be: the newest. A repayment without its payment is kept
    until that is asked for."""
    return next((one for one in known if isinstance(one, Repaid)), next(iter(known)))


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInputError(
            f"WeChat Pay's message cannot be read: {error}.",
            "Keep it, and compare it with WeChat Pay's documents: they may have changed.",
        ) from error
