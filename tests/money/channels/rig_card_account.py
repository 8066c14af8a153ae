"""The card account in the contract test kit."""

from typing import Final

from ridecode.money.channels import CardAccount, Channel, Link
from ridecode.sim.channels import CardAccountCounterpart, Plan, honest
from tests.money.channels.kit import Clock, Entry, Rig


def make(plan: Plan, clock: Clock) -> Rig:
    counterpart = CardAccountCounterpart(plan, clock)
    return Rig(CardAccount(counterpart.merchant, counterpart), counterpart, clock)


def over(link: Link) -> Channel:
    return CardAccount(CardAccountCounterpart(honest, Clock()).merchant, link)


ENTRY: Final = Entry("card-account", make, over)
