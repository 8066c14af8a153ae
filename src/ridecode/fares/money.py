"""How an amount of the city's money is written."""

from msgspec import Struct


class Money(Struct, frozen=True):
    """The currency of a tariff: amounts are whole numbers of 10 to the −`minor_digits` of it."""

    code: str
    minor_digits: int
    symbol: str

    def say(self, amount: int) -> str:
        """An amount as people read it: ¥5.30, −¥0.40, ¥178."""
        sign = "−" if amount < 0 else ""
        return f"{sign}{self.symbol}{_decimal(abs(amount), self.minor_digits)}"


def say_km(metres: int) -> str:
    """Metres as kilometres, without the zeros that say nothing: 4, 22.4, 0.85."""
    whole, _, part = _decimal(metres, 3).partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def _decimal(amount: int, digits: int) -> str:
    if digits == 0:
        return str(amount)
    whole, part = divmod(amount, 10**digits)
    return f"{whole}.{part:0{digits}}"
