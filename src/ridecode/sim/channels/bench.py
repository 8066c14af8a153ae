"""What it costs to put orders to a channel one by one: signed requests, signed answers.

The counterpart answers in the same process, without a network; its own time is told apart.
"""

import time
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, Mode, derived_id
from ridecode.money.channels import (
    Accepted,
    Agreement,
    Answer,
    Ask,
    Carried,
    Link,
    Order,
    Paid,
    Purse,
    WeChatPay,
)
from ridecode.sim.channels.counterpart import honest
from ridecode.sim.channels.wechat import WeChatCounterpart

CALLS: Final = 500
_AGREEMENT: Final = Agreement(account="1", contract="contract-1", user="user-1")


class CallsBench(Struct, frozen=True):
    """What `bench_calls` found; CPU microseconds an order."""

    channel: str
    calls: int
    own_us: float
    counterpart_us: float
    per_s_of_a_core: float
    """Orders a second that one core of ours puts to the channel."""


def bench_calls(calls: int = CALLS) -> CallsBench:
    """Charge so many orders at WeChat Pay's counterpart."""
    began = time.time_ns() // 1_000
    counterpart = WeChatCounterpart(honest, lambda: began)
    counterpart.sign(_AGREEMENT.contract, _AGREEMENT.user)
    link = _Timed(counterpart)
    channel = WeChatPay(counterpart.merchant, link)
    asks = [_ask(channel.id, began + n) for n in range(calls)]
    own = time.process_time()
    for ask in asks:
        (said,) = channel.charge([ask], began)
        assert isinstance(said, Accepted | Paid), said
    own = time.process_time() - own - link.spent_s
    return CallsBench(
        channel.id, calls, own / calls * MICROS, link.spent_s / calls * MICROS, calls / own
    )


def _ask(channel: str, ts: int) -> Ask:
    ride = derived_id(ts, b"ride")
    order = Order(derived_id(ts, b"order"), "1", channel, Purse.OUTSIDE, 300, ride, ts)
    carried = Carried(
        mode=Mode.METRO, line="线", entry_stop="起点", exit_stop="终点", vehicle="",
        started=ts - 900 * MICROS, ended=ts,
    )  # fmt: skip
    return Ask(order, _AGREEMENT, carried)


class _Timed:
    """A link that tells how long the other side was busy."""

    def __init__(self, to: Link) -> None:
        self._to = to
        self.spent_s = 0.0

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        began = time.process_time()
        answer = self._to(method, target, headers, body)
        self.spent_s += time.process_time() - began
        return answer
