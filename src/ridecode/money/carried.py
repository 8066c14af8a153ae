"""The rides of charge orders, as channels tell their users of them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from ridecode.city import Pack
from ridecode.core import Ride
from ridecode.money.channels import Carried, Order
from ridecode.rides import rides_at
from ridecode.store import Cell


def carried_by(cell: Cell, pack: Pack) -> Callable[[Sequence[Order]], dict[UUID, Carried]]:
    """What `channels.work` asks for the rides of orders; names are in Chinese."""

    def look_up(orders: Sequence[Order]) -> dict[UUID, Carried]:
        rides = rides_at(cell, [(one.account, one.made_at, one.about) for one in orders])
        return {
            one.order_id: _carried(pack, ride)
            for one in orders
            if (ride := rides.get(one.about)) is not None
        }

    return look_up


def _carried(pack: Pack, ride: Ride) -> Carried:
    return Carried(
        mode=ride.mode,
        line=pack.lines[ride.line].name.zh if ride.line in pack.lines else ride.line,
        entry_stop=_stop(pack, ride.entry_stop),
        exit_stop=_stop(pack, ride.exit_stop),
        vehicle="",
        started=ride.start_ts,
        ended=ride.end_ts,
    )


def _stop(pack: Pack, stop: str) -> str:
    return pack.stops[stop].name.zh if stop in pack.stops else stop
