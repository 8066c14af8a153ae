"""A charge order, and all that its channel ever said of it. Pure.

A channel answers late, twice, in any order, and sometimes two things that cannot both be true. So
nothing here depends on order: what is known of an order is the *set* of facts that were heard, its
state is worked out from the set, and each fact has its own journals with ids of its own. Hearing a
fact again adds nothing; hearing the same facts in another order ends in the same books.

Money that a channel says it has moved is booked, even where it should not have been: the books say
what is, and the order's `due` says what has to be done about it.
"""

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.core import derived_id, moment_of
from ridecode.money.ledger import Flow, Journal


class Purse(IntEnum):
    """Where a channel takes its money from: it decides between which accounts money moves."""

    OUTSIDE = 1
    """From its user's own bank or balance; the channel owes it to the card company."""
    WALLET = 2
    """From the rider's wallet, which the card company holds."""


class Order(Struct, frozen=True, gc=False):
    """What a channel is asked to take from a rider (扣款单). Its id is made from what it is for, so
    that it is the same order however often it is made."""

    order_id: UUID
    """Its 32 hexadecimal digits are the number that the channel knows it by."""
    account: str
    channel: str
    purse: Purse
    amount: int
    """Fen, above zero."""
    about: UUID
    """The ride, or for a difference the rider's day."""
    made_at: int
    """UTC epoch microseconds."""

    @property
    def number(self) -> str:
        """As the channel knows it (out_trade_no): never another, however often it is sent."""
        return self.order_id.hex


NUMBER: Final = r"[!#-+\--~]{1,64}"
"""A channel's number of a payment, as a settlement file can name it: ASCII, no comma, quote or
space."""


def is_number(transaction: str) -> bool:
    return re.fullmatch(NUMBER, transaction) is not None


