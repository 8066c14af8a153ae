"""What is due is found without reading through everything that there is."""

from uuid import UUID

from ridecode.core import MICROS, derived_id
from ridecode.money.channels import Order, Purse, db
from ridecode.money.channels.kept import Kept
from ridecode.store import Cell, Connection
from tests.rides.city import LATER

ORDERS = 5_000
HOUR = 3_600 * MICROS


def test_a_queue_that_was_empty_is_not_read_whole_when_it_is_full(cell: Cell) -> None:
    """A session keeps the plans of what it asks often, also those made when a table was empty."""
    with cell.connection() as conn:
        conn.autocommit = True
        conn.execute("VACUUM (ANALYZE) charge_due, charge_orders")
        conn.autocommit = False
        for _ in range(20):
            assert lease(conn) == []
        assert db.add_orders(conn, [queued(n) for n in range(ORDERS)])
        before = read_whole(conn)
        leased = lease(conn)
        assert len(leased) == 100
        assert read_whole(conn) == before
        assert lease(conn)[0].order.order_id not in {one.order.order_id for one in leased}


def lease(conn: Connection) -> list[Kept]:
    return db.lease_orders(conn, "wechat", LATER, LATER + HOUR, 100)


def queued(n: int) -> Kept:
    id_ = derived_id(LATER, b"%d" % n)
    order = Order(id_, f"{n}", "wechat", Purse.OUTSIDE, 200, UUID(int=n), LATER)
    return Kept(order, 1, due_at=LATER)


def read_whole(conn: Connection) -> int:
    """How often the tables of orders were read whole in this transaction."""
    row = conn.execute(
        """SELECT sum(seq_scan)::integer FROM pg_stat_xact_user_tables
           WHERE relname IN ('charge_due', 'charge_orders')"""
    ).fetchone()
    assert row is not None
    return int(row[0])
