"""What every payment channel (支付渠道) is to us, whatever it is called and however it speaks.

A channel is a client over a `Link`: it words and signs requests, checks and reads answers, and says
facts. It keeps nothing, retries nothing and never guesses: where an answer did not come, or cannot
be trusted, it is `Silent` and says why, and the same order is sent again or asked after by its one
number.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from ridecode.core import Mode, RefusedError
from ridecode.money.channels.order import Fact, Order, Paid, Purse
from ridecode.money.channels.silence import Silence, Silent


class Answer(Struct, frozen=True):
    """What came back over a link."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes

    @property
    def is_busy(self) -> bool:
        """Whether its status says that the other side cannot now."""
        return self.status == 429 or self.status >= 500


def not_heard(answer: Answer | None) -> Silent:
    """Why nothing is believed of what came without the channel's signature, if anything came.

    What stands before a channel says that it is busy, and signs nothing: so that is taken from the
    status. No word of the answer is.
    """
    if answer is None:
        return Silent(Silence.NO_ANSWER)
    return Silent(Silence.BUSY if answer.is_busy else Silence.NOT_SIGNED)


def not_done(answer: Answer, code: str = "") -> Silent:
    """Why a signed answer that is no success says nothing; `code` is its own word for it."""
    if answer.is_busy:
        return Silent(Silence.BUSY, code)
    is_ours = 400 <= answer.status < 500
    return Silent(Silence.OUR_MISTAKE if is_ours else Silence.UNREADABLE, code)


class Link(Protocol):
    """The way to a channel's server."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        """Send one request; `target` is path and query. None where no answer came: the other side
        may or may not have heard it."""


class ForgedError(RefusedError):
    """What claims to come from a channel does not bear its signature: it is not heard."""


class Carried(Struct, frozen=True, kw_only=True):
    """The ride that an order is for, as far as channels tell their users of it."""

    mode: Mode
    line: str
    """Name of the line, or its id; may be empty, as may the stops and the vehicle."""
    entry_stop: str
    exit_stop: str
    vehicle: str
    started: int
    """UTC epoch microseconds."""
    ended: int


class Agreement(Struct, frozen=True, kw_only=True):
    """That a rider's account may be charged by a channel (签约)."""

    account: str
    """Card account."""
    contract: str
    """The channel's own number of it."""
    user: str
    """Who it is to the channel: an open id, a user id."""


class Ask(Struct, frozen=True):
    """An order as it is put to a channel."""

    order: Order
    agreement: Agreement
    carried: Carried | None
    """None for the difference of a day, which is of several rides."""


class AgreementState(IntEnum):
    """How an agreement stands at its channel. The numbers are frozen."""

    STANDS = 1
    OVERDUE = 2
    """The user owes the channel, which takes nothing new before that is repaid."""
    BLOCKED = 3
    """The channel has blocked the user, whatever the reason."""
    ENDED = 4
    """The user has ended it, or there never was one."""


class Debtor(Struct, frozen=True):
    """A user of whom a channel says that nothing can be taken (黑名单)."""

    user: str
    contract: str
    """Empty where the channel names the user alone."""


class BillLine(Struct, frozen=True):
    """One movement on the bill that a channel gives of a day (账单)."""

    number: str
    """Number of the order."""
    transaction: str
    """The channel's number of the payment."""
    refund: str
    """Number of the refund; empty for a payment."""
    amount: int
    """Fen, above zero."""
    fee: int
    """What the channel keeps of it, fen; below zero where it gives some back."""


class Said(Struct, frozen=True):
    """What a channel said of one order, by itself."""

    order_id: UUID
    fact: Fact


class Channel(Protocol):
    """One payment channel. Where a set is given, the answers have its order. Where nothing certain
    came back, the answer is `Silent`.

    No method raises for what the other side does or leaves undone, but `hear`, `bill`, `debtors`
    and `sign_up`; a caller's own mistake (more than `batch_most` orders) is an `AssertionError`.
    """

    @property
    def id(self) -> str:
        """As the pack names it; party of its accounts in the ledger."""

    @property
    def purse(self) -> Purse: ...

    @property
    def batch_most(self) -> int:
        """How many orders one `charge` may have."""

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        """Ask for the money; asking again for an order that was asked for takes nothing more.

        Mostly `Accepted`, and the rest by `hear` or `query`. `now` is UTC epoch microseconds.
        """

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        """All that the channel knows of orders, without their refunds; an empty set for one that
        it does not know."""

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        """Give back some of a payment; `Refunded` or `RefundFailed`. Where neither is certain yet,
        ask again with the same number, which gives back nothing more."""

    def sign_up(self, account: str, number: str, now: int) -> str:
        """What the rider's app opens so that its user agrees (签约); `number` is ours for it.

        Raises `UnavailableError`.
        """

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        """How an agreement stands."""

    def debtors(self, now: int) -> Iterator[Debtor]:
        """Everybody whom the channel has blocked, where it gives such a list, else nobody; raises
        `UnavailableError` where the list breaks off."""

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        """The channel's bill of a calendar day, as 2018-09-01; raises `UnavailableError` where it
        is not there yet, `BadInputError` where it is not what its own totals say."""

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        """Read what the channel tells by itself (回调); None for what is of no order.

        Raises `ForgedError` where the signature does not hold, `BadInputError` for what was
        signed and cannot be read.
        """

    @property
    def heard(self) -> Answer:
        """What it is answered once that is in the books; anything else makes it tell again."""