class Accepted(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The channel has it, and will say later what became of it."""


class Refused(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The channel did not take it: the rider owes it, until it is asked for again and taken."""

    reason: str


class Paid(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The channel has taken it."""

    transaction: str
    """The channel's own number of the payment."""
    amount: int
    is_advanced: bool = False
    """The channel paid in advance (垫资): its user still owes it to the channel."""


class Repaid(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The user has paid the channel what it had advanced."""

    transaction: str


class Refunded(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The channel has given so much back."""

    refund: UUID
    """Number of the refund, as it was asked for."""
    amount: int


class RefundFailed(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """The channel will never give back what a refund asked for: a person has to see to it."""

    refund: UUID
    reason: str


Fact: TypeAlias = Accepted | Refused | Paid | Repaid | Refunded | RefundFailed
"""What a channel can say of an order."""


class Disputed(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """A payment or a refund that was told before with other words: it moves nothing."""

    said: Paid | Refunded


class Withdrawn(Struct, frozen=True, tag=True, array_like=True, gc=False):
    """So much of it is not asked for any more: it is a difference of its rider's. Nobody said so
    but we."""

    amount: int


Heard: TypeAlias = frozenset[Fact | Disputed | Withdrawn]
"""All that was heard of it."""

NOTHING: Final[Heard] = frozenset()


class State(IntEnum):
    """What has become of an order. The numbers are frozen."""

    QUEUED = 1
    """Nothing was heard: send it, and send it again."""
    ACCEPTED = 2
    """The channel has it: ask what became of it."""
    REFUSED = 3
    """The rider owes it."""
    PAID = 4
    WITHDRAWN = 5
    """Nothing was taken, and it is not asked for any more."""


class Break(IntEnum):
    """What cannot be right about an order (差错). The numbers are frozen."""

    PAID_MORE = 1
    """More was taken than was asked for, or twice: the rest goes back."""
    PAID_LESS = 2
    """Less was taken than was asked for: the rider owes the rest."""
    SAID_OTHERWISE = 3
    """One payment or refund was told in two ways: the first is booked, a person has to look."""
    REFUNDED_MORE = 4
    """More was given back than was taken."""
    REPAID_UNKNOWN = 5
    """The user repaid what the channel never said it had advanced."""
    REFUND_FAILED = 6
    """A refund will never be given by the channel."""


class Standing(Struct, frozen=True, gc=False):
    """How an order stands, worked out from what was heard; fen."""

    state: State
    taken: int
    """What the channel has of the rider's, refunds taken off."""
    advanced: int
    """What of it the user still owes to the channel."""
    owed: int
    """What the rider must pay before the next ride: what was refused, taken too little, or
    advanced and not repaid."""
    breaks: frozenset[Break]


def hear(heard: Heard, fact: Fact) -> Heard:
    """What is known when a fact is added to what was heard."""
    if not heard:
        return frozenset((fact,))
    if (isinstance(fact, Paid | Refunded)) and _is_disputed(heard, fact):
        return heard | {Disputed(fact)}
    return heard | {fact}


def _is_disputed(heard: Heard, fact: Paid | Refunded) -> bool:
    """Whether the same movement was told before, and not the same of it."""
    return fact not in heard and any(
        isinstance(one, type(fact)) and _movement(one) == _movement(fact) for one in heard
    )


def _movement(fact: Paid | Refunded) -> str | UUID:
    return fact.transaction if isinstance(fact, Paid) else fact.refund


def standing(order: Order, heard: Heard) -> Standing:
    """How an order stands by all that was heard of it, in whatever order that was."""
    if is_plain(order, heard):
        return Standing(_PAID, order.amount, 0, 0, _NO_BREAKS)
    paid = [one for one in heard if isinstance(one, Paid)]
    refunds = [one for one in heard if isinstance(one, Refunded)]
    repaid = {one.transaction for one in heard if isinstance(one, Repaid)}
    refused = any(isinstance(one, Refused) for one in heard)
    total, back = sum(one.amount for one in paid), sum(one.amount for one in refunds)
    advanced = sum(one.amount for one in paid if one.is_advanced and one.transaction not in repaid)
    asked = still_asked(order, heard)
    if paid:
        state, short = State.PAID, max(asked - total, 0)
    elif not asked:
        state, short = State.WITHDRAWN, 0
    elif refused:
        state, short = State.REFUSED, order.amount
    else:
        state, short = State.ACCEPTED if heard else State.QUEUED, 0
    breaks = frozenset(_breaks(order, paid, refunds, heard))
    return Standing(state, total - back, advanced, short + advanced, breaks)


def still_asked(order: Order, heard: Heard) -> int:
    """What the channel is to take in all, without what was withdrawn; fen."""
    return order.amount - sum(one.amount for one in heard if isinstance(one, Withdrawn))


def is_plain(order: Order, heard: Heard) -> bool:
    """Whether what was asked for was paid, and nothing else was ever said: nearly all orders end
    so, and what follows from it is known without working it out."""
    if len(heard) != 1:
        return False
    (one,) = heard
    return isinstance(one, Paid) and one.amount == order.amount and not one.is_advanced


# To look up a member of an enumeration in its class takes as long as the rest.
_PAID: Final = State.PAID
_NO_BREAKS: Final[frozenset[Break]] = frozenset()


def _breaks(
    order: Order, paid: list[Paid], refunds: list[Refunded], heard: Heard
) -> Iterator[Break]:
    total, asked = sum(one.amount for one in paid), still_asked(order, heard)
    if total > asked:
        yield Break.PAID_MORE
    if paid and total < asked:
        yield Break.PAID_LESS
    if any(isinstance(one, Disputed) for one in heard):
        yield Break.SAID_OTHERWISE
    if sum(one.amount for one in refunds) > total:
        yield Break.REFUNDED_MORE
    advanced = {one.transaction for one in paid if one.is_advanced}
    if any(isinstance(one, Repaid) and one.transaction not in advanced for one in heard):
        yield Break.REPAID_UNKNOWN
    given = {one.refund for one in refunds}
    if any(isinstance(one, RefundFailed) and one.refund not in given for one in heard):
        yield Break.REFUND_FAILED


class Refund(Struct, frozen=True):
    """What a channel is asked to give back of a payment (退款单)."""

    refund_id: UUID
    order_id: UUID
    transaction: str
    """Of which payment."""
    amount: int
    """Fen, above zero."""
    about: UUID
    """The order itself where too much was taken; else the rider's day whose difference it is."""


def excess(order: Order, heard: Heard, asked: Sequence[Refund] = ()) -> int:
    """What was taken beyond the order and is not given back nor asked back yet; fen.

    A refund counts with what was given; with what it asked for where nothing was heard of it; and
    where it failed, for then it is a person's to see to. Those of a rider's day count nothing.
    """
    taken = sum(one.amount for one in heard if isinstance(one, Paid))
    given = {one.refund: one.amount for one in heard if isinstance(one, Refunded)}
    own = [one for one in asked if one.about == order.order_id]
    back = sum(given.get(one.refund_id, one.amount) for one in own)
    back += sum(given.values()) - sum(given.get(one.refund_id, 0) for one in asked)
    return max(taken - still_asked(order, heard) - back, 0)


def journals(order: Order, heard: Heard, fact: Fact, day: int) -> tuple[Journal, ...]:
    """What a fact moves in the books, where `heard` was heard before it; nothing for one of those.

    Its journals have ids of their own, so that no crash between the books and what is known can
    book them twice.
    """
    if heard and (
        fact in heard or (isinstance(fact, Paid | Refunded) and _is_disputed(heard, fact))
    ):
        return ()
    return tuple(
        Journal(
            _journal_id(order.order_id, name), flow, debit, credit, amount, day, order.order_id,
        )
        for name, flow, debit, credit, amount in _moves(order, fact, heard)
    )  # fmt: skip


def journal_ids(order_id: UUID, heard: Heard) -> dict[UUID, str]:
    """The journals that an order may have by what was heard, each with the channel's number of
    what moved: that of the payment, or of the refund."""
    return {_journal_id(order_id, name): _number(one) for one in heard for name in _names(one)}


def charge_number(order_id: bytes, heard: Heard, journal: bytes) -> str:
    """The channel's number of what an order's journal took or gave back; ids by their bytes."""
    if len(heard) == 1:
        # There is one thing that it can be of, as of nearly every order.
        (only,) = heard
        return _number(only)
    return journal_ids(UUID(bytes=order_id), heard).get(UUID(bytes=journal), "")


def _number(fact: Fact | Disputed | Withdrawn) -> str:
    """The channel's of a payment or a refund; empty for what moves nothing."""
    if isinstance(fact, Paid):
        return fact.transaction
    return fact.refund.hex if isinstance(fact, Refunded) else ""


def _names(fact: Fact | Disputed | Withdrawn) -> list[str]:
    """Of the journals that a fact may have, within their order."""
    if isinstance(fact, Paid):
        return [f"{kind} {fact.transaction}" for kind in ("paid", "advance", "repaid")]
    return [f"refund {fact.refund}"] if isinstance(fact, Refunded) else []


def _journal_id(order_id: UUID, name: str) -> UUID:
    return derived_id(moment_of(order_id), b"order" + order_id.bytes + name.encode())


_Move: TypeAlias = tuple[str, Flow, str, str, int]
"""Name within the order, flow, parties debited and credited, fen."""


def _moves(order: Order, fact: Fact, heard: Heard) -> Iterator[_Move]:
    rider, purse = order.account, _PARTY[order.purse](order)
    taken, given = _FLOWS[order.purse]
    if isinstance(fact, Paid):
        yield f"paid {fact.transaction}", taken, purse, rider, fact.amount
        if fact.is_advanced:
            yield from _advance(order, fact)
            if Repaid(fact.transaction) in heard:
                yield from _repay(order, fact)
    elif isinstance(fact, Refunded):
        yield f"refund {fact.refund}", given, rider, purse, fact.amount
    elif isinstance(fact, Repaid):
        # Heard before the payment itself, it is booked with that.
        for one in heard:
            if isinstance(one, Paid) and one.is_advanced and one.transaction == fact.transaction:
                yield from _repay(order, one)


def _advance(order: Order, paid: Paid) -> Iterator[_Move]:
    name = f"advance {paid.transaction}"
    yield name, Flow.ADVANCED, order.account, order.channel, paid.amount


def _repay(order: Order, paid: Paid) -> Iterator[_Move]:
    name = f"repaid {paid.transaction}"
    yield name, Flow.REPAID, order.channel, order.account, paid.amount


_FLOWS: Final = {
    Purse.OUTSIDE: (Flow.CHARGED, Flow.REFUNDED),
    Purse.WALLET: (Flow.CHARGED_WALLET, Flow.REFUNDED_WALLET),
}
"""By which flow money is taken, and by which it is given back."""
_PARTY: Final = {
    Purse.OUTSIDE: lambda order: order.channel,
    Purse.WALLET: lambda order: order.account,
}
"""Whose account is the purse."""
