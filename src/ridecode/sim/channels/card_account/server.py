"""A card company's accounts behind the interface of `docs/channels-card-account.md`.

It shares no line with the client, and knows no advance: who has no money is refused, and blocked
until the charge is paid. What it answers at once it does not tell again; where a callback is to go
wrong, the charge is only accepted at first.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from msgspec import MsgspecError, Struct, json

from ridecode.core import MICROS, to_iso
from ridecode.money.channels import Answer, CardAccountMerchant
from ridecode.sim.channels.card_account import asked
from ridecode.sim.channels.counterpart import Mischief, Moved, Plan, Told
from ridecode.sim.channels.telling import Telling
from ridecode.sim.channels.till import Returning, Taking, Till

_Content: TypeAlias = dict[str, object]
_Route: TypeAlias = Callable[[str, bytes], tuple[int, bytes] | None]
_OURS, _THEIRS = "ridecode-1", "accounts-1"
SKEW_S: Final = 300
"""A request that was signed longer ago, or later than now, is not heard."""
PAGE: Final = 1_000
"""Debtors on one page."""
FEE: Final = 2
"""What is kept of 1,000 fen."""
_LATER: Final = {
    Mischief.CALLBACK_TWICE, Mischief.CALLBACK_LATE, Mischief.CALLBACK_NEVER,
    Mischief.CALLBACK_REORDERED, Mischief.CALLBACK_FORGED,
}  # fmt: skip


class CardAccountCounterpart:
    """The accounts of one card company, and one who charges them."""

    def __init__(self, plan: Plan, clock: Callable[[], int]) -> None:
        """`clock`: UTC epoch microseconds."""
        ours, self._theirs = _keys()
        self._ours, self._clock = ours.public_key(), clock
        self.merchant: Final = CardAccountMerchant(
            key_id=_OURS,
            private_key=ours.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            keys={
                _THEIRS: self._theirs.public_key().public_bytes(
                    Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
                )
            },
            notify_target="/card-account",
        )
        self._till, self._telling = Till(plan), Telling()
        self._contracts: dict[str, str] = {}
        self._asked_on = ""
        """The day on which the last request says that it was sent."""
        self._routes: dict[tuple[str, str], _Route] = {
            ("POST", "charges"): self._charge,
            ("POST", "charges/query"): self._query,
            ("POST", "refunds"): self._refund,
            ("POST", "agreements"): self._sign_up,
            ("GET", "agreements/"): self._agreement,
            ("GET", "blocked"): self._blocked,
            ("GET", "bills/"): self._bill,
        }

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        asked_at = int(headers.get("card-account-time", "0"))
        if not self._is_signed(method, target, headers, body) or (
            method == "POST" and abs(self._clock() // MICROS - asked_at) > SKEW_S
        ):
            return self._answer(headers, 401, _error("NOT_SIGNED"))
        self._asked_on = _day(asked_at * MICROS)
        path = urlsplit(target).path.removeprefix("/v1/")
        name, at = path, ""
        if method == "GET" and "/" in path:
            name, _, at = path.partition("/")
            name += "/"
        elif method == "GET":
            at = urlsplit(target).query
        route = self._routes.get((method, name))
        if route is None:
            return self._answer(headers, 404, _error("NO_SUCH_TARGET"))
        try:
            said = route(at, body)
        except MsgspecError:
            return self._answer(headers, 400, _error("MALFORMED"))
        return None if said is None else self._answer(headers, *said)

    def told(self) -> list[Told]:
        return self._telling.told()

    def hours_pass(self) -> None:
        self._telling.hours_pass()

    def sign(self, contract: str, user: str) -> None:
        self._contracts[contract] = user

    def repay(self, number: str) -> None:
        if taking := self._till.repay(number, _day(self._clock())):
            self._tell(taking)

    def truth(self) -> Mapping[str, Moved]:
        return self._till.truth()

    def _charge(self, _: str, body: bytes) -> tuple[int, bytes] | None:
        rows = json.decode(body, type=asked.Charges).charges
        numbers = [row.number for row in rows]
        if self._till.falls(Mischief.NEVER_CAME, numbers):
            return None
        if self._till.falls(Mischief.BUSY, numbers):
            return 429, _error("BUSY")
        if self._till.falls(Mischief.ANSWER_FORGED, numbers):
            lies = [{"number": one, "state": "refused", "reason": "NO_MONEY"} for one in numbers]
            return _FORGED, json.encode({"charges": lies})
        told = [self._charge_one(row) for row in rows]
        if self._till.falls(Mischief.SILENT_SUCCESS, numbers):
            return None
        return 200, json.encode({"charges": told})

    def _charge_one(self, row: asked.Charge) -> _Content:
        if row.contract not in self._contracts:
            return {"number": row.number, "state": "refused", "reason": "NO_AGREEMENT"}
        is_new = row.number not in self._till.takings
        user = self._contracts[row.contract]
        day = _day(self._clock())
        taking = self._till.charge(row.number, row.amount, user, row.contract, day)
        if taking.mischief in _LATER:
            if is_new:
                self._tell(taking)
            return {"number": row.number, "state": "accepted"}
        return _standing(taking)

    def _query(self, _: str, body: bytes) -> tuple[int, bytes]:
        told = [
            _standing(self._till.takings[number])
            if number in self._till.takings
            else {"number": number, "state": "unknown"}
            for number in json.decode(body, type=asked.Numbers).numbers
        ]
        return 200, json.encode({"charges": told})

    def _refund(self, _: str, body: bytes) -> tuple[int, bytes]:
        of = json.decode(body, type=asked.Refund)
        taking, became = self._till.takings.get(of.number), Returning.UNKNOWN
        if taking is not None:
            day = _day(self._clock())
            became = self._till.refund(taking, of.transaction, of.refund, of.amount, day)
        told: _Content = {"refund": of.refund, "state": _STATES.get(became, "failed")}
        if told["state"] == "given":
            told["amount"] = of.amount
        elif told["state"] == "failed":
            told["reason"] = became.name
        return 200, json.encode(told)

    def _sign_up(self, _: str, body: bytes) -> tuple[int, bytes]:
        number = json.decode(body, type=asked.Agreement).number
        told = {"number": number, "open": f"https://accounts.example/agree/{number}"}
        return 200, json.encode(told)

    def _agreement(self, contract: str, _: bytes) -> tuple[int, bytes]:
        contract = unquote(contract)
        if contract not in self._contracts:
            return 404, _error("NO_AGREEMENT")
        owes = any(one == contract for one, _ in self._till.blocked())
        state = "overdue" if owes else "stands"
        return 200, json.encode({"contract": contract, "state": state})

    def _blocked(self, query: str, _: bytes) -> tuple[int, bytes]:
        (after,) = parse_qs(query, keep_blank_values=True)["after"]
        left = [one for one in self._till.blocked() if one[0] > after]
        page = [{"contract": contract, "user": user} for contract, user in left[:PAGE]]
        return 200, json.encode({"blocked": page, "is_last": len(left) <= PAGE})

    def _bill(self, day: str, _: bytes) -> tuple[int, bytes]:
        if day >= self._asked_on:
            return 404, _error("NO_BILL_YET")
        rows = [one for taking in self._till.takings.values() for one in _rows(day, taking)]
        paid = [one.amount for one in rows if not one.refund]
        back = [one.amount for one in rows if one.refund]
        head = {
            "day": day, "payments": len(paid), "paid": sum(paid), "refunds": len(back),
            "refunded": sum(back), "fees": sum(one.fee for one in rows),
        }  # fmt: skip
        return 200, json.Encoder().encode_lines([head, *rows])

    def _tell(self, taking: Taking) -> None:
        for payment in taking.payments:
            one = {"transaction": payment.transaction, "amount": payment.amount}
            body = json.encode({"number": taking.number, "state": "paid", "payments": [one]})
            headers = self._headers("POST", self.merchant.notify_target, body)
            forged = body.replace(b'"amount":', b'"amount":9')
            mischief = taking.mischief
            self._telling.add(taking.number, mischief, Told(headers, body), Told(headers, forged))

    def _is_signed(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bool:
        time = headers.get("card-account-time", "")
        text = f"{method}\n{target}\n{time}\n{sha256(body).hexdigest()}\n".encode()
        try:
            self._ours.verify(b64decode(headers.get("card-account-signature", "")), text)
        except InvalidSignature:
            return False
        return headers.get("card-account-key") == _OURS

    def _answer(self, asked: Mapping[str, str], status: int, body: bytes) -> Answer:
        if status == _FORGED:
            return Answer(200, self._headers("200", "another request", body), body)
        signature = asked.get("card-account-signature", "")
        return Answer(status, self._headers(str(status), signature, body), body)

    def _headers(self, first: str, second: str, body: bytes) -> dict[str, str]:
        time = str(self._clock() // MICROS)
        text = f"{first}\n{second}\n{time}\n{sha256(body).hexdigest()}\n".encode()
        return {
            "content-type": "application/json",
            "card-account-key": _THEIRS,
            "card-account-time": time,
            "card-account-signature": b64encode(self._theirs.sign(text)).decode(),
        }


class _BillRow(Struct):
    number: str
    transaction: str
    refund: str
    amount: int
    fee: int


def _rows(day: str, taking: Taking) -> Iterator[_BillRow]:
    for payment in taking.payments:
        name, fee = payment.transaction, payment.amount * FEE // 1_000
        if payment.day == day:
            yield _BillRow(taking.number, name, "", payment.amount, fee)
        for refund, amount in payment.given.items():
            if payment.given_days[refund] == day:
                yield _BillRow(taking.number, name, refund, amount, -(amount * FEE // 1_000))


@cache
def _keys() -> tuple[Ed25519PrivateKey, Ed25519PrivateKey]:
    """Of whoever charges, and of the accounts."""
    return Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


_FORGED: Final = -1
_STATES: Final = {
    Returning.GIVEN: "given",
    Returning.GIVEN_BEFORE: "given",
    Returning.BEGUN: "pending",
}


def _standing(taking: Taking) -> _Content:
    if taking.is_refused:
        return {"number": taking.number, "state": "refused", "reason": "NO_MONEY"}
    payments = [{"transaction": one.transaction, "amount": one.amount} for one in taking.payments]
    return {"number": taking.number, "state": "paid", "payments": payments}


def _error(code: str) -> bytes:
    return json.encode({"error": code})


def _day(ts: int) -> str:
    return to_iso(ts, 8 * 3_600)[:10]
