"""What rides cost beyond their orders: one order or refund of all of a rider's, at a day's close.

A ride that is priced again (a late tap, a cap that was reached) is not charged again: what becomes
dearer or cheaper on a day is one amount per rider (差额). So is what was ridden before the rider
agreed to any channel; until then it is told as a debt.
"""

from collections.abc import Mapping, Sequence
from operator import add
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ridecode.core import BusinessCalendar, Progress, derived_id, moment_near, unseen
from ridecode.money.channels import db
from ridecode.money.channels.hearing import owed_more, settled, tell_owed
from ridecode.money.channels.kept import Kept, Signed, shared_out
from ridecode.money.channels.order import Order, Refund
from ridecode.money.channels.ordering import keep_orders, new_orders, queued
from ridecode.money.channels.withdrawing import withdraw_all
from ridecode.money.ledger import Flow, Ledger, last_closed, latest_of
from ridecode.store import Cell, Connection

_RIDERS: Final = 1_000
_ORDERS_BACK: Final = 200
"""A refund is of the orders that were paid last, so many of them."""
_TAKEN: Final = (Flow.CHARGED, Flow.CHARGED_WALLET)


class Differences(Struct, frozen=True):
    """What came of the differences of a day; fen."""

    orders: int = 0
    ordered: int = 0
    refunds: int = 0
    refunded: int = 0
    left: int = 0
    """Riders whose difference waits: nothing was taken yet that could be given back, or they have
    no agreement."""


NO_DIFFERENCES: Final = Differences()


def order_differences(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, day: int, now: int,
    progress: Progress = unseen,
) -> Differences:  # fmt: skip
    """Ask for, or give back, what rides cost beyond their orders. `now`: UTC epoch microseconds.

    Once for a rider and a business day: run again, killed or not, it adds nothing to a rider who
    had an order or a refund of that day.
    """
    withdraw_all(cell, now)
    done, after, riders = Differences(), "", 0
    while True:
        with cell.connection() as conn:
            # Nobody else books a fare or a difference, or closes a day, from here on.
            closed = last_closed(conn)
            rows = db.differences(conn, after, _RIDERS)
            if not rows:
                return done
            done = _sum(done, _order(conn, calendar, ledger, day, rows, closed, now))
        after = rows[-1][0]
        riders += len(rows)
        progress(riders, 0)


def _order(
    conn: Connection, calendar: BusinessCalendar, ledger: Ledger, day: int,
    rows: Sequence[tuple[str, int, int]], closed: int | None, now: int,
) -> Differences:  # fmt: skip
    starts = calendar.starts(day)
    dues = {account: fen for account, fen, _ in rows if fen > 0}
    backs = {account: -fen for account, fen, _ in rows if fen < 0}
    signed = db.agreements(conn, dues)
    had = db.orders(conn, [_order_id(one, starts) for one in dues])
    new = [
        queued(_difference(under, starts, dues[account]), under, now)
        for account, under in sorted(signed.items())
        if _order_id(account, starts) not in had
    ]
    refunds = _refunds(conn, starts, backs)
    made = new_orders(new, calendar, closed, now)
    is_kept = keep_orders(conn, made)
    assert is_kept, "those that there are were looked up"
    kept = settled(conn, ledger, made.paid, now)
    db.add_refunds(conn, [one for own in refunds.values() for one in own], now)
    ordered = {one.order.account: one.order.amount for one in new}
    refunded = {account: sum(one.amount for one in own) for account, own in refunds.items()}
    db.add_differences(
        conn,
        {account: refunded.get(account, 0) - ordered.get(account, 0) for account, _, _ in rows},
    )
    told = {account: was for account, _, was in rows}
    # What waits for another day's order is owed as it was.
    waits = {account: told[account] for account in signed if _order_id(account, starts) in had}
    owed = {
        account: waits.get(account, 0) if account in signed else max(fen, 0)
        for account, fen, _ in rows
    }
    db.set_told(conn, {one: fen for one, fen in owed.items() if fen != told[one]})
    more = [(account, fen - told[account]) for account, fen in owed.items()]
    tell_owed(conn, owed_more(kept) + more, now)
    return Differences(
        len(new), sum(ordered.values()), sum(map(len, refunds.values())),
        sum(refunded.values()), len(rows) - len(ordered) - len(refunded),
    )  # fmt: skip


def _order_id(account: str, starts: int) -> UUID:
    return derived_id(moment_near(starts, account), b"difference" + account.encode())


def _difference(under: Signed, starts: int, amount: int) -> Order:
    account = under.agreement.account
    return Order(
        _order_id(account, starts), account, under.channel, under.purse, amount,
        _about(account, starts), starts,
    )  # fmt: skip


def _about(account: str, starts: int) -> UUID:
    """A rider's day."""
    return derived_id(starts, b"day" + account.encode())


def _refunds(conn: Connection, starts: int, backs: Mapping[str, int]) -> dict[str, list[Refund]]:
    """By account the refunds of so much, over what was paid last; as far as that reaches."""
    latest = latest_of(conn, list(backs), _TAKEN, _ORDERS_BACK)
    orders = db.orders(conn, {order for own in latest.values() for order in own})
    asked = db.refunds_of(conn, orders)
    found: dict[str, list[Refund]] = {}
    for account, ids in latest.items():
        own = [orders[order] for order in ids]
        about = _about(account, starts)
        before = [refund for one in own for refund in asked.get(one.order.order_id, [])]
        refunds = _over(own, asked, backs[account], about)
        if refunds and all(one.about != about for one in before):
            found[account] = refunds
    return found


def _over(
    own: Sequence[Kept], asked: Mapping[UUID, list[Refund]], fen: int, about: UUID
) -> list[Refund]:
    """Refunds of so much over orders, the latest first."""
    refunds: list[Refund] = []
    for one in own:
        before = asked.get(one.order.order_id, [])
        part = shared_out(one.order, one.heard, before, fen, about)
        refunds += part
        fen -= sum(refund.amount for refund in part)
    return refunds


def _sum(one: Differences, other: Differences) -> Differences:
    return Differences(*map(add, astuple(one), astuple(other)))
