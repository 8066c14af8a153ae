"""Hearing: what channels say goes into the books, and what follows from it, in one transaction.

A fact that is known changes nothing. What is owed from then on, or no longer, is told on the log,
where `riders` hears it; what was taken beyond an order is asked back.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, msgpack

from ridecode.core import BusinessCalendar, UnavailableError
from ridecode.money.channels import db
from ridecode.money.channels.contract import Said
from ridecode.money.channels.kept import Kept, heard_more, to_give_back
from ridecode.money.channels.order import (
    Fact,
    Heard,
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
from ridecode.money.ledger import Journal, Ledger, Outcome, closed_so_far, last_closed, open_day
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
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, channel: str, said: Sequence[Said],
    now: int, seen: Iterable[Kept] = (),
) -> Hearing:  # fmt: skip
    """Take in what a channel said of its orders, in this order. `now`: UTC epoch microseconds.

    An order of another channel is unknown to it, whoever signed what it says.

    `seen` are some of these orders as the caller has just read them: where somebody else has heard
    of one meanwhile, they are read again.
    """
    if not said:
        return Hearing(0, frozenset(), ())
    told: dict[UUID, list[Fact]] = {}
    for one in said:
        told.setdefault(one.order_id, []).append(one.fact)
    known = {kept.order.order_id: kept for kept in seen if kept.order.order_id in told}
    for _ in range(_TRIES):
        with cell.connection() as conn:
            closed = closed_so_far(conn)
            if unread := [order for order in told if order not in known]:
                found = db.orders(conn, unread)
                known |= {id_: one for id_, one in found.items() if one.order.channel == channel}
            # By id, so that who hears of some of them too waits for all of them at the first.
            before = [(known[order], told[order]) for order in sorted(known)]
            of = settling(before, open_day(calendar.day(now), closed), now)
            # From `last_closed` on nobody closes a day, and nobody else posts.
            if db.set_heard(conn, of.changed) and last_closed(conn) == closed:
                real = settled(conn, ledger, of, now)
                _give_back(conn, real, now)
                tell_owed(conn, owed_more(real), now)
                return Hearing(
                    len(of.new), frozenset(after.order.order_id for _, after in real),
                    tuple(sorted(order for order in told if order not in known)),
                )  # fmt: skip
            conn.rollback()
        known = {}
    raise UnavailableError(
        "Too many hear of the same orders at once.", "Nothing is lost: it is told again."
    )


_TRIES: Final = 100
"""Whoever has to try again has been overtaken by somebody who has heard of one of the orders."""


class Settling(Struct, frozen=True):
    """What facts of orders change, if the books take what they move."""

    before: Sequence[tuple[Kept, Sequence[Fact]]]
    heard: list[Heard]
    """Of each order all that is known then."""
    moves: list[Journal]
    new: list[tuple[int, Fact, int]]
    """Facts that were not known: whose, and where in `moves` its own end."""
    changed: list[tuple[Kept, Kept]]
    """Orders of which something new was heard, as they were and as they are then."""


def settling(told: Sequence[tuple[Kept, Sequence[Fact]]], day: int, now: int) -> Settling:
    """What facts of orders change, which are booked on an open business day. Pure."""
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
    return Settling(told, heard, moves, new, _changed(told, heard, now))


def settled(
    conn: Connection, ledger: Ledger, of: Settling, now: int
) -> Sequence[tuple[Kept, Kept]]:
    """Post what was planned, when `of.changed` is written already: what has really changed, which
    is written then as well."""
    heard = _posted(conn, ledger, of, now)
    if heard == of.heard:
        return of.changed
    changed = _changed(of.before, heard, now)
    _corrected(conn, of.changed, changed)
    return changed


def _posted(conn: Connection, ledger: Ledger, of: Settling, now: int) -> list[Heard]:
    """Post what is planned: of each order what is known then."""
    outcomes = ledger.post(conn, of.moves, now)
    if set(outcomes) <= _IN_THE_BOOKS:
        return of.heard
    heard, begin = list(of.heard), 0
    for at, fact, end in of.new:
        if not set(outcomes[begin:end]) <= _IN_THE_BOOKS:
            # The wallet has not enough: it is as if its channel had refused.
            assert outcomes[begin:end] == [Outcome.OVERDRAWN], "its day is open, all are known"
            assert of.before[at][0].order.purse is Purse.WALLET, "no other can be overdrawn"
            heard[at] = heard[at] - {fact} | {Refused(NOT_ENOUGH)}
        begin = end
    return heard


def _changed(
    before: Sequence[tuple[Kept, Sequence[Fact]]], heard: Sequence[Heard], now: int
) -> list[tuple[Kept, Kept]]:
    """Orders of which something new was heard, as they were and as they are."""
    return [
        (kept, heard_more(kept, facts, now))
        for (kept, _), facts in zip(before, heard, strict=True)
        if facts != kept.heard
    ]


def _corrected(
    conn: Connection, changed: Sequence[tuple[Kept, Kept]], real: Sequence[tuple[Kept, Kept]]
) -> None:
    """Write again what the books have not taken: `changed` is written, `real` is so."""
    ends = {after.order.order_id: after for _, after in real}
    so = [(after, ends.get(was.order.order_id, was)) for was, after in changed]
    is_written = db.set_heard(conn, [one for one in so if one[0] != one[1]])
    assert is_written, "they are ours until the end of the transaction"


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
