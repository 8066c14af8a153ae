"""The card account (卡账户): an account that riders hold at the card company itself.

The interface is ours, and written so that a card company can put it before the accounts that it
has. Charges go by the thousand and are mostly answered at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from msgspec import MsgspecError, Struct, json

from ridecode.core import MICROS, BadInputError, UnavailableError, day_name, day_named
from ridecode.money.channels.card_account import words
from ridecode.money.channels.card_account.signing import SIGNATURE, Checker, Signer
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
    Refunded,
    RefundFailed,
    Refused,
)
from ridecode.money.channels.silence import Silence, Silent

BATCH_MOST: Final = 1_000
"""Charges, or numbers that are asked after, in one request."""
_ACCEPTED: Final = Accepted()
_T = TypeVar("_T")


class CardAccountMerchant(Struct, frozen=True, kw_only=True):
    """Whoever charges card accounts, and by which keys the other side is known."""

    key_id: str
    private_key: bytes
    """PEM, of Ed25519."""
    keys: Mapping[str, bytes]
    """Public keys of the card company's accounts, PEM, by their ids."""
    notify_target: str
    """Path under which we are told what was not answered at once, as `/card-account`."""

    def __repr__(self) -> str:
        # No key in a log.
        return f"CardAccountMerchant({self.key_id})"


