"""What is due is found, without reading through everything that there is, and never lost."""

from uuid import UUID

import pytest

from ridecode.core import MICROS, derived_id
from ridecode.money.channels import Fact, Order, Paid, Purse, Refused, State, db, due, look_up
from ridecode.money.channels.due import Leased
from ridecode.money.channels.kept import Kept, heard_more
from ridecode.store import Cell, Connection
from tests.money.channels.scripted import booked, signed
from tests.rides.city import LATER, city_taps

ORDERS = 5_000
HOUR = 3_600 * MICROS


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_queue_that_was_empty_is_not_read_whole_when_it_is_full(
    cell: Cell, is_alone: bool
) -> None:
    """A session keeps the plans of what it asks often, also those made when a table was empty."""
    with cell.connection() as conn:
        conn.autocommit = True
        conn.execute("VACUUM (ANALYZE) charge_due, charge_sets, charge_orders")
        conn.autocommit = False
        for _ in range(20):
            assert lease(conn).orders == []
        made = [queued(n) for n in range(ORDERS)]
        make(conn, made)
        if is_alone:
            due.follow(conn, made)
            conn.execute("DELETE FROM charge_sets")
        full = ["charge_orders", "charge_due" if is_alone else "charge_sets"]
        before = read_whole(conn, full)
        leased = numbers(lease(conn))
        assert len(leased) == 100
        assert read_whole(conn, full) == before
        assert not leased & numbers(lease(conn))


def test_what_was_made_together_is_due_together_once(cell: Cell) -> None:
    with cell.connection() as conn:
        others = [queued(n, "alipay") for n in (1, 5)]
        make(conn, [*(queued(n) for n in range(250) if n not in (1, 5)), *others])
        assert numbers(lease(conn, channel="alipay")) == {1, 5}
        leased = lease(conn, most=1_000)
        assert sorted(map(len, leased.sets.values())) == [48, 100, 100]
        assert numbers(leased) == set(range(250)) - {1, 5}
        assert {(one.tries, one.due_at) for one in leased.orders} == {(1, LATER + HOUR)}
        assert lease(conn).orders == []
        assert 100 <= len(lease(conn, now=LATER + HOUR).orders) < 200, "when the lease is over"


def test_of_small_sets_as_many_are_taken_as_are_asked_for(cell: Cell) -> None:
    with cell.connection() as conn:
        for n in range(7):
            make(conn, [queued(2 * n), queued(2 * n + 1)])
        assert len(lease(conn, most=5).orders) == 6
        assert len(lease(conn, most=100).orders) == 8


def test_two_who_take_at_once_take_others(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(200)])
    with cell.connection() as one, cell.connection() as other:
        first, second = lease(one), lease(other)
        assert len(first.orders) == len(second.orders) == 100
        assert not numbers(first) & numbers(second)
        assert lease(other).orders == []


def test_what_nothing_was_heard_of_is_due_by_itself_and_its_set_is_no_more(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(5)])
        leased = lease(conn)
        hear(conn, leased, {0: Paid("t", 200), 1: Refused("NO_MONEY")})
        ids = {n: queued(n).order.order_id for n in range(5)}
        later = {ids[2]: LATER + 1, ids[3]: LATER + 2, ids[4]: None}
        due.give_back(conn, leased, later, {ids[3]})
        assert sets(conn) == []
        assert alone(conn) == [(2, LATER + 1, 1), (3, LATER + 2, 0), (1, LATER + HOUR * 24, 0)]
        again = lease(conn, now=LATER + 2)
        assert [(one.order.about.int, one.tries) for one in again.alone] == [(2, 2), (3, 1)]


def test_whoever_is_killed_behind_the_last_order_of_a_set_leaves_nothing(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(4)])
        leased = lease(conn)
        hear(conn, leased, {n: Paid("t", 200) for n in range(4)})
        make(conn, [queued(4, at=LATER + HOUR)])
        assert numbers(lease(conn, now=LATER + HOUR)) == {4}, "what comes behind it is found"
        assert sets(conn) == [[4]]


def test_of_a_set_that_was_left_half_way_the_rest_is_asked_after(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(4)])
        hear(conn, lease(conn), {0: Paid("t", 200), 2: Refused("NO_MONEY")})
        again = lease(conn, now=LATER + HOUR)
        assert [(one.order.about.int, one.tries) for one in again.orders] == [(1, 2), (3, 2)]


