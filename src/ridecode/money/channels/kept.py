"""An order as it is kept: beside it what was heard, what it leaves owed, and when it is due."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, msgpack

from ridecode.core import HOUR, MICROS, derived_id, moment_of
from ridecode.money.channels.contract import Agreement
from ridecode.money.channels.order import (
    NOTHING,
    Disputed,
    Fact,
    Heard,
    Order,
    Paid,
    Purse,
    Refund,
    Standing,
    State,
    Withdrawn,
    excess,
    standing,
)


class Signed(Struct, frozen=True, kw_only=True, gc=False):
    """An agreement as it is kept."""

    number: int
    """Ours, from 1."""
    agreement: Agreement
    channel: str
    purse: Purse
    platform: str
    """Where the rider signed: whose service the charges under it are."""
    signed_at: int
    """UTC epoch microseconds."""


class Kept(Struct, frozen=True, gc=False):
    """An order and all that is known of it."""

    order: Order
    signed: int
    """Number of the agreement under which it was made."""
    state: State = State.QUEUED
    heard: Heard = NOTHING
    owed: int = 0
    """What of it was told as a debt; fen."""
    tries: int = 0
    """How often it was sent or asked after since its state last changed."""
    due_at: int | None = None
    """When it is next; UTC epoch microseconds, None for never."""


_encode: Final = msgpack.Encoder().encode
_decode: Final = msgpack.Decoder(list[Fact | Disputed | Withdrawn]).decode


def heard_bytes(heard: Heard) -> bytes:
    """The same set is the same bytes."""
    if not heard:
        return _NOTHING
    return _encode(sorted(heard, key=_encode)) if len(heard) > 1 else _encode(list(heard))


def heard_of(body: bytes) -> Heard:
    return NOTHING if body == _NOTHING else frozenset(_decode(body))


_NOTHING: Final = _encode([])


_SOON: Final = 30 * MICROS
_LATEST: Final = HOUR
_DAY: Final = 86_400 * MICROS
REFUSED_TRIES: Final = 60
"""So often, once a day, what was refused is asked for again; then the rider has to come."""


def next_look(found: Standing, tries: int, now: int) -> int | None:
    """When an order that stands so is sent or asked after next; None for never.

    Within the hour while the channel has still to say something, then once a day while the user
    owes it. `tries` counts since its state last changed.
    """
    if found.state in _AWAITED:
        return backed_off(tries, now)
    if found.state in _UNPAID:
        return now + _DAY if tries < REFUSED_TRIES else None
    return now + _DAY if found.advanced else None


# To look up a member of an enumeration in its class takes as long as to compare it.
_AWAITED: Final = (State.QUEUED, State.ACCEPTED)
_UNPAID: Final = (State.REFUSED, State.WITHDRAWN)
"""One that was withdrawn may have been taken before, and that was not told yet: it goes back."""


def backed_off(tries: int, now: int) -> int:
    """Half a minute, then twice as long each time, an hour at most."""
    return now + min(_SOON << min(tries, 10), _LATEST)


def heard_more(kept: Kept, heard: Heard, now: int) -> Kept:
    """The order after it was heard of; `heard` is all that is known."""
    found = standing(kept.order, heard)
    tries = kept.tries if found.state is kept.state else 0
    return Kept(
        kept.order, kept.signed, found.state, heard, found.owed, tries, next_look(found, tries, now)
    )


def to_give_back(order: Order, heard: Heard, asked: Sequence[Refund]) -> list[Refund]:
    """The refunds that a channel has still to be asked for, because it took too much."""
    return shared_out(order, heard, asked, excess(order, heard, asked), order.order_id)


def shared_out(
    order: Order, heard: Heard, asked: Sequence[Refund], amount: int, about: UUID
) -> list[Refund]:
    """Refunds of so much over the payments of an order, as far as these reach; fen.

    The latest payment by its number comes first, so that of one that was taken twice the second
    goes back.
    """
    refunds: list[Refund] = []
    paid = sorted((one for one in heard if isinstance(one, Paid)), key=lambda one: one.transaction)
    for one in reversed(paid):
        left = one.amount - sum(
            refund.amount for refund in asked if refund.transaction == one.transaction
        )
        if part := min(left, amount):
            nth = (len(asked) + len(refunds)).to_bytes(4, "big")
            refund_id = derived_id(
                moment_of(order.order_id), b"refund" + order.order_id.bytes + nth
            )
            refunds.append(Refund(refund_id, order.order_id, one.transaction, part, about))
            amount -= part
    return refunds
