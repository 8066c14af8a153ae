"""Alipay's side: its gateway, its notifications and bills.

In: requests signed by RSA2. Out: signed answers, row by row, notifications, bills in their zip.
Never: a line shared with the client, a request taken whose signature does not hold.
"""

from ridecode.sim.channels.alipay.server import AlipayCounterpart

__all__ = ["AlipayCounterpart"]
