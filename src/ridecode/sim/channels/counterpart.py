"""What every counterpart can do, and each way in which it may misbehave."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Protocol, TypeAlias

from msgspec import Struct

from ridecode.money.channels import Answer


class Mischief(IntEnum):
    """What goes wrong with one charge or refund. A counterpart with none of them is honest."""

    NEVER_CAME = 1
    """The request is lost on its way: nothing happens, no answer."""
    SILENT_SUCCESS = 2
    """It is carried out and the answer is lost (超时已成功)."""
    CALLBACK_TWICE = 3
    CALLBACK_LATE = 4
    """It is told only after `counterpart.hours_pass`."""
    CALLBACK_NEVER = 5
    CALLBACK_REORDERED = 6
    """What happened later is told first."""
    CALLBACK_FORGED = 7
    """Beside the true one comes one with a signature that does not hold, of another amount."""
    ANSWER_FORGED = 8
    """The answer does not bear the counterpart's signature, and says what is not so."""
    REFUSED = 9
    """The user has no money there."""
    ADVANCED = 10
    """The counterpart pays and the user owes it (垫资); where a counterpart knows no such thing it
    is REFUSED."""
    MORE_TAKEN = 11
    """A wrong amount: a fen more than was asked for."""
    LESS_TAKEN = 12
    TAKEN_TWICE = 13
    """Two payments of the counterpart's for one order."""
    REFUND_IN_PART = 14
    """Of a refund half is given at first, the rest when it is asked for again."""
    REFUND_FAILS = 15
    BUSY = 16
    """It answers that it has too much to do (429 or its own way to say so)."""


Plan: TypeAlias = Callable[[str], Mischief | None]
"""What goes wrong with an order, by its number; asked once for each, at its first request."""


def honest(_: str) -> None:
    """Nothing ever goes wrong."""


class Moved(Struct, frozen=True):
    """The truth about one order: all that the counterpart really moved; fen."""

    taken: int = 0
    given_back: int = 0
    advanced: int = 0
    """Of what was taken the part that its user still owes."""


class Told(Struct, frozen=True):
    """One callback, as it would come over HTTP."""

    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


class Counterpart(Protocol):
    """One channel's server. It is itself a `Link`, so that no network is needed in between."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        """Answer a request; None where the answer is lost."""

    def told(self) -> list[Told]:
        """The callbacks that are due, in the order in which they are sent; each is told once."""

    def hours_pass(self) -> None:
        """Everything that was late or waiting is due now."""

    def sign(self, contract: str, user: str) -> None:
        """A user agrees to be charged under a contract's number."""

    def repay(self, number: str) -> None:
        """The user of an order pays what the counterpart advanced or could not take."""

    def truth(self) -> Mapping[str, Moved]:
        """Of every order's number what was really moved; nothing for one that moved nothing."""
