"""What the books say of the channels' money, beside what the counterparts really moved."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from ridecode.money.channels import WALLET, RefundFailed, State, still_asked
from ridecode.money.ledger import Account, Kind
from ridecode.sim.money.db import Seen, heard
from ridecode.sim.money.truth import Truth


def nothing_is_heard_that_is_not_so(seen: Seen, truth: Truth) -> Iterator[str]:
    """Of no order more is heard than its channel has really taken and given back."""
    for one in seen.orders.values():
        told, channel = heard(one), one.order.channel
        if channel == WALLET:
            continue
        moved = truth.moved(channel, one.order.number)
        if told.taken > moved.taken or told.given_back > moved.given_back:
            yield f"{channel} has not moved so much for {one.order.number}: {told} and not {moved}"


def channels_move_what_was_asked(seen: Seen, truth: Truth) -> Iterator[str]:
    """A channel knows no order that is not ours, and each by one number."""
    ours = {one.order.number for one in seen.orders.values()}
    for channel, counterpart in truth.town.counterparts.items():
        for number in counterpart.truth().keys() - ours:
            yield f"{channel} has moved money for {number}, which is no order of ours"


def channel_accounts_add_up(seen: Seen, truth: Truth) -> Iterator[str]:
    """A channel's account is what was heard of its orders, and what it took for wallets."""
    owes: Counter[str] = Counter(
        {channel: 0 for channel in truth.town.counterparts}  # noqa: C420 - not one dict for all
    )
    for one in seen.orders.values():
        if one.order.channel != WALLET:
            owes[one.order.channel] += heard(one).taken - heard(one).given_back
    for paid in truth.top_ups:
        owes[paid.channel] += paid.amount
    for channel, fen in owes.items():
        has = seen.of(Account(Kind.CHANNEL, channel))
        if has != fen:
            yield f"the account of {channel} says {has} fen, not {fen}"


def wallets_hold_what_was_paid_in(seen: Seen, truth: Truth) -> Iterator[str]:
    """A wallet is what its rider paid in, without what its orders took; never below zero."""
    holds: Counter[str] = Counter()
    for paid in truth.top_ups:
        holds[paid.account] += paid.amount
    for one in seen.orders.values():
        if one.order.channel == WALLET:
            holds[one.order.account] -= heard(one).taken - heard(one).given_back
    for account, fen in holds.items():
        has = seen.of(Account(Kind.WALLET, account))
        if has != fen or has < 0:
            yield f"the wallet of {account} says {has} fen, not {fen}"


def advances_are_what_was_heard(seen: Seen, _: Truth) -> Iterator[str]:
    """What riders owe to channels is what was heard as advanced and not as repaid."""
    owed: Counter[Account] = Counter()
    for one in seen.orders.values():
        owed[Account(Kind.ADVANCE, one.order.account)] += heard(one).advanced
        owed[Account(Kind.ADVANCED, one.order.channel)] += heard(one).advanced
    for account, fen in owed.items():
        has = seen.of(account)
        if has != fen:
            yield f"{account.kind.name} {account.party} says {has} fen, not {fen}"


def all_is_heard(seen: Seen, truth: Truth) -> Iterator[str]:
    """At rest: of every order the books say what its channel has really moved."""
    for one in seen.orders.values():
        if one.order.channel == WALLET:
            continue
        really, told = truth.moved(one.order.channel, one.order.number), heard(one)
        if really != told:
            yield f"{one.order.channel} moved {really} for {one.order.number}, and {told} is heard"


def nobody_pays_too_much(seen: Seen, _: Truth) -> Iterator[str]:
    """At rest: no order has taken more than it asked for, but where a refund failed for good."""
    for one in seen.orders.values():
        failed = any(isinstance(fact, RefundFailed) for fact in one.heard)
        over = heard(one).taken - heard(one).given_back - still_asked(one.order, one.heard)
        if over > 0 and not failed:
            yield f"the order {one.order.number} took {over} fen too much"


_DONE: Final = (State.PAID, State.WITHDRAWN)


def nothing_is_left_to_do(seen: Seen, _: Truth) -> Iterator[str]:
    """At rest: every order is paid or withdrawn, nothing waits for a channel, and no difference is
    left that could be made good."""
    for one in seen.orders.values():
        is_left = one.due_at is not None and one.state is not State.WITHDRAWN
        if is_left or one.state not in _DONE:
            yield f"the order {one.order.number} is still {one.state.name}"
    for back in seen.refunds:
        if back.due_at is not None:
            yield f"the refund {back.refund.refund_id} is still asked for"
    for account, (fen, told) in seen.differences.items():
        if seen.waits(account):
            yield f"{fen} fen of {account} wait, {told} of them told as owed"
