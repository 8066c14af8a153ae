"""Alipay in the contract test kit."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from ridecode.money.channels import Alipay, Answer, Channel, Link
from ridecode.sim.channels import AlipayCounterpart, Plan, honest
from tests.money.channels.kit import Clock, Entry, Rig


def make(plan: Plan, clock: Clock) -> Rig:
    counterpart = AlipayCounterpart(plan, clock)
    return Rig(Alipay(counterpart.merchant, counterpart, counterpart), counterpart, clock)


class _Line:
    """A link whose other end can be changed: the keys of a new channel would be slow to read."""

    end: Link

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        return self.end(method, target, headers, body)


_LINE: Final = _Line()


@cache
def _over_line() -> Alipay:
    return Alipay(AlipayCounterpart(honest, Clock()).merchant, _LINE, _LINE)


def over(link: Link) -> Channel:
    _LINE.end = link
    return _over_line()


ENTRY: Final = Entry("alipay", make, over)
