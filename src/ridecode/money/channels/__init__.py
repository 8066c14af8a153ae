"""The channels: how what a rider owes is taken, by whoever the rider pays with.

In: charge orders, and what channels say of them: late, twice, in any order. Out: how each order
stands, the journals of every fact, and what cannot be right.
Never: a booked fact that depends on when it was heard, money that is moved and not in the books.
"""

from ridecode.money.channels.agreements import end, sign
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
from ridecode.money.channels.db import add_bench_agreements, add_differences, agreements
from ridecode.money.channels.differences import NO_DIFFERENCES, Differences, order_differences
from ridecode.money.channels.hearing import Hearing, hear_said, owed_more, settled, tell_owed
from ridecode.money.channels.kept import Kept, Signed, heard_of
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
    Refund,
    Refunded,
    RefundFailed,
    Refused,
    Repaid,
    Standing,
    State,
    Withdrawn,
    charge_number,
    excess,
    hear,
    journal_ids,
    journals,
    standing,
    still_asked,
)
from ridecode.money.channels.ordering import (
    keep_orders,
    look_up,
    new_orders,
    order_of_ride,
    queued,
    ride_order_id,
)
from ridecode.money.channels.silence import MEANINGS, Reasons, Silence, Silent
from ridecode.money.channels.wallet import WALLET, Wallet, top_up
from ridecode.money.channels.wechat import WeChatMerchant, WeChatPay, WeChatPlan
from ridecode.money.channels.working import Worked, work

__all__ = [
    "MEANINGS",
    "NOTHING",
    "NO_DIFFERENCES",
    "WALLET",
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
    "Differences",
    "Disputed",
    "Fact",
    "ForgedError",
    "Heard",
    "Hearing",
    "HttpLink",
    "Kept",
    "Link",
    "Order",
    "Paid",
    "Purse",
    "Reasons",
    "Refund",
    "RefundFailed",
    "Refunded",
    "Refused",
    "Repaid",
    "Said",
    "Signed",
    "Silence",
    "Silent",
    "Standing",
    "State",
    "Wallet",
    "WeChatMerchant",
    "WeChatPay",
    "WeChatPlan",
    "Withdrawn",
    "Worked",
    "add_bench_agreements",
    "add_differences",
    "agreements",
    "charge_number",
    "end",
    "excess",
    "hear",
    "hear_said",
    "heard_of",
    "journal_ids",
    "journals",
    "keep_orders",
    "look_up",
    "new_orders",
    "order_differences",
    "order_of_ride",
    "owed_more",
    "queued",
    "ride_order_id",
    "settled",
    "sign",
    "standing",
    "still_asked",
    "tell_owed",
    "top_up",
    "work",
]
