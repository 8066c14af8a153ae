"""From the books of fares to what riders are asked for, and what they owe."""

from collections import Counter
from collections.abc import Iterator

from ridecode.money.channels import WALLET, Paid, Refunded, RefundFailed, standing, still_asked
from ridecode.money.ledger import Account, Kind
from ridecode.riders import Why, denied, read_rules
from ridecode.sim.money.db import Seen, heard
from ridecode.sim.money.truth import Truth


def one_order_a_ride(seen: Seen, _: Truth) -> Iterator[str]:
    """A ride, or the difference of a rider's day, is asked for by one order at most."""
    for about, times in Counter(one.order.about for one in seen.orders.values()).items():
        if times > 1:
            yield f"{times} orders are about {about}"


def all_is_asked_for(seen: Seen, _: Truth) -> Iterator[str]:
    """What is booked of a rider is asked for by orders, or waits as a difference."""
    left = Counter({account: fen for account, (fen, _) in seen.differences.items()})
    for one in seen.orders.values():
        left[one.order.account] += still_asked(one.order, one.heard)
    given = {
        fact.refund: fact.amount
        for one in seen.orders.values() for fact in one.heard if isinstance(fact, Refunded)
    }  # fmt: skip
    for back in seen.refunds:
        refund = back.refund
        if refund.about != refund.order_id:
            account = seen.orders[refund.order_id].order.account
            left[account] -= given.get(refund.refund_id, refund.amount)
    booked: Counter[str] = Counter()
    for account, fen in seen.booked.values():
        booked[account] += fen
    for account in left | booked:
        if left[account] != booked[account]:
            yield f"{account} has {booked[account]} fen booked and is asked for {left[account]}"


def riders_owe_what_is_not_taken(seen: Seen, _: Truth) -> Iterator[str]:
    """A rider's account is what is booked, without what channels said that they have taken."""
    owed: Counter[str] = Counter()
    for account, fen in seen.booked.values():
        owed[account] += fen
    for one in seen.orders.values():
        owed[one.order.account] -= sum(
            fact.amount * (1 if isinstance(fact, Paid) else -1)
            for fact in one.heard if isinstance(fact, Paid | Refunded)
        )  # fmt: skip
    for account, fen in owed.items():
        has = seen.of(Account(Kind.RIDER, account))
        if has != fen:
            yield f"the account of {account} says {has} fen, not {fen}"


def orders_stand_as_heard(seen: Seen, _: Truth) -> Iterator[str]:
    """State and debt of an order are those of all that was heard of it."""
    for one in seen.orders.values():
        found = standing(one.order, frozenset(one.heard))
        if (one.state, one.owed) != (found.state, found.owed):
            yield (
                f"the order {one.order.number} is {one.state.name} and {one.owed} owed, not "
                f"{found.state.name} and {found.owed}"
            )


def debts_are_told(seen: Seen, _: Truth) -> Iterator[str]:
    """What was told as debts and repayments is what orders and differences leave owed."""
    told: Counter[str] = Counter()
    for account, fen in seen.debts:
        told[account] += fen
    for one in seen.orders.values():
        told[one.order.account] -= one.owed
    for account, (_fen, was) in seen.differences.items():
        told[account] -= was
    for account, fen in told.items():
        if fen:
            yield f"{fen} fen of {account} are told as owed and are not, or the other way round"


def debtors_are_denied(seen: Seen, truth: Truth) -> Iterator[str]:
    """Who owes more than the city bears is on the deny list, and nobody who owes nothing."""
    rules = read_rules(truth.pack)
    owed: Counter[str] = Counter()
    for one in seen.orders.values():
        owed[one.order.account] += one.owed
    for account, (_, fen) in seen.differences.items():
        owed[account] += fen
    listed = {one.account: one.why for one in denied(seen.cell, rules, seen.now)}
    for account, fen in owed.items():
        if fen >= rules.denied_owed and account not in listed:
            yield f"{account} owes {fen} fen and is not denied"
        if fen < rules.limited_owed and listed.get(account) is Why.DEBT:
            yield f"{account} owes {fen} fen and is denied"


def all_is_paid(seen: Seen, truth: Truth) -> Iterator[str]:
    """At rest: what the counterparts have of a rider is what the rides cost, but for what they took
    too little, and what they will never give back or have nothing left to give back of."""
    off: Counter[str] = Counter()
    for account, fen in seen.booked.values():
        off[account] += fen
    for one in seen.orders.values():
        order, is_wallet = one.order, one.order.channel == WALLET
        moved = heard(one) if is_wallet else truth.moved(order.channel, order.number)
        off[order.account] -= moved.taken - moved.given_back
        off[order.account] -= max(still_asked(order, one.heard) - moved.taken, 0)
    for back in seen.refunds:
        one = seen.orders[back.refund.order_id]
        if any(
            isinstance(fact, RefundFailed) and fact.refund == back.refund.refund_id
            for fact in one.heard
        ):
            off[one.order.account] += back.refund.amount
    for account, (fen, _) in seen.differences.items():
        off[account] -= fen
    for account, fen in off.items():
        if fen:
            yield f"{account} has paid {-fen} fen too much"
