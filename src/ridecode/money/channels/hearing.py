"""Hearing: what channels say goes into the books, and what follows from it, in one transaction.

A fact that is known changes nothing. What is owed from then on, or no longer, is told on the log,
where `riders` hears it; what was taken beyond an order is asked back.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, msgpack

from ridecode.core import BusinessCalendar
from ridecode.money.channels import db
from ridecode.money.channels.contract import Said
from ridecode.money.channels.kept import Kept, heard_more, to_give_back
from ridecode.money.channels.order import (
    Fact,
    Paid,
    Purse,
    Refund,
    Refunded,
    RefundFailed,
    Refused,
    hear,
    is_plain,
    journals,
)
from ridecode.money.ledger import Journal, Ledger, Outcome, last_closed, open_day
from ridecode.store import Cell, Connection, log

DEBTS: Final = "debts"
"""Topic of the log: [[account, "owed" or "repaid", fen, UTC epoch microseconds], …] in msgpack."""
NOT_ENOUGH: Final = "NOT_ENOUGH"
"""Why a wallet refuses."""


class Hearing(Struct, frozen=True):
    """What came of hearing."""

    facts: int
    """That were new."""
    changed: frozenset[UUID]
    """Orders of which something new was heard."""
    unknown: tuple[UUID, ...]
    """Orders that are not ours."""


def hear_said(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, said: Sequence[Said], now: int
) -> Hearing:
    """Take in what channels said of orders, in this order. `now` is UTC epoch microseconds.

    About 60 µs a fact in sets of a thousand, a third of it PostgreSQL's.
    """
    if not said:
        return Hearing(0, frozenset(), ())
    told: dict[UUID, list[Fact]] = {}
    for one in said:
        told.setdefault(one.order_id, []).append(one.fact)
    with cell.connection() as conn:
        known = [(kept, told.pop(kept.order.order_id)) for kept in db.lock_orders(conn, told)]
        # Nobody closes a day from here on.
        day = open_day(calendar.day(now), last_closed(conn))
        settled_, facts = settled(conn, ledger, known, day, now)
        changed = [
            (before, after)
            for (before, _), after in zip(known, settled_, strict=True)
            if after is not before
        ]
        db.set_heard(conn, [after for _, after in changed])
        _give_back(conn, changed, now)
        tell_owed(conn, owed_more(changed), now)
    return Hearing(
        facts, frozenset(after.order.order_id for _, after in changed), tuple(sorted(told))
    )


def settled(
    conn: Connection, ledger: Ledger, told: Sequence[tuple[Kept, Sequence[Fact]]], day: int,
    now: int,
) -> tuple[list[Kept], int]:  # fmt: skip
    """Post what facts of orders move, on an open business day: each order as it is then, itself
    where nothing about it was new, and how many facts were."""
    heard = [kept.heard for kept, _ in told]
    moves: list[Journal] = []
    new: list[tuple[int, Fact, int]] = []
    for at, (kept, facts) in enumerate(told):
        for fact in facts:
            before = heard[at]
            heard[at] = after = hear(before, fact)
            if after != before:
                moves += journals(kept.order, before, fact, day)
                new.append((at, fact, len(moves)))
    outcomes = ledger.post(conn, moves, now)
    if not set(outcomes) <= _IN_THE_BOOKS:
        begin = 0
        for at, fact, end in new:
            if not set(outcomes[begin:end]) <= _IN_THE_BOOKS:
                # The wallet has not enough: it is as if its channel had refused.
                assert outcomes[begin:end] == [Outcome.OVERDRAWN], "its day is open, all are known"
                assert told[at][0].order.purse is Purse.WALLET, "no other can be overdrawn"
                heard[at] = heard[at] - {fact} | {Refused(NOT_ENOUGH)}
            begin = end
    return [
        kept if facts == kept.heard else heard_more(kept, facts, now)
        for (kept, _), facts in zip(told, heard, strict=True)
    ], len(new)


_IN_THE_BOOKS: Final = {Outcome.POSTED, Outcome.EXISTS}


def _give_back(conn: Connection, changed: Iterable[tuple[Kept, Kept]], now: int) -> None:
    """Ask back what was taken too much; a refund of a day that gave less than it should is a
    difference again."""
    touched = [
        (after, after.heard - before.heard)
        for before, after in changed
        if not is_plain(after.order, after.heard)
    ]
    touched = [one for one in touched if any(isinstance(fact, _OF_REFUNDS) for fact in one[1])]
    if not touched:
        return
    asked = db.refunds_of(conn, [kept.order.order_id for kept, _ in touched])
    refunds: list[Refund] = []
    short: dict[str, int] = {}
    ended: list[UUID] = []
    for kept, new in touched:
        order, own = kept.order, asked.get(kept.order.order_id, [])
        refunds += to_give_back(order, kept.heard, own)
        by_id = {refund.refund_id: refund for refund in own}
        for fact in new:
            if isinstance(fact, Refunded | RefundFailed):
                ended.append(fact.refund)
            if isinstance(fact, Refunded) and fact.refund in by_id:
                refund = by_id[fact.refund]
                if refund.about != order.order_id:
                    given = fact.amount - refund.amount
                    short[order.account] = short.get(order.account, 0) + given
    db.end_refunds(conn, ended)
    db.add_refunds(conn, refunds, now)
    db.add_differences(conn, short)


_OF_REFUNDS: Final = (Paid, Refunded, RefundFailed)


def owed_more(changes: Iterable[tuple[Kept, Kept]]) -> list[tuple[str, int]]:
    """Accounts and how much more they owe, of orders as they were and as they are."""
    return [(after.order.account, after.owed - before.owed) for before, after in changes]


def tell_owed(conn: Connection, more: Iterable[tuple[str, int]], now: int) -> None:
    """Say on the log how much more accounts owe, below zero for less: the last thing that a
    transaction does."""
    entries = [
        (account, "owed" if fen > 0 else "repaid", abs(fen), now) for account, fen in more if fen
    ]
    if entries:
        log.append(conn, DEBTS, [msgpack.encode(entries)])


def facts_said(order_id: UUID, facts: frozenset[Fact]) -> list[Said]:
    """All facts of one order, payments before what refers to them."""
    return [Said(order_id, fact) for fact in sorted(facts, key=lambda f: type(f).__name__)]
