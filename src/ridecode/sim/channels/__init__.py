"""The other side of every payment channel: counterparts that check signatures and misbehave.

In: requests as a channel's real server gets them, a seed's mischief. Out: answers and callbacks as
it gives them, signed with its own keys, and the truth of what it took and gave back.
Never: a request taken whose signature does not hold, a movement that its truth does not tell.
"""

from ridecode.sim.channels.alipay import AlipayCounterpart
from ridecode.sim.channels.bench import CallsBench, bench_calls
from ridecode.sim.channels.card_account import CardAccountCounterpart
from ridecode.sim.channels.counterpart import Counterpart, Mischief, Moved, Plan, Told, honest
from ridecode.sim.channels.wechat import WeChatCounterpart

__all__ = [
    "AlipayCounterpart",
    "CallsBench",
    "CardAccountCounterpart",
    "Counterpart",
    "Mischief",
    "Moved",
    "Plan",
    "Told",
    "WeChatCounterpart",
    "bench_calls",
    "honest",
]