class CardAccount:
    """A channel over one link."""

    id: Final = "card-account"
    # What riders paid in is in the accounts' own books: to ours they are a channel like others.
    purse: Final = Purse.OUTSIDE
    batch_most: Final = BATCH_MOST
    heard: Final = Answer(204, {}, b"")

    def __init__(self, merchant: CardAccountMerchant, link: Link) -> None:
        """`BadInputError` for keys that are none."""
        self._link, self._notify_target = link, merchant.notify_target
        self._signer = Signer(merchant.key_id, merchant.private_key)
        self._checker = Checker(merchant.keys)

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        assert len(asks) <= self.batch_most, f"{len(asks)} orders are more than one batch takes"
        numbers = [ask.order.number for ask in asks]
        asked = words.AskedCharges([
            words.AskedCharge(
                number, ask.agreement.contract, ask.order.amount, _ridden_at(ask),
                ask.carried.line if ask.carried else "",
            )
            for number, ask in zip(numbers, asks, strict=True)
        ])  # fmt: skip
        told = self._charges("/v1/charges", asked, numbers, now)
        if isinstance(told, Silent):
            return [told] * len(asks)
        return [_first(one) for one in told]

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        numbers = [order.number for order in orders]
        found: list[frozenset[Fact] | Silent] = []
        for at in range(0, len(numbers), BATCH_MOST):
            some = numbers[at : at + BATCH_MOST]
            told = self._charges("/v1/charges/query", words.Numbers(some), some, now)
            if isinstance(told, Silent):
                found += [told] * len(some)
            else:
                found += map(frozenset, map(_facts, told))
        return found

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        asked = words.AskedRefund(refund.hex, order.number, paid.transaction, amount)
        told = self._post("/v1/refunds", asked, words.Refund, now)
        if isinstance(told, Silent):
            return told
        if told.refund != refund.hex:
            return Silent(Silence.UNREADABLE)
        if told.state == "failed":
            return RefundFailed(refund, told.reason)
        if told.state == "pending":
            return Silent(Silence.UNDECIDED, told.state)
        return Refunded(refund, told.amount) if told.amount else Silent(Silence.UNREADABLE)

    def sign_up(self, account: str, number: str, now: int) -> str:
        asked = words.AskedAgreement(number, account)
        told = self._post("/v1/agreements", asked, words.Opened, now)
        if isinstance(told, words.Opened) and told.number == number:
            return told.open
        why = told if isinstance(told, Silent) else Silent(Silence.UNREADABLE)
        raise UnavailableError(f"The card account does not take agreements now: {why}.", _LATER)

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        answer = self._ask("GET", f"/v1/agreements/{quote(contract, safe='')}", b"", now)
        if isinstance(answer, Answer) and answer.status == 404:
            return AgreementState.ENDED
        told = _read(answer, words.AgreementTold)
        if isinstance(told, Silent):
            return told
        is_it = told.contract == contract
        return AgreementState[told.state.upper()] if is_it else Silent(Silence.UNREADABLE)

    def debtors(self, now: int) -> Iterator[Debtor]:
        after, is_last = "", False
        while not is_last:
            target = f"/v1/blocked?after={quote(after, safe='')}"
            told = _read(self._ask("GET", target, b"", now), words.Blocked)
            if isinstance(told, Silent):
                raise UnavailableError(f"{_BREAKS_OFF}: {told}.", _LATER)
            if not told.blocked and not told.is_last:
                raise UnavailableError(f"{_BREAKS_OFF}.", _LATER)
            for one in told.blocked:
                yield Debtor(one.user, one.contract)
                after = one.contract
            is_last = told.is_last

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        day = day_name(day_named(day))
        answer = self._ask("GET", f"/v1/bills/{day}", b"", now)
        if isinstance(answer, Silent) or answer.status != 200:
            raise UnavailableError(f"The card account's bill of {day} is not there.", _LATER)
        return _bill(day, answer.body)

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        # However old it is: a fact that is told again adds nothing.
        if not self._checker.holds("POST", self._notify_target, headers, body):
            raise ForgedError("A callback does not bear the card account's signature.")
        try:
            told = json.decode(body, type=words.Charge)
            order_id = UUID(told.number)
        except (*_UNREADABLE, ValueError) as error:
            raise BadInputError("The card account tells what cannot be read.", _WRONG) from error
        facts = _facts(told)
        if order_id.hex != told.number or len(facts) > 1:
            raise BadInputError("The card account tells of no one payment of an order.", _WRONG)
        return Said(order_id, facts[0]) if facts else None

    def _charges(
        self, target: str, asked: Struct, numbers: list[str], now: int
    ) -> list[words.Charge] | Silent:
        """The rows of an answer, where there is just one for each number, in their order."""
        told = self._post(target, asked, words.Charges, now) if numbers else words.Charges([])
        if isinstance(told, Silent):
            return told
        is_of_them = [one.number for one in told.charges] == numbers
        return told.charges if is_of_them else Silent(Silence.UNREADABLE)

    def _post(self, target: str, asked: Struct, kind: type[_T], now: int) -> _T | Silent:
        return _read(self._ask("POST", target, json.encode(asked), now), kind)

    def _ask(self, method: str, target: str, body: bytes, now: int) -> Answer | Silent:
        """The answer to this very request, where it came and is signed."""
        headers = self._signer.headers(method, target, now // MICROS, body)
        sent = {**headers, "content-type": "application/json"} if body else headers
        answer = self._link(method, target, sent, body)
        if answer is None or not self._checker.holds(
            str(answer.status), headers[SIGNATURE], answer.headers, answer.body
        ):
            return not_heard(answer)
        return answer


def _ridden_at(ask: Ask) -> int:
    return (ask.carried.ended if ask.carried else ask.order.made_at) // MICROS


def _first(told: words.Charge) -> Fact | Silent:
    """What a row of an answer says. Of more than one payment it says that there are some: all of
    them are asked for."""
    facts = _facts(told)
    if not facts:
        return Silent(Silence.UNDECIDED, told.state)
    return facts[0] if len(facts) == 1 else _ACCEPTED


def _facts(told: words.Charge) -> list[Fact]:
    if told.state == "paid":
        return [Paid(one.transaction, one.amount) for one in told.payments] or [_ACCEPTED]
    if told.state == "refused":
        return [Refused(told.reason)]
    return [_ACCEPTED] if told.state == "accepted" else []


def _read(answer: Answer | Silent, kind: type[_T]) -> _T | Silent:
    if isinstance(answer, Silent):
        return answer
    if answer.status == 200:
        return _understood(answer.body, kind)
    trouble = _understood(answer.body, words.Trouble)
    return not_done(answer, trouble.error if isinstance(trouble, words.Trouble) else "")


def _understood(body: bytes, kind: type[_T]) -> _T | Silent:
    try:
        return json.decode(body, type=kind)
    except _UNREADABLE:
        return Silent(Silence.UNREADABLE)


def _bill(day: str, body: bytes) -> Iterator[BillLine]:
    """The rows of a bill; raises before the first where they are not what its head says."""
    first, _, rest = body.partition(b"\n")
    try:
        head = json.decode(first, type=words.BillHead)
        rows = json.Decoder(words.BillRow).decode_lines(rest)
    except _UNREADABLE as error:
        raise BadInputError(f"The card account's bill of {day} cannot be read.", _WRONG) from error
    paid, back = [[one.amount for one in rows if bool(one.refund) is it] for it in (False, True)]
    sums = words.BillHead(
        day, len(paid), sum(paid), len(back), sum(back), sum(one.fee for one in rows)
    )
    if sums != head:
        raise BadInputError(f"The card account's bill of {day} is not what its head says.", _WRONG)
    return (BillLine(one.number, one.transaction, one.refund, one.amount, one.fee) for one in rows)


_UNREADABLE: Final = (MsgspecError, UnicodeDecodeError, RecursionError)
_BREAKS_OFF: Final = "The card account's list of debtors breaks off"
_LATER: Final = "Ask again later."
_WRONG: Final = "Ask the card company's accounts."
