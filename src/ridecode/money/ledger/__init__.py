"""The ledger: a city's books, double entry, append-only, in integer fen.

In: journals, each an amount that moves along a flow of the chart, in the transaction of whoever has
the fact. Out: of each journal what became of it; the balance of any account at any moment; a
business day that is closed once, its lines as a file, and one hash over them.
Never: a line changed or taken back (a correction is another journal), a way around the card
company's accounts, a fraction of a fen.
"""

from ridecode.money.ledger.audit import Audit, Fault, Finding, audit_day
from ridecode.money.ledger.bench import bench_ledger
from ridecode.money.ledger.chart import FLOWS, Account, Flow, Kind
from ridecode.money.ledger.dayfile import DaySum, Seal
from ridecode.money.ledger.days import (
    Day,
    TrialLine,
    check_turn,
    close_day,
    closed_days,
    closed_so_far,
    is_closed,
    last_closed,
    next_day,
    seal_day,
    trial_balance,
)
from ridecode.money.ledger.db import Where
from ridecode.money.ledger.journal import PARTY, Journal, Line, Outcome, open_day
from ridecode.money.ledger.posting import Ledger
from ridecode.money.ledger.reading import balance, latest_of, line_numbered, lines_of, lines_with

__all__ = [
    "FLOWS",
    "PARTY",
    "Account",
    "Audit",
    "Day",
    "DaySum",
    "Fault",
    "Finding",
    "Flow",
    "Journal",
    "Kind",
    "Ledger",
    "Line",
    "Outcome",
    "Seal",
    "TrialLine",
    "Where",
    "audit_day",
    "balance",
    "bench_ledger",
    "check_turn",
    "close_day",
    "closed_days",
    "closed_so_far",
    "is_closed",
    "last_closed",
    "latest_of",
    "line_numbered",
    "lines_of",
    "lines_with",
    "next_day",
    "open_day",
    "seal_day",
    "trial_balance",
]
