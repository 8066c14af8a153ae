"""Alipay (支付宝) as a channel: settlement of offline rides by its open platform.

In: asks of the contract, answers and notifications signed by RSA2. Out: facts.
Never: a signature judged over anything but the bytes that came.
"""

from ridecode.money.channels.alipay.client import Alipay, AlipayMerchant

__all__ = ["Alipay", "AlipayMerchant"]
