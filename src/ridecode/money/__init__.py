"""Money: every fen from a ride's price to the card company's day.

In: stored prices and their versions, payment channels and what they say, the pack's card company.
Out: charges, postings, settlement files, and the way from any line back to the tap.
Never: a fen that moves without two accounts, or past the card company's.
"""

from ridecode.money import channels, clearing, ledger
from ridecode.money.booking import Booked, book_fares
from ridecode.money.carried import carried_by
from ridecode.money.closing import Closed, Step, close_day
from ridecode.money.rules import ChannelTerms, MoneyRules, Speaks, read_rules
from ridecode.money.trace import Trace, trace_line

__all__ = [
    "Booked",
    "ChannelTerms",
    "Closed",
    "MoneyRules",
    "Speaks",
    "Step",
    "Trace",
    "book_fares",
    "carried_by",
    "channels",
    "clearing",
    "close_day",
    "ledger",
    "read_rules",
    "trace_line",
]
