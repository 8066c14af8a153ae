"""Working off what is due: orders are sent, asked after, and refunds asked for.

An order is due at a moment; whoever takes it makes it due again a minute later and lets go of it
before a word is sent, so that no transaction waits for a channel and nothing is lost with a worker
that is killed: the order is sent again under its one number. Where an order was sent before and
nothing came back, the channel is asked what it knows before it is asked for money again.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import add
from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ridecode.core import MICROS, BusinessCalendar, Progress, collecting_rarely, unseen
from ridecode.money.channels import db
from ridecode.money.channels.contract import Ask, Carried, Channel, Said
from ridecode.money.channels.hearing import facts_said, hear_said
from ridecode.money.channels.kept import Kept, backed_off, next_look
from ridecode.money.channels.order import Order, Paid, State, standing
from ridecode.money.ledger import Ledger
from ridecode.store import Cell

_LEASE: Final = 60 * MICROS
_QUERIES_MOST: Final = 100
"""Orders that are asked after before what was learned is kept."""


Rides: TypeAlias = Callable[[Sequence[Order]], Mapping[UUID, Carried]]
"""Where the rides of orders are looked up, by order id; nothing for an order that is of no ride, or
of one that is no more."""


class Worked(Struct, frozen=True):
    """What was done at one channel."""

    sent: int = 0
    asked_after: int = 0
    refunds: int = 0
    facts: int = 0
    """That were learned."""
    silent: int = 0
    """Requests of which nothing certain came back: they are made again later."""


def work(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, channel: Channel, rides: Rides,
    now: int, progress: Progress = unseen,
) -> Worked:  # fmt: skip
    """Do everything that is due at a channel at a moment (UTC epoch microseconds), once.

    Several may work at one channel at a time, each with a ledger of its own.
    """
    done = Worked()
    with collecting_rarely():
        while taken := _leased(cell, channel, now):
            one = _orders(cell, calendar, ledger, channel, rides, taken, now)
            done = _sum(done, one)
            progress(done.sent + done.asked_after, 0)
    return _sum(done, _refunds(cell, calendar, ledger, channel, now))


def _leased(cell: Cell, channel: Channel, now: int) -> list[Kept]:
    most = max(channel.batch_most, _QUERIES_MOST)
    with cell.connection() as conn:
        return db.lease_orders(conn, channel.id, now, now + _LEASE, most)


def _orders(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, channel: Channel, rides: Rides,
    taken: Sequence[Kept], now: int,
) -> Worked:  # fmt: skip
    asked_after = [one for one in taken if _was_sent(one)]
    sent = [one for one in taken if not _was_sent(one)]
    said: list[Said] = []
    silent = 0
    for at in range(0, len(asked_after), _QUERIES_MOST):
        part = asked_after[at : at + _QUERIES_MOST]
        for one, facts in zip(part, channel.query([k.order for k in part], now), strict=True):
            if facts is None:
                silent += 1
            elif facts - one.heard:
                said += facts_said(one.order.order_id, facts - one.heard)
            elif one.state in (State.QUEUED, State.REFUSED):
                sent.append(one)
    for at in range(0, len(sent), channel.batch_most):
        batch = sent[at : at + channel.batch_most]
        answers = channel.charge(_asks(cell, rides, batch), now)
        silent += answers.count(None)
        said += [
            Said(one.order.order_id, fact)
            for one, fact in zip(batch, answers, strict=True)
            if fact is not None
        ]
    heard = hear_said(cell, calendar, ledger, said, now)
    if len(heard.changed) < len(taken):
        later = {
            one.order.order_id: next_look(standing(one.order, one.heard), one.tries, now)
            for one in taken
            if one.order.order_id not in heard.changed
        }
        with cell.connection() as conn:
            db.put_off(conn, later, now + _LEASE)
    return Worked(len(sent), len(asked_after), 0, heard.facts, silent)


def _was_sent(kept: Kept) -> bool:
    """Whether the channel may know of it already: then it is asked before anything is done."""
    return kept.state is not State.QUEUED or kept.tries > 1


def _asks(cell: Cell, rides: Rides, batch: Sequence[Kept]) -> list[Ask]:
    with cell.connection() as conn:
        signed = db.agreements_numbered(conn, {one.signed for one in batch})
    carried = rides([one.order for one in batch])
    return [
        Ask(one.order, signed[one.signed].agreement, carried.get(one.order.order_id))
        for one in batch
    ]


def _refunds(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, channel: Channel, now: int
) -> Worked:
    done = Worked()
    while True:
        with cell.connection() as conn:
            due = db.lease_refunds(conn, channel.id, now, now + _LEASE, _QUERIES_MOST)
            kept = db.orders(conn, {refund.order_id for refund, _ in due})
        if not due:
            return done
        said: list[Said] = []
        unsure: dict[UUID, int] = {}
        for refund, tries in due:
            one = kept[refund.order_id]
            paid = next(
                fact for fact in one.heard
                if isinstance(fact, Paid) and fact.transaction == refund.transaction
            )  # fmt: skip
            fact = channel.refund(one.order, paid, refund.refund_id, refund.amount, now)
            if fact is None:
                unsure[refund.refund_id] = backed_off(tries, now)
            else:
                said.append(Said(refund.order_id, fact))
        facts = hear_said(cell, calendar, ledger, said, now).facts
        with cell.connection() as conn:
            for refund_id, at in unsure.items():
                db.put_off_refund(conn, refund_id, at)
        done = _sum(done, Worked(0, 0, len(due), facts, len(unsure)))


def _sum(one: Worked, other: Worked) -> Worked:
    return Worked(*map(add, astuple(one), astuple(other)))
