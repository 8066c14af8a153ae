"""Bugs that are planted into the money rooms, each with what must catch it.

A bug replaces one name of the rooms for the time of a run. It is caught by an invariant, or by an
error of the rooms themselves, whose words are named.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple
from uuid import UUID

from msgspec.structs import replace
from pytest import MonkeyPatch

from ridecode.core import derived_id, new_id
from ridecode.money import channels
from ridecode.money.channels import Ask, Order, Paid, Refunded, Repaid
from ridecode.money.clearing import SHARE, key_id
from ridecode.money.ledger import Flow, Journal, Ledger
from ridecode.store import Connection


class Planted(NamedTuple):
    """One bug."""

    name: str
    replaces: str
    """Module of `ridecode.money`, and the name in it."""
    by: Callable[[Any], object]
    """What takes its place, made of what was there."""
    caught_by: str
    """The invariant, or words of the error."""
    seed: int


def _nothing(_: object) -> Callable[..., None]:
    return lambda *_, **__: None


def _other_number_each_try(asks: Callable[..., list[Ask]]) -> Callable[..., list[Ask]]:
    def changed(turn: object, batch: Sequence[channels.Kept]) -> list[Ask]:
        return [
            Ask(replace(ask.order, order_id=_another(ask.order, kept.tries)), ask.agreement, None)
            for ask, kept in zip(asks(turn, batch), batch, strict=True)
        ]

    return changed


def _another(order: Order, tries: int) -> UUID:
    return derived_id(order.made_at, order.order_id.bytes + tries.to_bytes(4, "big"))


def _booked_twice(flow: Flow) -> Callable[[Any], Callable[..., list[Journal]]]:
    def planted(journals: Callable[..., Sequence[Journal]]) -> Callable[..., list[Journal]]:
        def twice(*told: object) -> list[Journal]:
            once = list(journals(*told))
            return once + [replace(one, journal_id=new_id()) for one in once if one.flow is flow]

        return twice

    return planted


def _without(kind: type[object]) -> Callable[[Any], Callable[..., Sequence[Journal]]]:
    def planted(journals: Callable[..., Sequence[Journal]]) -> Callable[..., Sequence[Journal]]:
        return lambda order, heard, fact, day: (
            () if isinstance(fact, kind) else journals(order, heard, fact, day)
        )

    return planted


def _deaf_for(kind: type[object]) -> Callable[[Any], Callable[..., object]]:
    return lambda hear: lambda heard, fact: heard if isinstance(fact, kind) else hear(heard, fact)


def _rounded_up(_: object) -> Callable[[int, int], int]:
    return lambda fen, rate: -(-fen * rate // SHARE)


def _durable_at_once(post: Callable[..., object]) -> Callable[..., object]:
    def posted(self: Ledger, conn: Connection, journals: object, now: int) -> object:
        outcomes = post(self, conn, journals, now)
        conn.commit()
        conn.execute("SELECT 1")  # Whatever comes after is a transaction of its own.
        return outcomes

    return posted


def _known_ones_left_out(changed: Callable[..., Any]) -> Callable[..., Any]:
    booked: set[UUID] = set()

    def once(*told: object) -> Any:
        for one in changed(*told):
            if one.ride_id not in booked:
                yield one
            booked.add(one.ride_id)

    return once


BUGS: Final = [
    Planted(
        "an order has another number with each try", "channels.working:_asks",
        _other_number_each_try, "channels_move_what_was_asked", 1,
    ),
    Planted(
        "what was withdrawn is asked for as before", "channels.withdrawing:heard_more",
        lambda _: lambda kept, heard, now: kept, "all_is_asked_for", 1,
    ),
    Planted(
        "a payment is booked twice", "channels.hearing:journals", _booked_twice(Flow.CHARGED),
        "riders_owe_what_is_not_taken", 1,
    ),
    Planted(
        "a wallet pays twice", "channels.hearing:journals", _booked_twice(Flow.CHARGED_WALLET),
        "wallets_hold_what_was_paid_in", 2,
    ),
    Planted(
        "a refund is not booked", "channels.hearing:journals", _without(Refunded),
        "riders_owe_what_is_not_taken", 1,
    ),
    Planted(
        "an advance is not booked", "channels.hearing:journals", lambda journals: lambda *told: [
            one for one in journals(*told) if one.flow is not Flow.ADVANCED
        ],
        "advances_are_what_was_heard", 2,
    ),
    Planted(
        "a difference is forgotten", "channels:add_differences", _nothing,
        "all_is_asked_for", 1,
    ),
    Planted(
        "a debt is never told", "channels.hearing:tell_owed", _nothing, "debts_are_told", 1
    ),
    Planted(
        "a difference is told as a debt at every close", "channels.db:set_told", _nothing,
        "debts_are_told", 1,
    ),
    Planted(
        "a repayment is ignored", "channels.hearing:hear", _deaf_for(Repaid), "all_is_heard", 2
    ),
    Planted(
        "a second payment is ignored", "channels.hearing:hear",
        lambda hear: lambda heard, fact: heard if isinstance(fact, Paid) and any(
            isinstance(one, Paid) for one in heard
        ) else hear(heard, fact),
        "all_is_heard", 4,
    ),
    Planted(
        "what was taken too much is kept", "channels.hearing:to_give_back",
        lambda _: lambda *_: [], "nobody_pays_too_much", 2,
    ),
    Planted(
        "a callback is heard whoever has signed it", "channels.wechat.signing:Signing.check",
        _nothing, "nothing_is_heard_that_is_not_so", 1,
    ),
    Planted(
        "what a killed worker had taken is never taken again", "channels.working:_LEASE",
        lambda _: 10**15, "nothing_is_left_to_do", 1,
    ),
    Planted(
        "a payment into a wallet counts as often as it is told", "channels.wallet:derived_id",
        lambda _: lambda *_: new_id(), "wallets_hold_what_was_paid_in", 1,
    ),
    Planted(
        "a fare that became another is not booked again", "booking:changed_prices",
        _known_ones_left_out, "books_follow_prices", 1,
    ),
    Planted(
        "what is posted is durable before the rest of its transaction",
        "ledger.posting:Ledger.post", _durable_at_once, "all_is_asked_for", 3,
    ),
    Planted(
        "balances are remembered though somebody else has posted",
        "ledger.posting:Ledger._forget", _nothing, "the_books_balance", 1,
    ),
    Planted(
        "a late fare is posted to its own day, which is closed", "bookings:open_day",
        lambda _: lambda day, _: day, "the journals of what is not in the books are new", 1,
    ),
    Planted(
        "a line is left out of a file", "clearing.db:charges",
        lambda charges: lambda *told: charges(*told)[1:], "files_are_the_days", 1,
    ),
    Planted(
        "a file shows rides as they are when it is written", "clearing.filing:priced_until",
        lambda _: lambda _: 1 << 60, "a closed day's lines never change", 1,
    ),
    Planted(
        "shares are rounded up", "clearing.shares:_part", _rounded_up, "shares_add_up", 1
    ),
    Planted(
        "an answer counts whoever has signed it", "clearing.lint:_signer",
        lambda _: lambda _, keys, *__: key_id(keys[0]) if keys else None,
        "answers_are_the_companys", 7,
    ),
    Planted(
        "what is rejected is forgotten", "clearing.db:add_refusals", _nothing,
        "answers_are_the_companys", 1,
    ),
]  # fmt: skip


def plant(patch: MonkeyPatch, bug: Planted) -> None:
    """Until the test ends."""
    module, _, path = bug.replaces.partition(":")
    owner: object = import_module(f"ridecode.money.{module}")
    *outer, name = path.split(".")
    for one in outer:
        owner = getattr(owner, one)
    patch.setattr(owner, name, bug.by(getattr(owner, name)))
