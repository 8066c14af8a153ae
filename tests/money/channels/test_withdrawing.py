"""Who owes something and agrees to pay by another channel is asked for it there, once."""

import pytest

from ridecode.city import load_pack
from ridecode.core import MICROS
from ridecode.money import agree
from ridecode.money.channels import (
    Agreement,
    Break,
    Differences,
    Paid,
    Purse,
    Refused,
    Said,
    State,
    Worked,
    db,
    end,
    hear_said,
    look_up,
    sign,
    standing,
    top_up,
)
from ridecode.money.ledger import Account, Kind, balance
from ridecode.store import Cell
from tests.money.channels.scripted import (
    CALENDAR,
    DAY,
    Scripted,
    booked,
    closed,
    debts,
    ledger,
    owes,
    signed,
    worked,
)
from tests.rides.city import LATER, city_taps

HOUR = 3_600 * MICROS
RIDER = Account(Kind.RIDER, "1")


@pytest.fixture
def refused(cell: Cell) -> Scripted:
    """A channel that has refused the one order that it was asked for."""
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Refused("CONTRACT_ENDED")]
    worked(cell, channel)
    end(cell, "1", LATER)
    return channel


def test_what_one_channel_refused_the_next_is_asked_for_with_the_close(
    cell: Cell, refused: Scripted
) -> None:
    for _ in range(2):
        signed(cell, channel="alipay")
    assert (owes(cell), debts(cell)) == (200, [("1", 200)])
    assert closed(cell) == Differences(orders=1, ordered=200)
    assert owes(cell) == 0
    alipay = Scripted()
    alipay.id = "alipay"
    assert worked(cell, alipay).facts == 1
    assert balance(cell, RIDER) == 0
    assert worked(cell, refused, LATER + 48 * HOUR) == Worked(asked_after=1)
    kept = look_up(cell, refused.charged[0].order.order_id)
    assert kept is not None
    assert (kept[0].state, kept[0].owed) == (State.WITHDRAWN, 0)


def test_of_the_same_channel_it_is_another_order_under_another_contract(
    cell: Cell, refused: Scripted
) -> None:
    """For under the one number the channel would hear the same request otherwise."""
    anew = Agreement(account="1", contract="c2", user="u2")
    sign(cell, anew, "wechat", Purse.OUTSIDE, "tencent", LATER + HOUR)
    assert closed(cell) == Differences(orders=1, ordered=200)
    assert worked(cell, refused, LATER + HOUR).sent == 1
    first, second = refused.charged
    assert (second.agreement, first.order.number == second.order.number) == (anew, False)
    assert (owes(cell), balance(cell, RIDER)) == (0, 0)


def test_what_is_refused_when_the_rider_has_gone_already_is_withdrawn_by_the_close(
    cell: Cell,
) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    signed(cell, channel="alipay")
    channel = Scripted()
    channel.says[200] = [Refused("CONTRACT_ENDED")]
    worked(cell, channel)
    assert owes(cell) == 200
    assert closed(cell) == Differences(orders=1, ordered=200)
    assert owes(cell) == 0


def test_what_is_taken_too_little_when_the_rider_has_gone_is_withdrawn_as_well(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Paid("t1", 150)]
    signed(cell, channel="alipay")
    worked(cell, channel)
    assert owes(cell) == 50
    assert closed(cell) == Differences(orders=1, ordered=50)
    assert owes(cell) == 0


def test_a_day_that_had_its_order_leaves_the_debt_to_the_next(cell: Cell) -> None:
    """Its close was killed behind the order, which was refused before the close was run again."""
    booked(cell, city_taps(cell, "8:00 bus."))
    signed(cell)
    assert closed(cell) == Differences(orders=1, ordered=200)
    channel = Scripted()
    channel.says[200] = [Refused("CONTRACT_ENDED")]
    worked(cell, channel)
    signed(cell, channel="alipay")
    assert (closed(cell).orders, owes(cell)) == (0, 200)
    next_day = closed(cell, DAY + 1)
    assert (next_day.ordered, owes(cell)) == (200, 0)


