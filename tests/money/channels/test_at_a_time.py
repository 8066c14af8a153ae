"""Channels that are slow, silent or forgetful, and several who do one thing at a time."""

from collections.abc import Sequence
from itertools import count
from threading import Thread
from uuid import UUID

import pytest

from ridecode.core import MICROS, UnavailableError
from ridecode.money.channels import (
    Accepted,
    Agreement,
    Ask,
    Differences,
    Fact,
    Order,
    Paid,
    Purse,
    Refunded,
    Refused,
    Said,
    Silence,
    Silent,
    Worked,
    db,
    due,
    hear_said,
    order_differences,
    sign,
    work,
)
from ridecode.money.ledger import Account, Kind, balance, last_closed
from ridecode.store import Cell, Connection
from tests.money.channels.scripted import (
    CALENDAR,
    DAY,
    NO_ANSWER,
    Scripted,
    booked,
    debts,
    ledger,
    signed,
    worked,
)
from tests.rides.city import LATER, city_taps

HOUR = 3_600 * MICROS
RIDER = Account(Kind.RIDER, "1")
UNDER_WAY = Silent(Silence.UNDECIDED, "PROCESSING")
FOUR = "8:00 bus., 10:00 bus., 12:00 bus., 20:00 bus."


class Slow(Scripted):
    """Takes its time over every request; one is of one order."""

    batch_most = 1

    def __init__(self, takes: int) -> None:
        super().__init__()
        self.now, self._takes = LATER, takes

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        self._pass(now, len(asks))
        return super().charge(asks, now)

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        self._pass(now, len(orders))
        return super().query(orders, now)

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        self._pass(now, 1)
        return super().refund(order, paid, refund, amount, now)

    def work(self, cell: Cell) -> Worked:
        return work(cell, CALENDAR, ledger(), self, lambda _: {}, lambda: self.now)

    def _pass(self, now: int, requests: int) -> None:
        assert now == self.now, "it is told the time at which it is asked"
        self.now += self._takes * requests


def moments_due(cell: Cell) -> list[int]:
    with cell.connection() as conn:
        return [
            at
            for (at,) in conn.execute(
                """SELECT due_at FROM charge_due UNION ALL
                   SELECT due_at FROM charge_sets CROSS JOIN unnest(orders) ORDER BY due_at"""
            )
        ]


