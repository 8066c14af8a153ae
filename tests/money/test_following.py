"""All day: fares are booked and channels worked off, against counterparts that check signatures."""

from ridecode.city import load_pack
from ridecode.money import Followed, agree, follow
from ridecode.money.channels import Channel, Wallet, WeChatPay, hear_said
from ridecode.money.ledger import Account, Kind, Ledger, balance
from ridecode.sim.channels import WeChatCounterpart, honest
from ridecode.store import Cell
from tests.rides.city import LATER, city_taps, pack, settled


def test_a_ride_reaches_its_channel_and_what_that_says_the_books(cell: Cell) -> None:
    there = WeChatCounterpart(honest, lambda: LATER)
    there.sign("c1", "u1")
    channel = WeChatPay(there.merchant, there)
    channels: dict[str, Channel] = {"wechat": channel, "wallet": Wallet()}
    agree(cell, load_pack("shenzhen"), "1", "wechat", "c1", "u1", "tencent", LATER)
    settled(cell, city_taps(cell, "9:00 metro+a, 9:20 metro-b, 20:00 bus."))
    done = follow(cell, pack(), channels, lambda: LATER)
    assert (done.booked.orders, done.worked["wechat"].sent) == (2, 2)
    rider, wechat = Account(Kind.RIDER, "1"), Account(Kind.CHANNEL, "wechat")
    ledger = Ledger(pack().card_company.id)
    for told in there.told():
        said = channel.hear(told.headers, told.body, LATER)
        assert said is not None
        hear_said(cell, pack().calendar, ledger, "wechat", [said], LATER)
    assert [balance(cell, one) for one in (rider, wechat)] == [0, 400]
    assert sum(one.taken for one in there.truth().values()) == 400
    again = follow(cell, pack(), channels, lambda: LATER)
    assert again.booked == Followed().booked
    assert {one.sent for one in again.worked.values()} == {0}
