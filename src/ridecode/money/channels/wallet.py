"""The rider's wallet (储值), which the card company holds: a channel with nobody on the other side.

It says yes to everything; whether there is enough is the ledger's to say, which refuses to overdraw
a wallet, and then the order counts as refused. No order can thus be paid from money that is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from ridecode.core import BusinessCalendar, RefusedError, derived_id
from ridecode.money.channels import due
from ridecode.money.channels.contract import (
    AgreementState,
    Answer,
    Ask,
    BillLine,
    Debtor,
    ForgedError,
    Said,
)
from ridecode.money.channels.order import Fact, Order, Paid, Purse, Refunded
from ridecode.money.channels.silence import Silent
from ridecode.money.ledger import (
    Flow,
    Journal,
    Ledger,
    Outcome,
    last_closed,
    lines_with,
    open_day,
)
from ridecode.store import Cell

WALLET: Final = "wallet"


class Wallet:
    """The channel `wallet`."""

    id = WALLET
    purse = Purse.WALLET
    batch_most = 10_000
    heard = Answer(404, {}, b"")

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        return [Paid(ask.order.number, ask.order.amount) for ask in asks]

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        """What is not in the books was never taken."""
        return [frozenset() for _ in orders]

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        return Refunded(refund, amount)

    def sign_up(self, account: str, number: str, now: int) -> str:
        """Nothing has to be opened: a wallet is there with its account."""
        return ""

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        return AgreementState.STANDS

    def debtors(self, now: int) -> Iterator[Debtor]:
        return iter(())

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        """Its movements are in the books alone."""
        return iter(())

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        raise ForgedError("A wallet tells nothing by itself.", "Refuse it.")


def top_up(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, account: str, channel: str,
    transaction: str, amount: int, now: int,
) -> None:  # fmt: skip
    """A rider has paid into the wallet by a channel; told again it changes nothing.

    What the rider owes of what the wallet had not is asked for again at once.
    `transaction` is the channel's number of the payment, `amount` fen. Raises `RefusedError` where
    the same payment came with another amount or account.
    """
    fact = f"top-up {channel} {transaction}".encode()
    # Of no moment, so that the same payment is the same journal whenever it is told.
    journal_id = derived_id(0, fact)
    with cell.connection() as conn:
        day = open_day(calendar.day(now), last_closed(conn))
        for known in lines_with(conn, [journal_id]):
            day = known.journal.day
        journal = Journal(
            journal_id, Flow.TOPPED_UP, channel, account, amount, day,
            derived_id(0, b"payment " + fact),
        )  # fmt: skip
        (outcome,) = ledger.post(conn, [journal], now)
    if outcome not in (Outcome.POSTED, Outcome.EXISTS):
        raise RefusedError(
            f"The payment {transaction} of {channel} into a wallet is refused: {outcome.name}.",
            "Compare it with what was told of it before.",
        )
    # In a transaction of its own, for whoever holds the ledger waits for no order.
    with cell.connection() as conn:
        due.look_again(conn, account, WALLET, now)
