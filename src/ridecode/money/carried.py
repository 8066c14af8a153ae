"""The rides of charge orders, as channels tell their users of them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from ridecode.city import Pack
from ridecode.money.channels import Carried, Order
from ridecode.rides import Passage, passages_at
from ridecode.store import Cell


def carried_by(cell: Cell, pack: Pack) -> Callable[[Sequence[Order]], dict[UUID, Carried]]:
    """What `channels.work` asks for the rides of orders; names are in Chinese."""

    def look_up(orders: Sequence[Order]) -> dict[UUID, Carried]:
        passages = passages_at(cell, [(one.account, one.made_at, one.about) for one in orders])
        return {
            one.order_id: _carried(pack, passage)
            for one in orders
            if (passage := passages.get(one.about)) is not None
        }

    return look_up


def _carried(pack: Pack, passage: Passage) -> Carried:
    return Carried(
        mode=passage.mode,
        line=pack.lines[passage.line].name.zh if passage.line in pack.lines else passage.line,
        entry_stop=_stop(pack, passage.entry_stop),
        exit_stop=_stop(pack, passage.exit_stop),
        vehicle="",
        started=passage.start_ts,
        ended=passage.end_ts,
    )


def _stop(pack: Pack, stop: str) -> str:
    return pack.stops[stop].name.zh if stop in pack.stops else stop
