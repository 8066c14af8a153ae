"""Alipay (支付宝): settlement of offline rides, by its open platform.

Where Alipay takes a batch it answers row by row, but names no amount: SUCCESS is `Accepted` here,
and what was taken is read from the trade itself, by `query` or a notification. What is not verified
against Alipay's own server stands in `docs/channels-alipay.md`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import UUID

from msgspec import MsgspecError, Struct, json

from ridecode.core import BadInputError, UnavailableError, day_name, day_named
from ridecode.money.channels.alipay import words
from ridecode.money.channels.alipay.bill import read_bill
from ridecode.money.channels.alipay.facts import (
    AGREEMENTS,
    NEVER_GIVEN,
    of_row,
    of_trade,
    unsaid,
)
from ridecode.money.channels.alipay.signing import Rsa2, signed_member, sorted_text
from ridecode.money.channels.contract import (
    AgreementState,
    Answer,
    Ask,
    BillLine,
    Debtor,
    ForgedError,
    Link,
    Said,
    not_heard,
)
from ridecode.money.channels.order import Fact, Order, Paid, Purse, Refunded, RefundFailed
from ridecode.money.channels.silence import Silence, Silent

BATCH_MOST: Final = 100
"""Rows of one trade_list. Alipay's own limit was not found: ours, and small."""
PAGE: Final = 1_000
"""Users of one page of the blacklist; Alipay gives no more."""

_TAKES: Final = "alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES"
"""What opens Alipay's app with a form to agree; the number is Alipay's own and the same for all."""
_USER_ID: Final = re.compile(r"2088[0-9]{12}", re.ASCII)
_NOT_IN_SUBJECT: Final = re.compile(r"[/=&,\s]+")
_Told = TypeVar("_Told", bound=words.Told)


class AlipayMerchant(Struct, frozen=True, kw_only=True):
    """The card company as Alipay knows it."""

    app_id: str
    private_key: bytes
    """PEM; of RSA, 2,048 bits or more, as the public key is."""
    alipay_public_key: bytes
    seller: str
    """Login name of the account that is paid."""
    notify_url: str
    """Where Alipay tells what it does by itself."""
    personal_product_code: str
    """Of the agreement with users, as Alipay has given it; so are the two after it."""
    sign_scene: str
    card_type: str

    def __repr__(self) -> str:
        # No key in a log.
        return f"AlipayMerchant({self.app_id})"