def test_a_lease_that_somebody_else_has_taken_since_is_his(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(4)])
        late = lease(conn)
        his = due.lease(conn, "wechat", LATER + HOUR, LATER + 2 * HOUR, 100)
        ids = [one.order.order_id for one in late.orders]
        due.give_back(conn, late, dict.fromkeys(ids, LATER), ())
        assert (alone(conn), sets(conn)) == ([], [[0, 1, 2, 3]])
        due.give_back(conn, his, dict.fromkeys(ids, LATER + 3 * HOUR), ())
        assert len(alone(conn)) == 4


def test_what_somebody_else_has_heard_of_meanwhile_is_not_put_off(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(2)])
        leased = lease(conn)
        hear(conn, leased, {0: Paid("t", 200)})
        ids = [one.order.order_id for one in leased.orders]
        due.give_back(conn, leased, dict.fromkeys(ids, LATER + 9), ())
        assert alone(conn) == [(1, LATER + 9, 1)]


def test_while_somebody_hears_of_an_order_of_a_set_nothing_waits_and_nothing_is_lost(
    cell: Cell,
) -> None:
    """It may be due by itself then: whoever takes it finds that there is nothing to do."""
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(2)])
        leased = lease(conn)
    later = {one.order.order_id: LATER + 9 for one in leased.orders}
    with cell.connection() as hearing:
        hear(hearing, leased, {0: Paid("t", 200)})
        with cell.connection() as conn:
            conn.execute("SET LOCAL lock_timeout = 1000")
            due.give_back(conn, leased, later, ())
        hearing.rollback()
    with cell.connection() as conn:
        assert [n for n, _, _ in alone(conn)] == [0, 1], "what he heard was rolled back"


def test_it_is_told_when_an_order_of_a_set_is_due(cell: Cell) -> None:
    with cell.connection() as conn:
        make(conn, [queued(n) for n in range(2)])
        assert due.with_its_set(conn, queued(1).order.order_id) == LATER
        assert due.with_its_set(conn, queued(2).order.order_id) is None


def test_an_order_that_was_never_sent_tells_when_it_is_due(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    with cell.connection() as conn:
        ((order_id,),) = conn.execute("SELECT order_id FROM charge_orders").fetchall()
    found = look_up(cell, order_id)
    assert found is not None
    assert (found[0].due_at, found[0].state) == (LATER, State.QUEUED)


def lease(
    conn: Connection, *, channel: str = "wechat", now: int = LATER, most: int = 100
) -> Leased:
    return due.lease(conn, channel, now, now + HOUR, most)


def numbers(leased: Leased) -> set[int]:
    return {one.order.about.int for one in leased.orders}


def queued(n: int, channel: str = "wechat", at: int = LATER) -> Kept:
    id_ = derived_id(LATER + n * 1_000, b"%d" % n)
    order = Order(id_, f"{n}", channel, Purse.OUTSIDE, 200, UUID(int=n), LATER)
    return Kept(order, 1, due_at=at)


def make(conn: Connection, orders: list[Kept]) -> None:
    conn.execute("SELECT")  # writing them needs a transaction that has begun
    assert db.add_orders(conn, orders)


def hear(conn: Connection, leased: Leased, facts: dict[int, Fact]) -> None:
    by_number = {one.order.about.int: one for one in leased.orders}
    changed = [
        (by_number[n], heard_more(by_number[n], frozenset((fact,)), LATER))
        for n, fact in facts.items()
    ]
    assert db.set_heard(conn, changed)
    assert all(after.state is not State.QUEUED for _, after in changed)


def alone(conn: Connection) -> list[tuple[int, int, int]]:
    """Number, moment and tries of what is due by itself, by its moment."""
    rows = conn.execute(
        """SELECT about, due_at, tries FROM charge_due JOIN charge_orders USING (order_id)
           ORDER BY due_at, order_id"""
    )
    return [(about.int, at, tries) for about, at, tries in rows]


def sets(conn: Connection) -> list[list[int]]:
    """By set the numbers of its orders."""
    rows = conn.execute(
        """SELECT array_agg(about ORDER BY order_id)
           FROM charge_sets CROSS JOIN unnest(orders) AS a (order_id)
           JOIN charge_orders USING (order_id) GROUP BY n ORDER BY n"""
    )
    return [[about.int for about in of] for (of,) in rows]


def read_whole(conn: Connection, tables: list[str]) -> int:
    """How often some tables were read whole in this transaction."""
    row = conn.execute(
        """SELECT sum(seq_scan)::integer FROM pg_stat_xact_user_tables
           WHERE relname = ANY(%s)""",
        (tables,),
    ).fetchone()
    assert row is not None
    return int(row[0])
