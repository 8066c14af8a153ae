"""What has to be so at any time, and what has to be so when nothing is left to do; each by name."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, TypeAlias

from msgspec import Struct

from ridecode.sim.money import of_channels, of_clearing, of_days, of_orders, of_rides
from ridecode.sim.money.db import Seen
from ridecode.sim.money.truth import Truth

Invariant: TypeAlias = Callable[[Seen, Truth], Iterator[str]]
"""What breaks it, in words; nothing where it holds."""


class Break(Struct, frozen=True):
    """An invariant that does not hold."""

    invariant: str
    words: str


ALWAYS: Final[tuple[Invariant, ...]] = (
    of_rides.taps_end_once,
    of_rides.books_follow_prices,
    of_orders.one_order_a_ride,
    of_orders.all_is_asked_for,
    of_orders.riders_owe_what_is_not_taken,
    of_orders.orders_stand_as_heard,
    of_orders.debts_are_told,
    of_orders.debtors_are_denied,
    of_channels.nothing_is_heard_that_is_not_so,
    of_channels.channels_move_what_was_asked,
    of_channels.channel_accounts_add_up,
    of_channels.wallets_hold_what_was_paid_in,
    of_channels.advances_are_what_was_heard,
    of_days.the_books_balance,
    of_days.lines_are_numbered,
    of_days.closed_days_take_nothing,
    of_days.days_prove_themselves,
    of_days.closed_days_stay,
    of_clearing.files_are_sound,
    of_clearing.files_are_the_days,
    of_clearing.lines_lead_back,
    of_clearing.answers_are_the_companys,
    of_clearing.nothing_is_cleared_twice,
    of_clearing.the_card_company_holds_the_rest,
    of_clearing.shares_add_up,
)
AT_REST: Final[tuple[Invariant, ...]] = (
    of_orders.all_is_paid,
    of_channels.all_is_heard,
    of_channels.nobody_pays_too_much,
    of_channels.nothing_is_left_to_do,
    of_clearing.all_is_cleared,
)
_TOLD: Final = 3
"""Breaks of one invariant that are told."""


def broken(seen: Seen, truth: Truth, *, is_quiet: bool) -> Iterator[Break]:
    """What does not hold."""
    for invariant in (*ALWAYS, *(AT_REST if is_quiet else ())):
        for words in islice(invariant(seen, truth), _TOLD):
            yield Break(invariant.__name__, words)
