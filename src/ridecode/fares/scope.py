"""Which rides a fare or rule is for: by product, account class and state."""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from ridecode.core import RideState, Words
from ridecode.fares.times import Times


class AccountClass(IntEnum):
    """The kind of account (field 8 of the ride code), which decides concessions."""

    UNKNOWN = 0
    """Read from a file that does not say it; priced as ORDINARY."""
    ORDINARY = 1
    STUDENT = 2
    SENIOR = 3
    TEST = 4
    SOLDIER = 5

    @property
    def words(self) -> Words:
        return _WORDS[self]


_WORDS = {
    AccountClass.UNKNOWN: Words(zh="未知账户", en="Unknown account"),
    AccountClass.ORDINARY: Words(zh="普通", en="Ordinary"),
    AccountClass.STUDENT: Words(zh="学生", en="Student"),
    AccountClass.SENIOR: Words(zh="老人", en="Senior"),
    AccountClass.TEST: Words(zh="测试账户", en="Test account"),
    AccountClass.SOLDIER: Words(zh="军人", en="Soldier"),
}


def account_class(account_type: int) -> AccountClass:
    """The class that prices an account: one that is unknown, or not of the standard, is ordinary.

    A card company's file does not tell the class, and to charge such a card the fare of most
    riders is off less often than any other guess.
    """
    known = AccountClass.ORDINARY <= account_type <= AccountClass.SOLDIER
    return AccountClass(account_type) if known else AccountClass.ORDINARY


NAMED: Final[tuple[AccountClass, ...]] = tuple(
    account for account in AccountClass if account is not AccountClass.UNKNOWN
)
"""The classes that a tariff may name."""


class Scope(Struct, frozen=True):
    """The rides that are meant; without accounts, all accounts."""

    products: tuple[str, ...]
    accounts: tuple[AccountClass, ...] = ()
    on: tuple[RideState, ...] = (RideState.COMPLETE,)
    when: tuple[Times, ...] = ()
    """Rides that start in any of them; without, at any time."""

    @property
    def classes(self) -> tuple[AccountClass, ...]:
        """The classes that are meant; UNKNOWN is priced as ORDINARY, never on its own."""
        return self.accounts or NAMED

    def takes(self, product: str, account: AccountClass) -> bool:
        return product in self.products and (not self.accounts or account in self.accounts)

    def now(self, ts: int) -> bool:
        """Whether a ride that starts then (UTC epoch microseconds) may be meant."""
        return not self.when or any(times.at(ts) for times in self.when)

    def moves(self, product: str, account: AccountClass, state: RideState) -> bool:
        return state in self.on and self.takes(product, account)