def test_a_withdrawn_order_is_asked_after_for_sixty_days(cell: Cell, refused: Scripted) -> None:
    """A payment that was never told of is found, and goes back."""
    signed(cell, channel="alipay")
    asked = sum(worked(cell, refused, LATER + day * 24 * HOUR).asked_after for day in range(99))
    assert (asked, len(refused.charged)) == (60, 1)


def test_a_payment_that_was_never_told_is_found_and_goes_back(
    cell: Cell, refused: Scripted
) -> None:
    signed(cell, channel="alipay")
    order = refused.charged[0].order
    refused.knows[200] = frozenset({Refused("CONTRACT_ENDED"), Paid("t9", 200)})
    assert worked(cell, refused, LATER + 48 * HOUR) == Worked(asked_after=1, refunds=1, facts=2)
    assert (refused.refunded, len(refused.charged)) == ([("t9", 200)], 1)
    assert look_up(cell, order.order_id) is not None


def test_a_wallet_pays_it_too(cell: Cell, refused: Scripted) -> None:
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 200, LATER)
    signed(cell, channel="wallet")
    assert closed(cell) == Differences(orders=1, ordered=200)
    assert (owes(cell), balance(cell, RIDER), balance(cell, Account(Kind.WALLET, "1"))) == (0, 0, 0)


def test_what_comes_after_all_goes_back(cell: Cell, refused: Scripted) -> None:
    signed(cell, channel="alipay")
    closed(cell)
    alipay = Scripted()
    alipay.id = "alipay"
    worked(cell, alipay)
    order = refused.charged[0].order
    late = [Said(order.order_id, Paid("t9", 200))]
    hear_said(cell, CALENDAR, ledger(), "wechat", late, LATER + HOUR)
    kept = look_up(cell, order.order_id)
    assert kept is not None
    assert standing(order, kept[0].heard).breaks == {Break.PAID_MORE}
    assert worked(cell, refused, LATER + HOUR).refunds == 1
    assert refused.refunded == [("t9", 200)]
    assert (balance(cell, RIDER), owes(cell)) == (0, 0)


def test_what_was_taken_too_little_is_asked_for_as_well(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Paid("t1", 150)]
    worked(cell, channel)
    assert owes(cell) == 50
    signed(cell)
    assert closed(cell) == Differences(orders=1, ordered=50)
    assert (worked(cell, channel).facts, owes(cell), balance(cell, RIDER)) == (1, 0, 0)


def test_what_the_user_owes_the_channel_stays_there(cell: Cell) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."))
    channel = Scripted()
    channel.says[200] = [Paid("t1", 200, is_advanced=True)]
    worked(cell, channel)
    signed(cell, channel="alipay")
    assert (closed(cell), owes(cell)) == (Differences(), 200)


def test_an_agreement_with_the_wallet_that_broke_off_is_made_good(
    cell: Cell, refused: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    shenzhen = load_pack("shenzhen")
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("ridecode.money.channels.db.owing", killed)
        agree(cell, shenzhen, "1", "wallet", "", "", "", LATER)
    agree(cell, shenzhen, "1", "wallet", "", "", "", LATER + HOUR)
    kept = look_up(cell, refused.charged[0].order.order_id)
    assert kept is not None
    assert kept[0].state is State.WITHDRAWN


def test_heard_of_meanwhile_it_is_looked_at_again(
    cell: Cell, refused: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is paid after it was read and before it is written: then nothing is left to withdraw."""
    owing, times = db.owing, []

    def paid_then(conn: object, account: str) -> object:
        times.append(account)
        found = owing(conn, account)  # type: ignore[arg-type]
        if len(times) == 1:
            said = [Said(refused.charged[0].order.order_id, Paid("t1", 200))]
            hear_said(cell, CALENDAR, ledger(), "wechat", said, LATER)
        return found

    monkeypatch.setattr("ridecode.money.channels.db.owing", paid_then)
    signed(cell, channel="alipay")
    assert (len(times), closed(cell), owes(cell)) == (2, Differences(), 0)
