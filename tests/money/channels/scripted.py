"""A channel that says what a test tells it to, and remembers what it was asked."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import pytest

from ridecode.core import Tap
from ridecode.money import Booked, book_fares
from ridecode.money.channels import (
    Agreement,
    AgreementState,
    Answer,
    Ask,
    BillLine,
    Channel,
    Debtor,
    Differences,
    Fact,
    Order,
    Paid,
    Purse,
    Refunded,
    Said,
    Silence,
    Silent,
    Worked,
    order_differences,
    sign,
    work,
)
from ridecode.money.ledger import Ledger
from ridecode.riders.events import read_debts
from ridecode.store import Cell, log
from tests.rides.city import LATER, MIDNIGHT, pack, settled

CALENDAR = pack().calendar
DAY = CALENDAR.day(MIDNIGHT + 43_200_000_000)
NO_ANSWER = Silent(Silence.NO_ANSWER)


class Scripted:
    """The channel `wechat`: pays in full, unless `says` has something else for an order."""

    id = "wechat"
    purse = Purse.OUTSIDE
    batch_most = 2
    heard = Answer(200, {}, b"")

    def __init__(self) -> None:
        self.says: dict[int, list[Fact | Silent]] = {}
        """By amount, what it answers to charges of it, one after another; then it pays."""
        self.knows: dict[int, frozenset[Fact] | Silent] = {}
        """By amount, what it answers when it is asked after such an order."""
        self.gives: list[Fact | Silent] = []
        """What it answers to refunds, one after another; then it gives them."""
        self.charged: list[Ask] = []
        self.queried: list[Order] = []
        self.refunded: list[tuple[str, int]] = []

    def charge(self, asks: Sequence[Ask], now: int) -> list[Fact | Silent]:
        self.charged += asks
        return [
            script.pop(0) if (script := self.says.get(ask.order.amount)) else paid(ask.order)
            for ask in asks
        ]

    def query(self, orders: Sequence[Order], now: int) -> list[frozenset[Fact] | Silent]:
        self.queried += orders
        return [self.knows.get(order.amount, frozenset()) for order in orders]

    def refund(
        self, order: Order, paid: Paid, refund: UUID, amount: int, now: int
    ) -> Fact | Silent:
        self.refunded.append((paid.transaction, amount))
        return self.gives.pop(0) if self.gives else Refunded(refund, amount)

    def sign_up(self, account: str, number: str, now: int) -> str:
        return ""

    def agreement(self, contract: str, now: int) -> AgreementState | Silent:
        return AgreementState.STANDS

    def debtors(self, now: int) -> Iterator[Debtor]:
        return iter(())

    def bill(self, day: str, now: int) -> Iterator[BillLine]:
        return iter(())

    def hear(self, headers: Mapping[str, str], body: bytes, now: int) -> Said | None:
        return None


def paid(order: Order) -> Paid:
    return Paid("t" + order.number, order.amount)


def ledger() -> Ledger:
    return Ledger(pack().card_company.id)


def signed(cell: Cell, account: str = "1", channel: str = "wechat", now: int = LATER) -> None:
    purse = Purse.WALLET if channel == "wallet" else Purse.OUTSIDE
    agreement = Agreement(account=account, contract=f"{channel}-{account}", user="u" + account)
    sign(cell, agreement, channel, purse, "tencent", now)


def booked(cell: Cell, taps: list[Tap], now: int = LATER) -> Booked:
    settled(cell, taps)
    return book_fares(cell, pack(), now)


def killed_while_booking(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rides are booked one by one, and whoever books is killed behind the second."""

    def killed(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as small, pytest.raises(KeyboardInterrupt):
        small.setattr("ridecode.money.booking._CHUNK", 1)
        book_fares(cell, pack(), LATER, killed)


def worked(cell: Cell, channel: Channel, now: int = LATER) -> Worked:
    return work(cell, CALENDAR, ledger(), channel, lambda _: {}, lambda: now)


def closed(cell: Cell, day: int = DAY, now: int = LATER) -> Differences:
    """What the close of a day asks for, and gives back, beyond the orders of rides."""
    return order_differences(cell, CALENDAR, ledger(), day, now)


def debts(cell: Cell) -> list[tuple[str, int]]:
    """All that was told: account, and what it owes more."""
    with cell.connection() as conn:
        return [
            (one.who, one.amount)
            for batch in log.read(conn, "debts", 0)
            for one in read_debts(batch.body)
        ]


def owes(cell: Cell, account: str = "1") -> int:
    return sum(amount for who, amount in debts(cell) if who == account)
