"""Making orders: what a ride costs is asked for once, from the channel its rider has agreed to.

An order is made in the transaction in which its fare is booked, and is due at once: but those of
wallets are paid in that same transaction, for nobody has to be asked. Whoever posts waits for
everybody else who does: so they are kept before, as they are if it is so, and mended where the
ledger finds that a wallet has not enough.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from ridecode.core import BusinessCalendar, derived_id, moment_of
from ridecode.money.channels import db, due
from ridecode.money.channels.hearing import Settling, settling
from ridecode.money.channels.kept import Kept, Signed
from ridecode.money.channels.order import Order, Paid, Purse, Refund, State
from ridecode.money.ledger import open_day
from ridecode.store import Cell, Connection


def order_of_ride(
    signed: Signed, ride_id: UUID, start_ts: int, fare_id: UUID, amount: int
) -> Order:
    """What a ride costs (fen), asked for under an agreement; the same ride is the same order.

    `fare_id` is that of the ride's first journal, `start_ts` UTC epoch microseconds.
    """
    return Order(
        ride_order_id(fare_id), signed.agreement.account, signed.channel, signed.purse, amount,
        ride_id, start_ts,
    )  # fmt: skip


def ride_order_id(fare_id: UUID) -> UUID:
    """The id of a ride's order, whether there is one or not, beside that of its first journal."""
    return derived_id(moment_of(fare_id), b"order" + fare_id.bytes)


class NewOrders(Struct, frozen=True):
    """New orders, and what the books have to say to them."""

    kept: Sequence[Kept]
    """As they are kept where every wallet has enough."""
    paid: Settling
    """What wallets pay of them."""


def new_orders(
    made: Sequence[Kept], calendar: BusinessCalendar, closed: int | None, now: int
) -> NewOrders:
    """What becomes of orders that have just been made; `closed` is the last day that was closed.

    A wallet pays on the business day of `now`, whenever its ride was: what came into it is of the
    day on which it came, and at the end of no day wallets have paid what they had not yet.
    """
    told = [
        (one, (Paid(one.order.number, one.order.amount),))
        for one in made
        if one.order.purse is _WALLET
    ]
    paid = settling(told, open_day(calendar.day(now), closed), now)
    after = (kept for _, kept in paid.changed)
    kept = [next(after) if one.order.purse is _WALLET else one for one in made]
    return NewOrders(kept, paid)


# To look up a member of an enumeration in its class takes as long as to compare it.
_WALLET: Final = Purse.WALLET


def keep_orders(conn: Connection, new: NewOrders) -> bool:
    """Keep them; False where one is there, and then none is kept. The ledger need not be taken."""
    return db.add_orders(conn, new.kept)


def queued(order: Order, signed: Signed, now: int) -> Kept:
    """A new order, due at once."""
    return Kept(order, signed.number, due_at=now)


def look_up(cell: Cell, order_id: UUID) -> tuple[Kept, Signed, list[Refund]] | None:
    """An order with the agreement under which it was made, and what was asked back of it."""
    with cell.connection() as conn:
        kept = db.orders(conn, [order_id]).get(order_id)
        if kept is None:
            return None
        if kept.state is State.QUEUED and kept.due_at is None:
            kept = replace(kept, due_at=due.with_its_set(conn, order_id))
        signed = db.agreements_numbered(conn, [kept.signed])[kept.signed]
        return kept, signed, db.refunds_of(conn, [order_id]).get(order_id, [])
