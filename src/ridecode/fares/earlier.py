"""What earlier rides leave to the next one: totals for caps and tiers, the last ride for transfers.

`Earlier` knows nothing of any tariff version, so that it can be stored beside a price and rating
can begin again behind any ride.
"""

from typing import Final

from msgspec import Struct

WEEK_FROM: Final = 3
"""Days from a Monday to 1970-01-01."""

Paid = tuple[tuple[str, int], ...]
"""What was paid by product, in the order in which the products were first ridden."""

_NEVER: Final = -1_000_000


class Way(Struct, frozen=True, gc=False, array_like=True):
    """What the last ride leaves to one that goes on from it; times are UTC epoch microseconds."""

    fare: str
    """The fare that priced it."""
    first_start: int
    first_end: int
    """Of the first of the rides that went on, one from another."""
    last_start: int
    last_end: int
    onward: int
    """How many went on since the first."""
    origin: str
    """Where the first began."""
    stop: str
    """Where the last ended."""
    metres: int | None
    full: int
    """All metres, and the full fares that were asked for together."""


class Earlier(Struct, frozen=True, gc=False, array_like=True):
    """What an account's rides up to and including one leave to the next.

    Only complete rides count into the totals: what a missing tap costs eats no cap and buys no
    tier. `day` and `month` are the business day and month to which the totals belong; the week
    is that of `day`, from Monday on.
    """

    day: int
    month: int
    day_paid: Paid
    month_paid: Paid
    last_product: str
    last_line: str
    last_end: int | None
    """When the last ride ended, UTC epoch microseconds; None where it opens no transfer, because
    there is none or it was an exception."""
    transfers: int
    """How many rides in a row, up to the last, were discounted as transfers."""
    week_paid: Paid = ()
    way: Way | None = None
    """None where the last ride's fare opens no other."""


NOTHING_EARLIER: Final = Earlier(_NEVER, _NEVER, (), (), "", "", None, 0)


def week(day: int) -> int:
    """The week of a business day, as a count of Mondays."""
    return (day + WEEK_FROM) // 7


def paid(totals: Paid, products: tuple[str, ...]) -> int:
    """What was paid for some products together."""
    total = 0
    for product, amount in totals:
        if product in products:
            total += amount
    return total


def paid_more(totals: Paid, product: str, amount: int) -> Paid:
    """The totals after one more payment; nothing changes by a payment of 0."""
    if amount == 0:
        return totals
    for at, (known, before) in enumerate(totals):
        if known == product:
            return (*totals[:at], (product, before + amount), *totals[at + 1 :])
    return (*totals, (product, amount))
