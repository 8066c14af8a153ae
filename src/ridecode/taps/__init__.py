"""Taps (刷码记录): every reading at a validator, kept once, by whatever road and however often.

In: sets of `core.Tap`; card companies' files, in formats that the city pack describes. Out: a
receipt for every tap; taps of an account, of a set of accounts, and whose taps are new.
Never: a ride, a price, or the loss of a row: what cannot be read or contradicts is kept as such.
"""

from ridecode.taps.db import new_accounts, taps_of_accounts
from ridecode.taps.facts import Charged, Conflict, NewAccounts, Receipt, UnknownNames
from ridecode.taps.reading import charged_of, conflicts, tap, taps_of
from ridecode.taps.recording import record

__all__ = [
    "Charged",
    "Conflict",
    "NewAccounts",
    "Receipt",
    "UnknownNames",
    "charged_of",
    "conflicts",
    "new_accounts",
    "record",
    "tap",
    "taps_of",
    "taps_of_accounts",
]
