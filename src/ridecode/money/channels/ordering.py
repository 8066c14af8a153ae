"""Making orders: what a ride costs is asked for once, from the channel its rider has agreed to.

An order is made in the transaction in which its fare is booked, and is due at once: but those of
wallets are settled in that same transaction, for nobody has to be asked.
"""

from collections.abc import Sequence
from uuid import UUID

from ridecode.core import BusinessCalendar, derived_id
from ridecode.money.channels import db
from ridecode.money.channels.hearing import settled
from ridecode.money.channels.kept import Kept, Signed
from ridecode.money.channels.order import Order, Paid, Purse, Refund
from ridecode.money.ledger import Ledger, open_day
from ridecode.store import Cell, Connection


def order_of_ride(signed: Signed, ride_id: UUID, start_ts: int, amount: int) -> Order:
    """What a ride costs (fen), asked for under an agreement; the same ride is the same order."""
    return Order(
        ride_order_id(ride_id, start_ts), signed.agreement.account, signed.channel, signed.purse,
        amount, ride_id, start_ts,
    )  # fmt: skip


def ride_order_id(ride_id: UUID, start_ts: int) -> UUID:
    """The id of a ride's order, whether there is one or not."""
    return derived_id(start_ts, b"order" + ride_id.bytes)


def add_orders(
    conn: Connection, calendar: BusinessCalendar, ledger: Ledger, new: Sequence[Kept],
    closed: int | None, now: int,
) -> list[tuple[Kept, Kept]]:  # fmt: skip
    """Keep new orders; each as it was made and as it is kept, for `owed_more`.

    A wallet pays on the business day of `now`, whenever its ride was: what came into it is of the
    day on which it came, and at the end of no day wallets have paid what they had not yet.
    """
    told = [
        (one, (Paid(one.order.number, one.order.amount),))
        for one in new
        if one.order.purse is Purse.WALLET
    ]
    paid = iter(settled(conn, ledger, told, open_day(calendar.day(now), closed), now))
    kept = [next(paid) if one.order.purse is Purse.WALLET else one for one in new]
    is_added = db.add_orders(conn, kept)
    assert is_added, "their ids are made of what was booked in this transaction"
    return list(zip(new, kept, strict=True))


def queue_orders(conn: Connection, new: Sequence[Kept]) -> bool:
    """Keep new orders that no wallet pays; False where one is there, and then none is kept."""
    return db.add_orders(conn, new)


def queued(order: Order, signed: Signed, now: int) -> Kept:
    """A new order, due at once."""
    return Kept(order, signed.number, due_at=now)


def look_up(cell: Cell, order_id: UUID) -> tuple[Kept, Signed, list[Refund]] | None:
    """An order with the agreement under which it was made, and what was asked back of it."""
    with cell.connection() as conn:
        kept = db.orders(conn, [order_id]).get(order_id)
        if kept is None:
            return None
        signed = db.agreements_numbered(conn, [kept.signed])[kept.signed]
        return kept, signed, db.refunds_of(conn, [order_id]).get(order_id, [])
