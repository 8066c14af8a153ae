"""What a counterpart really moved, and which mischief an order meets, in no channel's own words.

A charge is taken once for its number, however often it comes; a refund once for its own. What was
refused is taken when it is asked for again after its user has paid, or at once by that paying.
"""

from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct, field

from ridecode.sim.channels.counterpart import Mischief, Moved, Plan


class Payment(Struct):
    """What was taken at once, and by number what was given back of it; fen."""

    transaction: str
    amount: int
    day: str
    given: dict[str, int] = field(default_factory=dict)
    given_days: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    """Numbers of refunds of which only a part is given."""


class Taking(Struct):
    """One order, by its number."""

    number: str
    amount: int
    """As it was asked for; fen."""
    user: str
    contract: str
    mischief: Mischief | None
    payments: list[Payment] = field(default_factory=list)
    is_refused: bool = False


class Returning(IntEnum):
    """What became of a request for a refund."""

    GIVEN = 1
    GIVEN_BEFORE = 2
    BEGUN = 3
    """A part was given; the rest is when it is asked for again."""
    NEVER = 4
    TOO_MUCH = 5
    UNKNOWN = 6
    """There is no such payment."""


class Till:
    """The money of one counterpart."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._met: dict[str, Mischief | None] = {}
        self.takings: dict[str, Taking] = {}

    def mischief(self, number: str) -> Mischief | None:
        if number not in self._met:
            self._met[number] = self._plan(number)
        return self._met[number]

    def falls(self, mischief: Mischief, numbers: list[str]) -> bool:
        """Whether one of the orders of a request meets it now; none of them meets it again."""
        hit = [number for number in numbers if self.mischief(number) is mischief]
        for number in hit:
            self._met[number] = None
        return bool(hit)

    def charge(self, number: str, amount: int, user: str, contract: str, day: str) -> Taking:
        """Take it, or refuse it, unless it was taken."""
        mischief = self.mischief(number)
        found = self.takings.get(number)
        if found is None:
            found = Taking(number, amount, user, contract, mischief)
            found.is_refused = mischief in (Mischief.REFUSED, Mischief.ADVANCED)
            self.takings[number] = found
        if not found.payments and not found.is_refused:
            self._take(found, day)
        return found

    def repay(self, number: str, day: str) -> Taking | None:
        """Its user pays what could not be taken; None where nothing is owed."""
        found = self.takings.get(number)
        if found is None or not found.is_refused:
            return None
        found.is_refused = False
        self._take(found, day)
        return found

    def refund(
        self, taking: Taking, transaction: str, number: str, amount: int, day: str
    ) -> Returning:
        payment = next((one for one in taking.payments if one.transaction == transaction), None)
        if payment is None:
            return Returning.UNKNOWN
        before = payment.given.get(number, 0)
        if before == amount:
            return Returning.GIVEN_BEFORE
        if taking.mischief is Mischief.REFUND_FAILS:
            return Returning.NEVER
        if sum(payment.given.values()) - before + amount > payment.amount:
            return Returning.TOO_MUCH
        is_part = taking.mischief is Mischief.REFUND_IN_PART and not before and amount > 1
        payment.given[number] = amount // 2 if is_part else amount
        payment.given_days[number] = day
        payment.begun = payment.begun | {number} if is_part else payment.begun - {number}
        return Returning.BEGUN if is_part else Returning.GIVEN

    def blocked(self) -> list[tuple[str, str]]:
        """Contract and user of everybody who owes, in order."""
        return sorted({(one.contract, one.user) for one in self.takings.values() if one.is_refused})

    def truth(self) -> Mapping[str, Moved]:
        return {
            number: Moved(
                sum(payment.amount for payment in one.payments),
                sum(sum(payment.given.values()) for payment in one.payments),
            )
            for number, one in self.takings.items()
            if one.payments
        }

    def _take(self, taking: Taking, day: str) -> None:
        amount = taking.amount
        if taking.mischief is Mischief.MORE_TAKEN:
            amount += 1
        elif taking.mischief is Mischief.LESS_TAKEN:
            # Of nothing no channel says that it was paid.
            amount = max(amount - 1, 1)
        times = 2 if taking.mischief is Mischief.TAKEN_TWICE else 1
        for nth in range(times):
            name = f"{day.replace('-', '')}{taking.number}{nth}"
            taking.payments.append(Payment(name, amount, day))
