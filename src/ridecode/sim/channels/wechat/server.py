"""WeChat Pay's side: its server for public transport, refunds and bills, and all its mischief.

What happens follows from the plan alone; only keys, nonces and the ciphertexts differ from run to
run. What its documents leave open is decided here as little as possible, and `docs/channels.md`
says how.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Final
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from ridecode.core import MICROS, day_named
from ridecode.money.channels import Answer, WeChatMerchant
from ridecode.sim.channels.counterpart import Mischief, Moved, Plan, Told
from ridecode.sim.channels.wechat import asked
from ridecode.sim.channels.wechat.asked import Refusal
from ridecode.sim.channels.wechat.billing import bill
from ridecode.sim.channels.wechat.keys import answer, callback, is_signed, merchant
from ridecode.sim.channels.wechat.orders import (
    CHINA_OFFSET_S,
    Back,
    Kept,
    Note,
    Payment,
    Words,
    failed,
    of_more,
    paid_more,
    told_order,
    told_refund,
    transaction,
)

_BILL_AFTER_S: Final = 34 * 3_600
"""A day's bill is there at 10 o'clock of the day after."""


class _Contract(Struct):
    user: str
    block_reason: str = ""


class WeChatCounterpart:
    """A `Counterpart`. One caller at a time."""

    def __init__(self, plan: Plan, clock: Callable[[], int]) -> None:
        """`clock` gives UTC epoch microseconds."""
        self._plan, self._clock = plan, clock
        self._contracts: dict[str, _Contract] = {}
        self._orders: dict[str, Kept] = {}
        self._payments: dict[str, tuple[Kept, Payment]] = {}
        self._backs: dict[str, tuple[Kept, Payment, Back]] = {}
        self._wrong: dict[str, Mischief | None] = {}
        self._seen: set[str] = set()
        self._due: list[Note] = []

    @property
    def merchant(self) -> WeChatMerchant:
        """What the card company was given when it became a merchant."""
        return merchant()

    def told(self) -> list[Told]:
        now, due = self._clock(), self._due
        self._due = []
        return [
            callback(one.event, one.told, now, "stranger" if one.is_forged else "platform")
            for one in due
        ]

    def hours_pass(self) -> None:
        for kept in self._orders.values():
            if kept.is_waiting:
                self._take(kept)
            for payment in kept.payments:
                for back in payment.backs:
                    if back.status == "PROCESSING" and kept.wrong is Mischief.CALLBACK_LATE:
                        self._give(kept, payment, back)
            self._due += reversed(kept.held)
            kept.held.clear()

    def sign(self, contract: str, user: str) -> None:
        self._contracts[contract] = _Contract(user)

    def block(self, contract: str, reason: str) -> None:
        """A contract's user is blocked: DELETED, ACCOUNT_FROZEN; empty where no more."""
        self._contracts[contract].block_reason = reason

    def repay(self, number: str) -> None:
        """What was refused is taken now, and told; that an advance is repaid is told nobody, and
        has to be asked for."""
        kept = self._orders[number]
        if not kept.is_waiting and not kept.payments:
            self._pay(kept, kept.total, is_advanced=False)
        for payment in kept.payments:
            payment.is_repaid = payment.is_repaid or payment.owed > 0

    def truth(self) -> Mapping[str, Moved]:
        return {number: kept.moved for number, kept in self._orders.items() if kept.payments}

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        now = self._clock()
        named = {name.lower(): value for name, value in headers.items()}
        if not is_signed(method, target, named, body, now):
            return Answer(401, {}, b'{"code":"SIGN_ERROR","message":""}')
        path, _, query = target.partition("?")
        try:
            for verb, pattern, serve in self._routes():
                found = re.fullmatch(pattern, path)
                if found and verb == method:
                    return serve(unquote(found.group(1)), dict(parse_qsl(query)), body)
            raise Refusal(404, "RESOURCE_NOT_EXISTS")
        except Refusal as refusal:
            return answer(refusal.status, {"code": refusal.code, "message": ""}, now)

    def _routes(
        self,
    ) -> list[tuple[str, str, Callable[[str, Mapping[str, str], bytes], Answer | None]]]:
        return [
            ("POST", "/v3/qrcode/transactions()", self._charge),
            ("GET", "/v3/qrcode/transactions/out-trade-no/([^/]+)", self._query),
            ("GET", "/v3/qrcode/user-services/contract-id/([^/]+)", self._user),
            ("POST", "/v3/refund/domestic/refunds()", self._refund),
            ("GET", "/v3/refund/domestic/refunds/([^/]+)", self._query_refund),
            ("GET", "/v3/bill/tradebill()", self._bill),
            ("GET", "/v3/billdownload/file()", self._download),
        ]

    def _first(self, kind: str, number: str, of: str) -> Mischief | None:
        """What goes wrong with this request: only a first one has anything. `of` is the order."""
        if of not in self._wrong:
            self._wrong[of] = self._plan(of)
        if f"{kind} {number}" in self._seen:
            return None
        self._seen.add(f"{kind} {number}")
        return self._wrong[of]

    def _through(
        self, wrong: Mischief | None, serve: Callable[[], Words], forged: Callable[[Words], Words]
    ) -> Answer | None:
        """An answer, or what the way makes of it."""
        now = self._clock()
        if wrong is Mischief.NEVER_CAME:
            return None
        if wrong is Mischief.BUSY:
            return answer(429, {"code": "FREQUENCY_LIMITED", "message": ""}, now)
        told = serve()
        if wrong is Mischief.SILENT_SUCCESS:
            return None
        if wrong is Mischief.ANSWER_FORGED:
            return answer(200, forged(told), now, "stranger")
        return answer(200, told, now)

    def _charge(self, _: str, __: Mapping[str, str], body: bytes) -> Answer | None:
        charge = asked.charge(body)
        if charge.appid != self.merchant.appid:
            raise Refusal(400, "APPID_MCHID_NOT_MATCH")
        if charge.contract_id not in self._contracts:
            raise Refusal(400, "INVALID_REQUEST")
        wrong = self._first("charge", charge.out_trade_no, charge.out_trade_no)
        return self._through(wrong, lambda: self._accept(charge, body), paid_more)

    def _accept(self, charge: asked.Charge, body: bytes) -> Words:
        number = charge.out_trade_no
        kept = self._orders.get(number)
        if kept is not None:
            if kept.body != body:
                raise Refusal(403, "OUT_TRADE_NO_USED")
            return self._told(kept)
        kept = self._orders[number] = Kept(
            number=number, contract=charge.contract_id, body=body, total=charge.amount.total,
            scene=charge.trade_scene, at=self._clock(), wrong=self._wrong[number],
        )  # fmt: skip
        accepted = self._told(kept)
        if kept.wrong is not Mischief.CALLBACK_LATE:
            self._take(kept)
        return accepted

    def _take(self, kept: Kept) -> None:
        kept.is_waiting = False
        if kept.wrong is Mischief.REFUSED:
            return
        taken = {
            Mischief.MORE_TAKEN: [kept.total + 1],
            Mischief.LESS_TAKEN: [max(kept.total - 1, 1)],
            Mischief.TAKEN_TWICE: [kept.total, kept.total],
        }
        amounts = taken.get(kept.wrong) if kept.wrong else None
        for amount in amounts or [kept.total]:
            self._pay(kept, amount, is_advanced=kept.wrong is Mischief.ADVANCED)

    def _pay(self, kept: Kept, amount: int, *, is_advanced: bool) -> None:
        number = transaction(kept.number, len(kept.payments))
        payment = Payment(number, amount, self._clock(), is_advanced)
        kept.payments.append(payment)
        self._payments[number] = (kept, payment)
        self._tell(kept, Note("TRANSACTION.SUCCESS", self._told(kept, payment)))

    def _told(self, kept: Kept, payment: Payment | None = None) -> Words:
        """An order with its first payment: by its number no other one can be asked for."""
        of = payment or next(iter(kept.payments), None)
        return told_order(kept, of, self.merchant.mchid, self.merchant.appid)

    def _query(self, number: str, _: Mapping[str, str], __: bytes) -> Answer | None:
        if number not in self._orders:
            raise Refusal(404, "ORDER_NOT_EXIST")
        return answer(200, self._told(self._orders[number]), self._clock())

    def _user(self, contract: str, query: Mapping[str, str], _: bytes) -> Answer | None:
        if query.get("appid") != self.merchant.appid:
            raise Refusal(400, "PARAM_ERROR")
        found = self._contracts.get(contract)
        if found is None:
            raise Refusal(404, "RESOURCE_NOT_EXISTS")
        owes = any(one.is_owed for one in self._orders.values() if one.contract == contract)
        reason = found.block_reason or ("OVERDUE" if owes else "")
        told: Words = {"contract_id": contract, "user_service_state": "NORMAL"}
        if reason:
            told |= {"user_service_state": "BLOCKED", "block_reason": reason}
        return answer(200, told, self._clock())

    def _refund(self, _: str, __: Mapping[str, str], body: bytes) -> Answer | None:
        ask = asked.refund(body)
        if ask.transaction_id not in self._payments:
            raise Refusal(404, "RESOURCE_NOT_EXISTS")
        kept, payment = self._payments[ask.transaction_id]
        wrong = self._first("refund", ask.out_refund_no, kept.number)
        return self._through(wrong, lambda: self._start_refund(kept, payment, ask), failed)

    def _start_refund(self, kept: Kept, payment: Payment, ask: asked.RefundAsk) -> Words:
        if ask.out_refund_no in self._backs:
            return self._again(payment, ask)
        bound = sum(one.asked for one in payment.backs if one.status != "ABNORMAL")
        if ask.amount.total != payment.amount or ask.amount.refund > payment.amount - bound:
            raise Refusal(400, "INVALID_REQUEST")
        back = Back(ask.out_refund_no, ask.amount.refund, self._clock())
        payment.backs.append(back)
        self._backs[back.number] = (kept, payment, back)
        begun = told_refund(kept, payment, back, "status")
        if kept.wrong is Mischief.REFUND_IN_PART:
            back.given = back.asked // 2
        elif kept.wrong is Mischief.REFUND_FAILS:
            back.status = "ABNORMAL"
            note = Note("REFUND.ABNORMAL", told_refund(kept, payment, back, "refund_status"))
            self._tell(kept, note)
        elif kept.wrong is not Mischief.CALLBACK_LATE:
            self._give(kept, payment, back)
        return begun

    def _again(self, payment: Payment, ask: asked.RefundAsk) -> Words:
        kept, of, back = self._backs[ask.out_refund_no]
        if of is not payment or back.asked != ask.amount.refund:
            raise Refusal(400, "INVALID_REQUEST")
        if kept.wrong is Mischief.REFUND_IN_PART and back.status == "PROCESSING":
            self._give(kept, payment, back)
        return told_refund(kept, payment, back, "status")

    def _give(self, kept: Kept, payment: Payment, back: Back) -> None:
        back.given, back.status = back.asked, "SUCCESS"
        note = Note("REFUND.SUCCESS", told_refund(kept, payment, back, "refund_status"))
        self._tell(kept, note)

    def _query_refund(self, number: str, _: Mapping[str, str], __: bytes) -> Answer | None:
        if number not in self._backs:
            raise Refusal(404, "RESOURCE_NOT_EXISTS")
        return answer(200, told_refund(*self._backs[number], "status"), self._clock())

    def _bill(self, _: str, query: Mapping[str, str], __: bytes) -> Answer | None:
        day = query.get("bill_date", "")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            raise Refusal(400, "PARAM_ERROR")
        text = self._bill_of(day)
        if not text:
            raise Refusal(400, "NO_STATEMENT_EXIST")
        told: Words = {
            "hash_type": "SHA1",
            "hash_value": sha1(text, usedforsecurity=False).hexdigest(),
            "download_url": f"https://api.mch.weixin.qq.com/v3/billdownload/file?token={day}",
        }
        return answer(200, told, self._clock())

    def _download(self, _: str, query: Mapping[str, str], __: bytes) -> Answer | None:
        """Its answer is the file, and bears no signature."""
        return Answer(200, {}, self._bill_of(query.get("token", "")))

    def _bill_of(self, day: str) -> bytes:
        starts = day_named(day) * 86_400 - CHINA_OFFSET_S
        if self._clock() < (starts + _BILL_AFTER_S) * MICROS:
            return b""
        return bill(self._orders.values(), day, self.merchant.mchid, self.merchant.appid)

    def _tell(self, kept: Kept, note: Note) -> None:
        if kept.wrong is Mischief.CALLBACK_NEVER:
            return
        if kept.wrong is Mischief.CALLBACK_REORDERED:
            kept.held.append(note)
            if len(kept.held) > 1:
                self._due += reversed(kept.held)
                kept.held.clear()
            return
        if kept.wrong is Mischief.CALLBACK_FORGED:
            self._due.append(Note(note.event, of_more(note.told), is_forged=True))
        self._due += [note, note] if kept.wrong is Mischief.CALLBACK_TWICE else [note]
