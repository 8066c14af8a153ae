"""Orders from a fare to the books: sent once, asked after, refused, paid late, given back."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from ridecode.core import MICROS, ConflictError, RefusedError
from ridecode.money import Booked, book_fares
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
    Repaid,
    Said,
    Silence,
    Silent,
    Worked,
    end,
    hear_said,
    ride_order_id,
    sign,
    top_up,
)
from ridecode.money.channels.wallet import Wallet
from ridecode.money.ledger import Account, Kind, balance, close_day, closed_so_far, lines_of
from ridecode.store import Cell, Connection
from tests.money.channels.scripted import (
    CALENDAR,
    DAY,
    NO_ANSWER,
    Scripted,
    booked,
    closed,
    debts,
    killed_while_booking,
    ledger,
    owes,
    paid,
    signed,
    worked,
)
from tests.rides.city import LATER, city_taps, pack, rated, settled, tariffs_with

RIDER, WECHAT = Account(Kind.RIDER, "1"), Account(Kind.CHANNEL, "wechat")
WALLET, ADVANCE = Account(Kind.WALLET, "1"), Account(Kind.ADVANCE, "1")
MINUTE, HOUR = 60 * MICROS, 3_600 * MICROS


def order_of(channel: Scripted, at: int = 0) -> Order:
    return channel.charged[at].order


def test_a_ride_is_asked_for_once_and_paid(cell: Cell) -> None:
    signed(cell)
    assert booked(cell, city_taps(cell, "8:00 bus., 20:00 bus.")).orders == 2
    assert balance(cell, RIDER) == 400
    channel = Scripted()
    assert worked(cell, channel) == Worked(sent=2, facts=2)
    assert worked(cell, channel, LATER + HOUR) == Worked()
    (first, second) = channel.charged
    assert (first.agreement.user, first.order.amount, second.order.amount) == ("u1", 200, 200)
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 400]
    assert debts(cell) == []


@pytest.mark.parametrize("channel", ["wechat", "wallet"])
def test_booking_that_was_killed_asks_for_no_ride_twice(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    signed(cell, channel=channel)
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 500, LATER)
    settled(cell, city_taps(cell, "8:00 bus., 12:00 bus., 20:00 bus."))
    killed_while_booking(cell, monkeypatch)
    assert book_fares(cell, pack(), LATER) == Booked(1, 200, 0, 1)
    asked = Scripted()
    worked(cell, asked)
    if channel == "wechat":
        assert (len(asked.charged), balance(cell, RIDER), debts(cell)) == (3, 0, [])
    else:
        assert (asked.charged, balance(cell, RIDER), debts(cell)) == ([], 200, [("1", 200)])


def test_a_day_that_closes_while_its_fares_are_made_ready_takes_none(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(cell)
    settled(cell, city_taps(cell, "8:00 bus."))
    seen: list[int | None] = []

    def closes_then(conn: Connection) -> int | None:
        seen.append(closed_so_far(conn))
        if len(seen) == 1:
            close_day(cell, CALENDAR, DAY, LATER)
        return seen[-1]

    monkeypatch.setattr("ridecode.money.booking.closed_so_far", closes_then)
    assert book_fares(cell, pack(), LATER) == Booked(1, 200, 0, 1)
    assert seen == [None, DAY]
    assert [line.journal.day for line in lines_of(cell, RIDER)] == [DAY + 1]


def test_what_somebody_else_has_heard_meanwhile_is_not_heard_again(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))

    class Told(Scripted):
        """Of the first order the payment is told by itself before it is answered."""

        def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
            said = super().charge(asks, now)
            order = asks[0].order
            heard = hear_said(
                cell, CALENDAR, ledger(), "wechat", [Said(order.order_id, paid(order))], now
            )
            assert heard.facts == 1
            return said

    assert worked(cell, Told()) == Worked(sent=2, facts=1)
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 400]
    assert worked(cell, Scripted(), LATER + HOUR) == Worked()


def test_what_was_sent_and_not_answered_is_asked_after_before_it_is_sent_again(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [NO_ANSWER]
    assert worked(cell, channel) == Worked(sent=1, silent=1, reasons=((NO_ANSWER, 1),))
    assert worked(cell, channel, LATER + MINUTE - 1) == Worked()
    assert worked(cell, channel, LATER + MINUTE) == Worked(sent=1, asked_after=1, facts=1)
    assert [one.order_id for one in channel.queried] == [order_of(channel, 1).order_id]
    assert balance(cell, RIDER) == 0


def test_why_nothing_came_back_is_counted_over_all_that_was_asked(cell: Cell) -> None:
    """Over the parts that orders are sent and asked after in, and refunds."""
    forged, mistake = Silent(Silence.NOT_SIGNED), Silent(Silence.OUR_MISTAKE, "PARAM_ERROR")
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 10:00 bus., 12:00 bus., 20:00 bus."))
    channel = Scripted()
    channel.says[200] = [forged, mistake, forged]
    assert worked(cell, channel) == Worked(
        sent=4, facts=1, silent=3, reasons=((forged, 2), (mistake, 1))
    )
    channel.knows[200] = mistake
    assert worked(cell, channel, LATER + HOUR) == Worked(
        asked_after=3, silent=3, reasons=((mistake, 3),)
    )
    channel.knows[200] = frozenset()
    channel.says[200] = [forged]
    order = channel.charged[3].order
    twice = [Said(order.order_id, Paid("t2", 200))]
    hear_said(cell, CALENDAR, ledger(), "wechat", twice, LATER)
    channel.gives = [forged]
    assert worked(cell, channel, LATER + 24 * HOUR) == Worked(
        sent=3, asked_after=3, refunds=1, facts=2, silent=2, reasons=((forged, 2),)
    )


def test_what_was_taken_without_an_answer_is_not_taken_again(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [NO_ANSWER]
    worked(cell, channel)
    channel.knows[200] = frozenset({paid(order_of(channel))})
    assert worked(cell, channel, LATER + HOUR) == Worked(asked_after=1, facts=1)
    assert (len(channel.charged), balance(cell, RIDER)) == (1, 0)


def test_an_accepted_order_is_asked_after_less_and_less_often(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200], channel.knows[200] = [Accepted()], frozenset({Accepted()})
    times = [at for at in range(600) if worked(cell, channel, LATER + at * MINUTE) != Worked()]
    assert times == [0, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244, 304, 364, 424, 484, 544]
    channel.knows[200] = frozenset({Accepted(), paid(order_of(channel))})
    assert worked(cell, channel, LATER + 604 * MINUTE) == Worked(asked_after=1, facts=1)
    assert len(channel.charged) == 1


def test_what_is_refused_is_owed_and_asked_for_once_a_day(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Refused("NO_MONEY"), Refused("NO_MONEY")]
    worked(cell, channel)
    assert debts(cell) == [("1", 200)]
    assert worked(cell, channel, LATER + 24 * HOUR - 1) == Worked()
    assert worked(cell, channel, LATER + 24 * HOUR).sent == 1
    assert (channel.says[200], owes(cell)) == ([], 200)
    assert worked(cell, channel, LATER + 48 * HOUR).facts == 1
    assert debts(cell) == [("1", 200), ("1", -200)]
    assert len({one.order.number for one in channel.charged}) == 1
    assert balance(cell, RIDER) == 0


def test_a_refused_order_that_was_paid_meanwhile_is_not_charged_again(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Refused("NO_MONEY")]
    worked(cell, channel)
    channel.knows[200] = frozenset({Refused("NO_MONEY"), paid(order_of(channel))})
    worked(cell, channel, LATER + 24 * HOUR)
    assert (len(channel.charged), balance(cell, RIDER), owes(cell)) == (1, 0, 0)


def test_what_is_advanced_is_owed_until_it_is_repaid(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Paid("t1", 200, is_advanced=True)]
    worked(cell, channel)
    assert [balance(cell, one) for one in (RIDER, WECHAT, ADVANCE)] == [0, 200, 200]
    assert debts(cell) == [("1", 200)]
    order = order_of(channel)
    said = [Said(order.order_id, Repaid("t1"))]
    for _ in range(2):
        hear_said(cell, CALENDAR, ledger(), "wechat", said, LATER + HOUR)
    assert (debts(cell), balance(cell, ADVANCE)) == ([("1", 200), ("1", -200)], 0)


def test_what_is_taken_twice_goes_back_once(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    order = order_of(channel)
    twice = [Said(order.order_id, Paid("t2", 200))]
    for _ in range(3):
        hear_said(cell, CALENDAR, ledger(), "wechat", twice, LATER)
    assert balance(cell, RIDER) == -200
    channel.gives = [NO_ANSWER]
    assert worked(cell, channel, LATER) == Worked(refunds=1, silent=1, reasons=((NO_ANSWER, 1),))
    assert worked(cell, channel, LATER + HOUR) == Worked(refunds=1, facts=1)
    assert worked(cell, channel, LATER + 2 * HOUR) == Worked()
    assert channel.refunded == [("t2", 200)] * 2
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 200]


def test_of_orders_that_are_not_ours_nothing_is_booked(cell: Cell) -> None:
    stranger = ride_order_id(city_taps(cell, "8:00 bus.")[0].tap_id)
    heard = hear_said(cell, CALENDAR, ledger(), "wechat", [Said(stranger, Paid("t1", 200))], LATER)
    assert (heard.facts, heard.unknown, balance(cell, RIDER)) == (0, (stranger,), 0)


def test_a_dearer_day_is_one_order_more(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    rated(cell, tariffs_with("amount = 200", "amount = 250"))
    book_fares(cell, pack(), LATER)
    assert closed(cell) == Differences(orders=1, ordered=100)
    assert closed(cell) == Differences()
    assert worked(cell, channel) == Worked(sent=1, facts=1)
    assert [one.order.amount for one in channel.charged] == [200, 200, 100]
    assert balance(cell, RIDER) == 0


def test_a_cheaper_day_is_given_back_over_what_was_paid_last(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 12:00 bus., 20:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    rated(cell, tariffs_with("amount = 200", "amount = 100"))
    book_fares(cell, pack(), LATER)
    assert closed(cell) == Differences(refunds=2, refunded=300)
    assert closed(cell) == Differences()
    assert worked(cell, channel) == Worked(refunds=2, facts=2)
    assert sorted(amount for _, amount in channel.refunded) == [100, 200]
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 300]


def test_what_a_refund_gave_too_little_is_a_difference_of_the_next_day(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    channel = Scripted()
    worked(cell, channel)
    rated(cell, tariffs_with("amount = 200", "amount = 150"))
    book_fares(cell, pack(), LATER)
    closed(cell)
    (refund,) = refunds(cell)
    channel.gives = [Refunded(refund, 40)]
    worked(cell, channel)
    assert closed(cell) == Differences(left=1), "one a day"
    assert closed(cell, DAY + 1) == Differences(refunds=1, refunded=60)
    worked(cell, channel)
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 300]


def test_before_anything_was_taken_nothing_can_be_given_back(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Refused("NO_MONEY")]
    worked(cell, channel)
    rated(cell, tariffs_with("amount = 200", "amount = 150"))
    book_fares(cell, pack(), LATER)
    assert closed(cell) == Differences(left=1)
    worked(cell, channel, LATER + 24 * HOUR)
    assert closed(cell, DAY + 1) == Differences(refunds=1, refunded=50)
    worked(cell, channel, LATER + 24 * HOUR)
    assert [balance(cell, one) for one in (RIDER, WECHAT)] == [0, 150]


def test_a_ride_that_lacks_a_tap_waits_for_the_close(cell: Cell) -> None:
    """An exit that comes before its entry would cost the whole way."""
    signed(cell)
    taps = city_taps(cell, "8:00 metro+a, 8:20 metro-c, 20:00 metro-c")
    assert booked(cell, taps[1:]).orders == 0
    assert booked(cell, taps[:1]) == Booked(2, 300, 700, 1)
    assert closed(cell) == Differences(orders=1, ordered=700)
    channel = Scripted()
    worked(cell, channel)
    assert sorted(one.order.amount for one in channel.charged) == [300, 700]
    assert balance(cell, RIDER) == 0


def test_who_has_no_agreement_owes_and_is_asked_once_there_is_one(cell: Cell) -> None:
    assert booked(cell, city_taps(cell, "8:00 bus., 20:00 bus.")).orders == 0
    assert debts(cell) == []
    assert closed(cell) == closed(cell) == Differences(left=1)
    assert debts(cell) == [("1", 400)]
    signed(cell)
    assert closed(cell, DAY + 1) == Differences(orders=1, ordered=400)
    assert owes(cell) == 0
    channel = Scripted()
    worked(cell, channel)
    assert ([one.order.amount for one in channel.charged], balance(cell, RIDER)) == ([400], 0)


def test_a_wallet_pays_at_once_and_never_what_it_has_not(cell: Cell) -> None:
    signed(cell, channel="wallet")
    for _ in range(2):
        top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 300, LATER)
    booked(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    assert [balance(cell, one) for one in (RIDER, WALLET, WECHAT)] == [200, 100, 300]
    assert debts(cell) == [("1", 200)]
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p2", 150, LATER)
    assert worked(cell, Wallet(), LATER).facts == 1
    assert [balance(cell, one) for one in (RIDER, WALLET)] == [0, 50]
    assert owes(cell) == 0


def test_what_was_given_up_is_asked_for_again_when_the_rider_comes(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Refused("NO_MONEY")] * 61
    sent = sum(worked(cell, channel, LATER + day * 24 * HOUR).sent for day in range(99))
    assert (sent, channel.says[200], owes(cell)) == (61, [], 200)
    signed(cell, now=LATER + 99 * 24 * HOUR)
    assert worked(cell, channel, LATER + 99 * 24 * HOUR).facts == 1
    assert (owes(cell), balance(cell, RIDER)) == (0, 0)


def test_what_was_given_up_is_paid_once_there_is_money_again(cell: Cell) -> None:
    signed(cell, channel="wallet")
    booked(cell, city_taps(cell, "8:00 bus."))
    for day in range(99):
        now = LATER + day * 24 * HOUR
        worked(cell, Wallet(), now)
    with cell.connection() as conn:
        assert conn.execute("SELECT FROM charge_due").fetchall() == []
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 200, now)
    assert worked(cell, Wallet(), now).facts == 1
    assert (owes(cell), balance(cell, RIDER), balance(cell, WALLET)) == (0, 0, 0)


def test_a_payment_into_a_wallet_that_is_told_again_days_later_counts_once(cell: Cell) -> None:
    for days in (0, 1, 9):
        now = LATER + days * 24 * HOUR
        top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 300, now)
        if days == 0:
            close_day(cell, CALENDAR, CALENDAR.day(LATER), CALENDAR.starts(CALENDAR.day(LATER) + 1))
    assert [balance(cell, one) for one in (WALLET, WECHAT)] == [300, 300]
    for account, fen in (("1", 301), ("2", 300)):
        with pytest.raises(RefusedError, match="p1 of wechat"):
            top_up(cell, CALENDAR, ledger(), account, "wechat", "p1", fen, now)


def test_a_wallet_gets_back_what_became_cheaper(cell: Cell) -> None:
    signed(cell, channel="wallet")
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 300, LATER)
    booked(cell, city_taps(cell, "8:00 bus."))
    rated(cell, tariffs_with("amount = 200", "amount = 150"))
    book_fares(cell, pack(), LATER)
    closed(cell)
    worked(cell, Wallet(), LATER)
    assert [balance(cell, one) for one in (RIDER, WALLET)] == [0, 150]


def test_an_account_has_one_agreement_at_a_time(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    signed(cell, channel="alipay", now=LATER + 1)
    booked(cell, city_taps(cell, "20:00 bus.", first=2))
    wechat, alipay = Scripted(), Scripted()
    alipay.id = "alipay"
    assert (worked(cell, wechat).sent, worked(cell, alipay).sent) == (1, 1)
    again = Agreement(account="1", contract="alipay-1", user="u1")
    assert sign(cell, again, "alipay", Purse.OUTSIDE, "tencent", LATER + 2).signed_at == LATER + 1
    for other in (replace(again, account="2"), replace(again, contract="wechat-1")):
        with pytest.raises(ConflictError, match="was signed before"):
            sign(cell, other, "wechat" if other.account == "1" else "alipay", Purse.OUTSIDE, "x",
                 LATER + 2)  # fmt: skip
    assert (end(cell, "1", LATER + 3), end(cell, "1", LATER + 3)) == (True, False)


def refunds(cell: Cell) -> list[UUID]:
    with cell.connection() as conn:
        return [one for (one,) in conn.execute("SELECT refund_id FROM charge_refunds")]
