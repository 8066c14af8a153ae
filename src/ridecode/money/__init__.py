"""Money: every fen from a ride's price to the card company's day.

In: stored prices and their versions, payment channels and what they say, the pack's card company.
Out: charges, postings, settlement files, and the way from any line back to the tap.
Never: a fen that moves without two accounts, or past the card company's.
"""

from ridecode.money import channels, clearing, ledger
from ridecode.money.agreeing import agree, unsigned
from ridecode.money.bench import bench_city_day
from ridecode.money.booking import Booked, book_fares
from ridecode.money.carried import carried_by
from ridecode.money.closing import Closed, Step, close_day
from ridecode.money.connecting import connect, connected
from ridecode.money.following import Followed, follow
from ridecode.money.rules import CHANNELS, ChannelTerms, MoneyRules, read_rules
from ridecode.money.trace import (
    Ordered,
    Posted,
    Trace,
    trace_line,
    trace_of,
)

__all__ = [
    "CHANNELS",
    "Booked",
    "ChannelTerms",
    "Closed",
    "Followed",
    "MoneyRules",
    "Ordered",
    "Posted",
    "Step",
    "Trace",
    "agree",
    "bench_city_day",
    "book_fares",
    "carried_by",
    "channels",
    "clearing",
    "close_day",
    "connect",
    "connected",
    "follow",
    "ledger",
    "read_rules",
    "trace_line",
    "trace_of",
    "unsigned",
]