class Alipay:
    """A channel over two links: Alipay's gateway, and the host that its bills are fetched from."""

    id: Final = "alipay"
    purse: Final = Purse.OUTSIDE
    batch_most: Final = BATCH_MOST
    heard: Final = Answer(200, {"content-type": "text/plain"}, b"success")

    def __init__(self, merchant: AlipayMerchant, gateway: Link, bills: Link) -> None:
        """`BadInputError` for keys that are none."""
        self._merchant, self._gateway, self._bills = merchant, gateway, bills
        self._rsa2 = Rsa2(merchant.private_key, merchant.alipay_public_key)

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        assert len(asks) <= self.batch_most, f"{len(asks)} orders are more than one batch takes"
        if not asks:
            return []
        settle = words.Settle([self._trade(ask) for ask in asks])
        told = self._ask(_OFFLINE + "trade.settle", settle, words.Settled, now)
        if not isinstance(told, Silent) and not told.is_done:
            told = unsaid(told)
        if isinstance(told, Silent):
            return [told] * len(asks)
        rows = {row.out_trade_no: row for row in told.result_list}
        return [of_row(rows.get(ask.order.number)) for ask in asks]

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        return [self._query(order, now) for order in orders]

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        of = words.OfRefund(paid.transaction, order.number, refund.hex, words.yuan(amount))
        told = self._ask("alipay.trade.refund", of, words.Returned, now)
        if isinstance(told, Silent):
            return told
        if told.sub_code in NEVER_GIVEN:
            return RefundFailed(refund, told.sub_code)
        if not told.is_done:
            return unsaid(told)
        if told.out_trade_no != order.number:
            return Silent(Silence.UNREADABLE)
        # N also stands where it was given before, or is not given yet: its sum is of all refunds.
        return Refunded(refund, amount) if told.fund_change == "Y" else self._given(of, refund, now)

    def sign_up(self, account: str, number: str, now: int) -> str:
        content = words.SignUp(
            self._merchant.personal_product_code, self._merchant.sign_scene, number, account,
            words.Access("ALIPAYAPP"),
        )  # fmt: skip
        told = self._signed("alipay.user.agreement.page.sign", content, now)
        return f"{_TAKES}&sign_params={quote(urlencode(told), safe='')}"

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        of = words.OfAgreement(contract)
        told = self._ask("alipay.user.agreement.query", of, words.AgreementTold, now)
        if isinstance(told, Silent):
            return told
        if told.sub_code == "USER_AGREEMENT_NOT_EXIST":
            return AgreementState.ENDED
        if not told.is_done:
            return unsaid(told)
        state = AGREEMENTS.get(told.status) if told.agreement_no == contract else None
        return state or Silent(Silence.UNREADABLE, told.status)

    def end_agreement(self, contract: str, now: int) -> bool:
        """End an agreement at Alipay; whether it has said that it is ended."""
        of = words.OfAgreement(contract)
        told = self._ask("alipay.user.agreement.unsign", of, words.Told, now)
        if isinstance(told, Silent):
            return False
        return told.is_done or told.sub_code == "USER_AGREEMENT_NOT_EXIST"

    def debtors(self, now: int) -> Iterator[Debtor]:
        for index in count(1):
            page = words.Page(index, PAGE)
            told = self._ask(_OFFLINE + "userblacklist.query", page, words.Listed, now)
            users = _or_unavailable(told, f"page {index} of its blacklist").black_list
            yield from (Debtor(user, "") for user in users)
            if len(users) < PAGE:
                return

    def ride_keys(self, now: int) -> list[words.AlipayKey]:
        """The keys by which gates check the ride codes that Alipay itself makes; raises
        `UnavailableError`."""
        told = self._ask(_OFFLINE + "key.query", words.Nothing(), words.Keys, now)
        return _or_unavailable(told, "its keys").keys

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        of = words.OfBill("trade", day_name(day_named(day)))
        told = self._ask("alipay.data.dataservice.bill.downloadurl.query", of, words.BillTold, now)
        url = urlsplit(_or_unavailable(told, f"the bill of {day}").bill_download_url)
        answer = self._bills("GET", f"{url.path}?{url.query}", {}, b"")
        if answer is None or answer.status != 200:
            raise UnavailableError(f"Alipay's bill of {day} did not come.", "Fetch it again.")
        return read_bill(answer.body)

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        told = self._form(body)
        if told.get("app_id") != self._merchant.app_id:
            raise BadInputError("Alipay told this to another app.", "Look at the notify_url.")
        if told.get("notify_type") != "trade_status_sync":
            return None
        trade = words.TradeTold(
            words.DONE, "", told.get("out_trade_no", ""), told.get("trade_no", ""),
            told.get("trade_status", ""), told.get("total_amount", ""), told.get("gmt_payment", ""),
        )  # fmt: skip
        try:
            order_id = UUID(hex=trade.out_trade_no)
        except ValueError:
            return None
        fact = of_trade(trade) if order_id.hex == trade.out_trade_no else None
        return None if fact is None else Said(order_id, fact)

    def _form(self, body: bytes) -> dict[str, str]:
        """The parameters of a notification that bears Alipay's signature."""
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
        except ValueError as error:
            raise ForgedError("This is no notification of Alipay's.") from error
        told = dict(pairs)
        signature = told.pop("sign", "")
        text = sorted_text({name: told[name] for name in told if name != "sign_type"})
        if len(told) + 1 != len(pairs) or not self._rsa2.holds(text, signature):
            raise ForgedError("A notification does not bear Alipay's signature.")
        return told

    def _query(self, order: Order, now: int) -> frozenset[Fact] | Silent:
        told = self._ask("alipay.trade.query", words.OfTrade(order.number), words.TradeTold, now)
        if isinstance(told, Silent):
            return told
        if told.sub_code == "ACQ.TRADE_NOT_EXIST":
            return frozenset()
        if not told.is_done:
            return unsaid(told)
        if told.out_trade_no != order.number:
            return Silent(Silence.UNREADABLE)
        try:
            fact = of_trade(told)
        except BadInputError:
            fact = None
        return Silent(Silence.UNREADABLE, told.trade_status) if fact is None else frozenset({fact})

    def _given(self, of: words.OfRefund, refund: UUID, now: int) -> Fact | Silent:
        of = words.OfRefund(of.trade_no, of.out_trade_no, of.out_request_no)
        told = self._ask("alipay.trade.fastpay.refund.query", of, words.RefundTold, now)
        if isinstance(told, Silent):
            return told
        if not told.is_done:
            return unsaid(told)
        if told.refund_status != "REFUND_SUCCESS":
            return Silent(Silence.UNDECIDED, told.refund_status)
        if (told.out_trade_no, told.out_request_no) != (of.out_trade_no, of.out_request_no):
            return Silent(Silence.UNREADABLE)
        try:
            amount = words.fen(told.refund_amount)
        except BadInputError:
            amount = 0
        return Refunded(refund, amount) if amount > 0 else Silent(Silence.UNREADABLE)

    def _trade(self, ask: Ask) -> words.Trade:
        order, carried, user = ask.order, ask.carried, ask.agreement.user
        is_id = _USER_ID.fullmatch(user) is not None
        line, stop = (carried.line, carried.entry_stop) if carried else ("", "")
        context = {"line": line, "start_station": stop} if line else {}
        return words.Trade(
            out_trade_no=order.number,
            amount=words.yuan(order.amount),
            actual_order_time=words.clock(carried.ended if carried else order.made_at),
            subject=_NOT_IN_SUBJECT.sub(" ", line).strip()[:64] or "乘车",
            seller_login_name=self._merchant.seller,
            order_biz_context=json.encode(context).decode() if context else "",
            card_type=self._merchant.card_type,
            user_id=user if is_id else "",
            open_id="" if is_id else user,
        )

    def _signed(self, method: str, content: Struct, now: int) -> dict[str, str]:
        told = {
            "app_id": self._merchant.app_id, "method": method, "format": "JSON",
            "charset": "utf-8", "sign_type": "RSA2", "timestamp": words.clock(now),
            "version": "1.0", "notify_url": self._merchant.notify_url,
            "biz_content": json.encode(content).decode(),
        }  # fmt: skip
        return {**told, "sign": self._rsa2.sign(sorted_text(told))}

    def _ask(self, method: str, content: Struct, kind: type[_Told], now: int) -> _Told | Silent:
        """What the gateway answers under its signature."""
        told = self._signed(method, content, now)
        body = urlencode({"biz_content": told.pop("biz_content")}).encode()
        answer = self._gateway("POST", f"/gateway.do?{urlencode(told)}", _FORM, body)
        # The gateway says whatever it says with 200: any other is of something before it.
        if answer is None or answer.status != 200:
            return not_heard(answer)
        member = signed_member(answer.body, method.replace(".", "_") + "_response")
        if member is None or not self._rsa2.holds(*member):
            return not_heard(answer)
        try:
            return json.decode(member[0], type=kind)
        except (MsgspecError, UnicodeDecodeError, RecursionError):
            return Silent(Silence.UNREADABLE)


def _or_unavailable(told: _Told | Silent, what: str) -> _Told:
    if not isinstance(told, Silent) and told.is_done:
        return told
    why = told if isinstance(told, Silent) else told.sub_code or told.code
    raise UnavailableError(f"Alipay does not give {what}: {why}.", "Ask again later.")


_OFFLINE: Final = "alipay.commerce.transport.offlinepay."
_FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
