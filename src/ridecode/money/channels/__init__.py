"""The channels: how what a rider owes is taken, by whoever the rider pays with.

In: charge orders, and what channels say of them: late, twice, in any order. Out: how each order
stands, the journals of every fact, and what cannot be right.
Never: a booked fact that depends on when it was heard, money that is moved and not in the books.
"""

from ridecode.money.channels.alipay import Alipay, AlipayMerchant
from ridecode.money.channels.card_account import CardAccount, CardAccountMerchant
from ridecode.money.channels.contract import (
    Agreement,
    AgreementState,
    Answer,
    Ask,
    BillLine,
    Carried,
    Channel,
    Debtor,
    ForgedError,
    Link,
    Said,
)
from ridecode.money.channels.link import HttpLink
from ridecode.money.channels.order import (
    NOTHING,
    Accepted,
    Break,
    Disputed,
    Fact,
    Heard,
    Order,
    Paid,
    Purse,
    Refunded,
    RefundFailed,
    Refused,
    Repaid,
    Standing,
    State,
    excess,
    hear,
    journals,
    standing,
)
from ridecode.money.channels.wechat import WeChatPay
from ridecode.money.channels.wechat_signing import WeChatMerchant, WeChatPlan

__all__ = [
    "NOTHING",
    "Accepted",
    "Agreement",
    "AgreementState",
    "Alipay",
    "AlipayMerchant",
    "Answer",
    "Ask",
    "BillLine",
    "Break",
    "CardAccount",
    "CardAccountMerchant",
    "Carried",
    "Channel",
    "Debtor",
    "Disputed",
    "Fact",
    "ForgedError",
    "Heard",
    "HttpLink",
    "Link",
    "Order",
    "Paid",
    "Purse",
    "RefundFailed",
    "Refunded",
    "Refused",
    "Repaid",
    "Said",
    "Standing",
    "State",
    "WeChatMerchant",
    "WeChatPay",
    "WeChatPlan",
    "excess",
    "hear",
    "journals",
    "standing",
]
