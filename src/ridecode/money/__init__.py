"""Money: every fen from a ride's price to the card company's day.

In: stored prices and their versions, payment channels and what they say, the pack's card company.
Out: charges, postings, settlement files, and the way from any line back to the tap.
Never: a fen that moves without two accounts, or past the card company's.
"""

from ridecode.money import ledger
from ridecode.money.booking import Booked, book_fares

__all__ = ["Booked", "book_fares", "ledger"]
