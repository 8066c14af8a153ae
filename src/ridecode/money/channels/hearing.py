"""Hearing: what channels say goes into the books, and what follows from it, in one transaction.

A fact that is known changes nothing. What is owed from then on, or no longer, is told on the log,
where `riders` hears it; what was taken beyond an order is asked back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, msgpack

from ridecode.core import BusinessCalendar
from ridecode.money.channels import db
from ridecode.money.channels.contract import Said
from ridecode.money.channels.kept import Kept, heard_more, to_give_back
from ridecode.money.channels.order import (
    Fact,
    Order,
    Paid,
    Purse,
    Refund,
    Refunded,
    RefundFailed,
    Refused,
    hear,
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
    with cell.connection() as conn:
        known = db.lock_orders(conn, {one.order_id for one in said})
        ours = [one for one in said if one.order_id in known]
        # Nobody closes a day from here on.
        day = open_day(calendar.day(now), last_closed(conn))
        changed, facts = settled(conn, ledger, known, ours, lambda _: day, now)
        db.set_heard(conn, list(changed.values()))
        _give_back(conn, known, changed, now)
        tell_owed(conn, owed_more((known[one], kept) for one, kept in changed.items()), now)
    unknown = sorted({one.order_id for one in said} - known.keys())
    return Hearing(facts, frozenset(changed), tuple(unknown))


def settled(
    conn: Connection, ledger: Ledger, known: Mapping[UUID, Kept], said: Sequence[Said],
    day: Callable[[Order], int], now: int,
) -> tuple[dict[UUID, Kept], int]:  # fmt: skip
    """Post what facts move, on an order's business day; the orders that they change, and how many
    facts were new."""
    heard = {one: kept.heard for one, kept in known.items()}
    moves: list[Journal] = []
    new: list[tuple[Said, int, int]] = []
    for one in said:
        order = known[one.order_id].order
        before = heard[one.order_id]
        after = hear(before, one.fact)
        if after == before:
            continue
        first = len(moves)
        moves += journals(order, before, one.fact, day(order))
        new.append((one, first, len(moves)))
        heard[one.order_id] = after
    outcomes = ledger.post(conn, moves, now)
    for one, first, end in new:
        if Outcome.OVERDRAWN in outcomes[first:end]:
            # The wallet has not enough: it is as if its channel had refused.
            assert known[one.order_id].order.purse is Purse.WALLET, "no other can be overdrawn"
            heard[one.order_id] = heard[one.order_id] - {one.fact} | {Refused(NOT_ENOUGH)}
        else:
            assert set(outcomes[first:end]) <= _IN_THE_BOOKS, "its day is open, its parties known"
    changed = {one.order_id for one, _, _ in new}
    return {one: heard_more(known[one], heard[one], now) for one in changed}, len(new)


_IN_THE_BOOKS: Final = {Outcome.POSTED, Outcome.EXISTS}


def _give_back(
    conn: Connection, known: dict[UUID, Kept], changed: dict[UUID, Kept], now: int
) -> None:
    """Ask back what was taken too much; a refund of a day that gave less than it should is a
    difference again."""
    new = {one: kept.heard - known[one].heard for one, kept in changed.items()}
    touched = [one for one, facts in new.items() if any(isinstance(f, _OF_REFUNDS) for f in facts)]
    if not touched:
        return
    asked = db.refunds_of(conn, touched)
    refunds: list[Refund] = []
    short: dict[str, int] = {}
    ended: list[UUID] = []
    for one in touched:
        kept, own = changed[one], asked.get(one, [])
        refunds += to_give_back(kept.order, kept.heard, own)
        by_id = {refund.refund_id: refund for refund in own}
        for fact in new[one]:
            if isinstance(fact, Refunded | RefundFailed):
                ended.append(fact.refund)
            if isinstance(fact, Refunded) and fact.refund in by_id:
                refund = by_id[fact.refund]
                if refund.about != one:
                    account = kept.order.account
                    short[account] = short.get(account, 0) + fact.amount - refund.amount
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