def test_who_has_taken_more_than_he_can_ask_for_in_time_leaves_the_rest(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    channel = Slow(140 * MICROS)
    assert channel.work(cell) == Worked(sent=4, facts=4)
    assert channel.now == LATER + 4 * 140 * MICROS
    assert (balance(cell, RIDER), moments_due(cell)) == (0, [])


def test_however_slow_a_channel_is_something_is_sent_in_each_turn(cell: Cell) -> None:
    """To ask after all of them takes longer than there is."""
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    channel = Slow(50 * MICROS)
    channel.says[200] = [NO_ANSWER] * 4
    assert channel.work(cell).is_silent
    channel.now = LATER + HOUR
    turns = [channel.work(cell) for _ in range(3)]
    assert [(one.asked_after, one.sent, one.silent) for one in turns] == [
        (4, 1, 0), (3, 2, 0), (1, 1, 0),
    ]  # fmt: skip
    assert (balance(cell, RIDER), moments_due(cell)) == (0, [])


def test_where_its_clock_is_put_back_a_turn_still_asks_for_everything_once(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    channel = Slow(-2 * HOUR)
    channel.says[200] = [Accepted()] * 4
    channel.knows[200] = frozenset({Accepted()})
    assert channel.work(cell) == Worked(sent=4, facts=4)


def test_what_was_not_come_to_counts_as_no_try(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ridecode.money.channels.working._QUERIES_AT_ONCE", 1)
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    refuses = Scripted()
    refuses.says[200] = [Refused("NO_MONEY")] * 4
    worked(cell, refuses)
    channel = Slow(65 * MICROS)
    channel.says[200] = [Refused("NO_MONEY")] * 4
    channel.now = LATER + 24 * HOUR
    assert channel.work(cell).sent == 4
    with cell.connection() as conn:
        tries = [n for (n,) in conn.execute("SELECT tries FROM charge_due")]
    assert tries == [1, 1, 1, 1]


def test_refunds_that_he_does_not_come_to_are_left_as_well(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    channel = Slow(0)
    channel.work(cell)
    twice = [Said(one.order.order_id, Paid(f"t{n}", 200)) for n, one in enumerate(channel.charged)]
    hear_said(cell, CALENDAR, ledger(), "wechat", twice, LATER)
    channel = Slow(140 * MICROS)
    assert channel.work(cell) == Worked(refunds=4, facts=4)
    assert (len(channel.refunded), balance(cell, RIDER)) == (4, 0)


def test_a_channel_from_which_nothing_comes_is_left_alone_until_the_next_time(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ridecode.money.channels.working._BATCHES", 1)
    monkeypatch.setattr("ridecode.money.channels.working._TAKEN_MOST", 2)
    monkeypatch.setattr("ridecode.money.channels.due.SET_MOST", 2)
    signed(cell)
    booked(cell, city_taps(cell, FOUR))
    channel = Scripted()
    channel.says[200] = [NO_ANSWER] * 2
    assert worked(cell, channel) == Worked(sent=2, silent=2, reasons=((NO_ANSWER, 2),))
    assert worked(cell, channel) == Worked(sent=2, facts=2)
    assert worked(cell, channel, LATER + HOUR) == Worked(sent=2, asked_after=2, facts=2)


def test_what_a_channel_had_accepted_and_does_not_know_any_more_is_sent_again(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Accepted()]
    assert worked(cell, channel) == Worked(sent=1, facts=1)
    assert worked(cell, channel, LATER + HOUR) == Worked(sent=1, asked_after=1, facts=1)
    assert (len(channel.charged), balance(cell, RIDER)) == (2, 0)


def test_a_refund_that_is_told_while_others_are_asked_for_is_over(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    orders = [ask.order for ask in channel.charged]
    twice = [Said(order.order_id, Paid("t" + order.number + "2", 200)) for order in orders]
    hear_said(cell, CALENDAR, ledger(), "wechat", twice, LATER)

    class Told(Scripted):
        """The first is not given yet when it is asked for, and is told of before the second."""

        def refund(
            self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
        ) -> Fact | Silent:
            self.refunded.append((paid.transaction, amount))
            if len(self.refunded) == 1:
                said = [Said(order.order_id, Refunded(refund, amount))]
                assert hear_said(cell, CALENDAR, ledger(), "wechat", said, now).facts == 1
                return UNDER_WAY
            return Refunded(refund, amount)

    assert worked(cell, told := Told()) == Worked(
        refunds=2, facts=1, silent=1, reasons=((UNDER_WAY, 1),)
    )
    assert worked(cell, told, LATER + 9 * HOUR) == Worked()
    assert balance(cell, RIDER) == 0


def test_a_refund_of_which_all_was_known_before_it_was_asked_for_is_over(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    order = channel.charged[0].order
    hear_said(cell, CALENDAR, ledger(), "wechat", [Said(order.order_id, Paid("t2", 200))], LATER)
    assert worked(cell, channel) == Worked(refunds=1, facts=1)
    with cell.connection() as conn:
        conn.execute("UPDATE charge_refunds SET due_at = %s", (LATER,))
    assert worked(cell, channel) == Worked(refunds=1)
    assert worked(cell, channel, LATER + HOUR) == Worked()


def test_what_another_channel_says_of_an_order_is_of_no_order_of_its_own(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [NO_ANSWER]
    worked(cell, channel)
    order = channel.charged[0].order.order_id
    heard = hear_said(cell, CALENDAR, ledger(), "alipay", [Said(order, Paid("t1", 200))], LATER)
    assert (heard.facts, heard.unknown, balance(cell, RIDER)) == (0, (order,), 200)


def test_to_put_off_nobody_waits_for_who_hears(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    until = LATER + HOUR
    with cell.connection() as conn:
        leased = due.lease(conn, "wechat", LATER, until, 9)
        first, second = (one.order.order_id for one in leased.orders)
        due.give_back(conn, leased, {first: LATER, second: LATER}, ())
        alone = due.lease(conn, "wechat", LATER, until, 9)
        assert len(alone.alone) == 2
    with cell.connection() as hearing:
        hearing.execute("DELETE FROM charge_due WHERE order_id = %s", (first,))
        with cell.connection() as conn:
            conn.execute("SET LOCAL lock_timeout = 1000")
            due.give_back(conn, alone, {first: until + 1, second: until + 1}, ())
    assert moments_due(cell) == [until + 1]


def test_two_who_close_a_day_at_once_tell_a_debt_once(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    turns = count()

    def after_the_other(conn: Connection) -> int | None:
        if next(turns) == 0:
            assert order_differences(cell, CALENDAR, ledger(), DAY, LATER).left == 1
        return last_closed(conn)

    monkeypatch.setattr("ridecode.money.channels.differences.last_closed", after_the_other)
    assert order_differences(cell, CALENDAR, ledger(), DAY, LATER) == Differences(left=1)
    assert debts(cell) == [("1", 400)]


def test_an_agreement_that_is_told_twice_at_once_is_signed_once(cell: Cell) -> None:
    agreement = Agreement(account="1", contract="c1", user="u1")
    told = []

    def tell() -> None:
        told.append(sign(cell, agreement, "wechat", Purse.OUTSIDE, "tencent", LATER + 1))

    second = Thread(target=tell)
    with cell.connection() as conn:
        db.sign_alone(conn)
        assert db.add_agreement(conn, agreement, "wechat", Purse.OUTSIDE, "tencent", LATER)
        second.start()
        second.join(0.3)
        assert told == []
    second.join()
    assert [one.signed_at for one in told] == [LATER]


def test_who_waits_in_a_ring_is_told_to_do_it_again(cell: Cell) -> None:
    """Two sessions that lock two rows crosswise: one of them is refused, and nothing breaks."""
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    with cell.connection() as conn:
        first, second = (
            one for (one,) in conn.execute("SELECT order_id FROM charge_orders ORDER BY order_id")
        )
    lock = "UPDATE charge_orders SET owed = owed + 1 WHERE order_id = %s"
    refused: list[UnavailableError] = []

    def other() -> None:
        try:
            with cell.connection() as conn:
                conn.execute(lock, (second,))
                conn.execute(lock, (first,))
        except UnavailableError as error:
            refused.append(error)

    crossing = Thread(target=other)
    try:
        with cell.connection() as conn:
            conn.execute(lock, (first,))
            crossing.start()
            crossing.join(0.3)
            conn.execute(lock, (second,))
    except UnavailableError as error:
        refused.append(error)
    crossing.join()
    assert [error.what for error in refused] == [
        f"Others wait for what was asked of the database of {cell.city}."
    ]
