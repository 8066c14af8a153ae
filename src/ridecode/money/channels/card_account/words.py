"""The card account's words, as they stand on the wire: `docs/channels-card-account.md`.

Money is fen; numbers are 32 hexadecimal digits; fields that are not known here are passed over, so
that a later version may add some.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ridecode.money.channels.order import NUMBER

Fen = Annotated[int, Meta(gt=0, lt=10**15)]
Count = Annotated[int, Meta(ge=0)]
Transaction = Annotated[str, Meta(pattern=rf"\A{NUMBER}\Z")]


class AskedCharge(Struct, frozen=True, gc=False):
    number: str
    contract: str
    amount: int
    ridden_at: int
    """UTC epoch seconds."""
    line: str


class AskedCharges(Struct, frozen=True):
    """POST /v1/charges."""

    charges: list[AskedCharge]


class Numbers(Struct, frozen=True):
    """POST /v1/charges/query."""

    numbers: list[str]


class Payment(Struct, frozen=True, gc=False):
    transaction: Transaction
    amount: Fen


class Charge(Struct, frozen=True, gc=False):
    """How a charge stands: in answers, and in what is told."""

    number: str
    state: Literal["unknown", "accepted", "refused", "paid"]
    payments: tuple[Payment, ...] = ()
    """One where it is paid; more are a fault, and told."""
    reason: str = ""


class Charges(Struct, frozen=True):
    charges: list[Charge]


class AskedRefund(Struct, frozen=True):
    """POST /v1/refunds."""

    refund: str
    number: str
    transaction: str
    amount: int


class Refund(Struct, frozen=True):
    refund: str
    state: Literal["given", "pending", "failed"]
    amount: Count = 0
    """What was given, where it was."""
    reason: str = ""


class AskedAgreement(Struct, frozen=True):
    """POST /v1/agreements."""

    number: str
    account: str


class Opened(Struct, frozen=True):
    number: str
    open: Annotated[str, Meta(pattern="^https://")]
    """Where the rider agrees."""


class AgreementTold(Struct, frozen=True):
    """GET /v1/agreements/{contract}."""

    contract: str
    state: Literal["stands", "overdue", "blocked", "ended"]


class BlockedUser(Struct, frozen=True):
    contract: str
    user: str


class Blocked(Struct, frozen=True):
    """GET /v1/blocked?after={contract}."""

    blocked: list[BlockedUser]
    is_last: bool


class BillHead(Struct, frozen=True):
    """The first line of GET /v1/bills/{day}; the sums of all that follow it."""

    day: str
    payments: Count
    paid: Count
    refunds: Count
    refunded: Count
    fees: int


class BillRow(Struct, frozen=True, gc=False):
    number: str
    transaction: str
    amount: Fen
    fee: int = 0
    refund: str = ""


class Trouble(Struct, frozen=True):
    """The body of every status from 400."""

    error: str
