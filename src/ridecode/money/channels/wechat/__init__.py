"""WeChat Pay (微信支付) as a channel: the deduction for public transport of its APIv3.

In: asks of the contract, answers and callbacks that bear the platform's signature. Out: facts.
Never: a word of an answer whose signature does not hold, a request without ours.
"""

from ridecode.money.channels.wechat.client import WeChatPay
from ridecode.money.channels.wechat.signing import WeChatMerchant, WeChatPlan

__all__ = ["WeChatMerchant", "WeChatPay", "WeChatPlan"]
