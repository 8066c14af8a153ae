"""WeChat Pay's side: its server for public transport, refunds and bills.

In: requests that bear the merchant's signature. Out: signed answers, encrypted callbacks, bills.
Never: a line shared with the client, a request taken whose signature does not hold.
"""

from ridecode.sim.channels.wechat.server import WeChatCounterpart

__all__ = ["WeChatCounterpart"]
