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
    not_done,
    not_heard,
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
from ridecode.money.channels.silence import Silence, Silent
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
_TOO_LITTLE: Final = "NOT_ENOUGH"
_LATER: Final = {_TOO_LITTLE, "RESOURCE_NOT_EXISTS"}
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

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        assert len(asks) <= self.batch_most, "WeChat Pay takes one order at once"
        return [self._charge(ask, now) for ask in asks]

    def _charge(self, ask: Ask, now: int) -> Fact | Silent:
        told = self._ask("POST", _CHARGES, charge_body(self._merchant, ask), now, Transaction)
        if isinstance(told, Transaction):
            known = _facts(ask.order, told)
        elif isinstance(told, Silent):
            return told
        elif told.code in _OURS:
            return _unsaid(told)
        elif told.code == "OUT_TRADE_NO_USED":
            return Accepted()
        else:
            # That number may have been taken before: only where it is unknown it was refused.
            known = self._query(ask.order, now)
            if known == frozenset():
                return Refused(told.code)
        return known if isinstance(known, Silent) else _one(known)

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        return [self._query(order, now) for order in orders]

    def _query(self, order: Order, now: int) -> frozenset[Fact] | Silent:
        told = self._get(f"{_CHARGES}/out-trade-no/{order.number}", self._sub(), now, Transaction)
        if isinstance(told, Transaction):
            return _facts(order, told)
        if isinstance(told, Silent):
            return told
        return frozenset() if told.code in _UNKNOWN else _unsaid(told)

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        body = refund_body(self._merchant, paid, refund, amount)
        told = self._ask("POST", _REFUNDS, body, now, Refund)
        if isinstance(told, Trouble) and told.code not in _OURS:
            # It may have been taken before under this number, whatever is said of it now.
            trouble = told
            told = self._get(f"{_REFUNDS}/{refund.hex}", self._sub(), now, Refund)
            if isinstance(told, Trouble) and told.code in _UNKNOWN:
                if trouble.code not in _LATER:
                    return RefundFailed(refund, trouble.code)
                told = trouble
        if isinstance(told, Trouble):
            return _unsaid(told)
        if isinstance(told, Silent):
            return told
        if (told.out_trade_no, told.out_refund_no) != (order.number, refund.hex):
            return Silent(Silence.UNREADABLE)
        fact = refund_fact(refund, told.status, told.amount.refund)
        is_under_way = told.status == "PROCESSING"
        why = Silence.UNDECIDED if is_under_way else Silence.UNREADABLE
        return fact or Silent(why, told.status)

    def sign_up(self, account: str, number: str, now: int) -> str:
        if self._merchant.plan is None:
            raise UnavailableError(
                "WeChat Pay's users cannot agree here: the merchant has no agreement template.",
                "Set its plan, or have them agree elsewhere.",
            )
        return jump(self._merchant, self._merchant.plan, account, number, now)

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        target = f"/v3/qrcode/user-services/contract-id/{quote(contract, safe='')}"
        asked = {"appid": self._merchant.appid, "sub_appid": self._merchant.sub_appid}
        told = self._get(target, asked | self._sub(), now, UserService)
        if isinstance(told, UserService):
            is_it = told.contract_id == contract
            return agreement_state(told) if is_it else Silent(Silence.UNREADABLE)
        if isinstance(told, Silent):
            return told
        return AgreementState.ENDED if told.code in _UNKNOWN else _unsaid(told)

    def debtors(self, now: int) -> Iterator[Debtor]:
        """Nobody: WeChat Pay gives no list, `agreement` tells of one."""
        return iter(())

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        asked = {"bill_date": day_name(day_named(day)), "bill_type": "ALL"} | self._sub()
        told = self._get("/v3/bill/tradebill", asked, now, TradeBill)
        if not isinstance(told, TradeBill):
            why = told.code if isinstance(told, Trouble) else told
            raise UnavailableError(
                f"WeChat Pay has no bill of {day}: {why}.",
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
    ) -> _T | Trouble | Silent:
        told = urlencode({name: value for name, value in asked.items() if value})
        return self._ask("GET", f"{path}?{told}" if told else path, b"", now, kind)

    def _ask(
        self, method: str, target: str, body: bytes, now: int, kind: type[_T]
    ) -> _T | Trouble | Silent:
        """What WeChat Pay answers, or why it refuses; else why nobody knows."""
        answer = self._send(method, target, body, now)
        if answer is None:
            return not_heard(answer)
        try:
            self._signing.check(answer.headers, answer.body, now)
        except ForgedError:
            return not_heard(answer)
        if answer.status == 200:
            return _understood(answer.body, kind)
        trouble = _understood(answer.body, Trouble)
        if answer.status in _REFUSALS:
            return trouble
        return not_done(answer, trouble.code if isinstance(trouble, Trouble) else "")

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


def _facts(order: Order, told: Transaction) -> frozenset[Fact] | Silent:
    try:
        return facts(told) if is_of(order, told) else Silent(Silence.UNREADABLE)
    except BadInputError:
        return Silent(Silence.UNREADABLE)


def _unsaid(trouble: Trouble) -> Silent:
    """A refusal that says nothing of what was asked."""
    is_ours = trouble.code in _OURS or trouble.code == _TOO_LITTLE
    return Silent(Silence.OUR_MISTAKE if is_ours else Silence.UNDECIDED, trouble.code)


def _one(known: frozenset[Fact]) -> Fact:
    """The fact to say where only one can be: the newest. A repayment without its payment is kept
    until that is asked for."""
    return next((one for one in known if isinstance(one, Repaid)), next(iter(known)))


def _understood(body: bytes, kind: type[_T]) -> _T | Silent:
    try:
        return _read(body, kind)
    except BadInputError:
        return Silent(Silence.UNREADABLE)


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInputError(
            f"WeChat Pay's message cannot be read: {error}.",
            "Keep it, and compare it with WeChat Pay's documents: they may have changed.",
        ) from error
