"""Alipay in the contract test kit."""

from typing import Final

from ridecode.money.channels import Alipay, Channel, Link
from ridecode.sim.channels import AlipayCounterpart, Plan, honest
from tests.money.channels.kit import Clock, Entry, Rig


def make(plan: Plan, clock: Clock) -> Rig:
    counterpart = AlipayCounterpart(plan, clock)
    return Rig(Alipay(counterpart.merchant, counterpart, counterpart), counterpart, clock)


def over(link: Link) -> Channel:
    return Alipay(AlipayCounterpart(honest, Clock()).merchant, link, link)


ENTRY: Final = Entry("alipay", make, over)
