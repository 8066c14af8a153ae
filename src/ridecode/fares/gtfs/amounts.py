"""Decimal amounts of a feed as whole numbers of the currency's smallest unit."""

from re import fullmatch
from typing import Final

from ridecode.fares.gtfs.tables import Row
from ridecode.fares.money import Money
from ridecode.fares.reading_scope import MOST

_NONE: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
"""ISO 4217: the currencies without and with three digits; all others have two."""


def money_of(row: Row, key: str) -> Money:
    """The currency of an amount, shown by its code."""
    code = row.text(key)
    if not fullmatch("[A-Z]{3}", code):
        raise row.error(f"{key} is {code!r}", "a currency of ISO 4217, such as EUR")
    return Money(code, 0 if code in _NONE else 3 if code in _THREE else 2, f"{code} ")


def amount_of(row: Row, key: str, digits: int) -> int:
    """An amount, which must be whole in the smallest unit: 2.5000 is 250, 2.505 is refused."""
    text = row.text(key)
    found = fullmatch(r"(\d{1,9})(?:\.(\d{0,12}))?", text)
    if found is None or not text.isascii():
        raise row.error(f"{key} is {text!r}", "an amount of money, such as 2.50")
    part = (found[2] or "").rstrip("0")
    if len(part) > digits:
        raise row.error(f"{key} is {text!r}", f"at most {digits} digits behind the point")
    amount = int(found[1] + part.ljust(digits, "0"))
    if amount > MOST:
        raise row.error(f"{key} is {text!r}", f"at most {MOST} of the smallest unit")
    return amount
