"""WeChat Pay in the contract test kit."""

from typing import Final

from ridecode.money.channels import Channel, Link, WeChatPay
from ridecode.sim.channels import Plan, WeChatCounterpart, honest
from tests.money.channels.kit import Clock, Entry, Rig


def make(plan: Plan, clock: Clock) -> Rig:
    counterpart = WeChatCounterpart(plan, clock)
    return Rig(WeChatPay(counterpart.merchant, counterpart), counterpart, clock)


def over(link: Link) -> Channel:
    return WeChatPay(WeChatCounterpart(honest, Clock()).merchant, link)


ENTRY: Final = Entry("wechat", make, over)
