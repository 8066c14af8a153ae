"""The contract test kit: the card company's side of any channel, and what a channel has to give.

A rig is a channel wired to its counterpart. `rigs.py` has one entry for each channel, and
`test_every_order.py` and `test_every_message.py` put every entry through every test. What a
counterpart cannot do wrong is left out of its entry, so no test is skipped.

    class Entry    one channel of the list: how its rig is made, what can go wrong with it
    class Stranger whoever else may sit at the end of a channel's link
    class Relay    a link that sticks at an answer
    class Rig      the channel, its counterpart, and the clock that both go by
    class Office   orders, what was heard of each, and the hour's work: charge, listen, ask, refund
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.core import MICROS, Mode, UnavailableError, day_named, derived_id, from_iso
from ridecode.money.channels import (
    NOTHING,
    Agreement,
    Answer,
    Ask,
    BillLine,
    Carried,
    Channel,
    Fact,
    ForgedError,
    Heard,
    Link,
    Order,
    Paid,
    Refunded,
    RefundFailed,
    Silence,
    Silent,
    Standing,
    State,
    excess,
    hear,
    journals,
    standing,
)
from ridecode.money.ledger import Account, Journal
from ridecode.sim.channels import Counterpart, Mischief, Plan, Told

DAY: Final = "2018-09-03"
"""The calendar day on which everything moves."""
MORNING: Final = from_iso(f"{DAY}T08:00:00+08:00")
HOUR: Final = 3_600 * MICROS
NO_ANSWER: Final = Silent(Silence.NO_ANSWER)
NOT_SIGNED: Final = Silent(Silence.NOT_SIGNED)
UNREADABLE: Final = Silent(Silence.UNREADABLE)
BUSY: Final = Silent(Silence.BUSY)
ROUNDS: Final = 5
"""Hours after which every order has come to its end, whatever went wrong with it once."""
BILL_AT: Final = MORNING + 28 * HOUR
"""When the bill of that day is there."""


class Clock:
    """The time of a test: it passes when it is told to."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> int:
        return self.now


class Rig(Struct, frozen=True):
    """A channel and its other side."""

    channel: Channel
    counterpart: Counterpart
    clock: Clock


class Stranger:
    """A link at whose end somebody else sits, who answers what he likes."""

    def __init__(self) -> None:
        self.answer: Answer | None = None

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        return self.answer


class Relay:
    """A link that gives its last answer again where it is told to, whatever was asked."""

    def __init__(self, end: Link) -> None:
        self._end = end
        self._last: Answer | None = None
        self.is_stuck = False

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        if not self.is_stuck:
            self._last = self._end(method, target, headers, body)
        return self._last


class Entry(Struct, frozen=True):
    """One channel of the list."""

    name: str
    make: Callable[[Plan, Clock], Rig]
    over: Callable[[Link], Channel] | None
    """The same channel with the same keys over any link; None for one that has no server."""
    mischiefs: frozenset[Mischief] = frozenset(Mischief)
    """What its counterpart can do wrong."""

    def rig(self, plan: Plan) -> Rig:
        return self.make(plan, Clock())

    def with_a_stranger(self) -> tuple[Channel, Stranger]:
        assert self.over, f"{self.name} has no server"
        stranger = Stranger()
        return self.over(stranger), stranger


def ask_of(channel: Channel, n: int, amount: int = 300) -> Ask:
    """The ask number `n`, above zero: its rider, contract and ride are its own. Every fifth is of
    no single ride, and the others are of every mode."""
    order = Order(
        order_id=derived_id(MORNING, b"order %d" % n), account=f"r{n}", channel=channel.id,
        purse=channel.purse, amount=amount, about=UUID(int=n), made_at=MORNING,
    )  # fmt: skip
    agreement = Agreement(account=order.account, contract=f"{n:020}", user=f"2088{n:012}")
    modes = list(Mode)
    carried = Carried(
        mode=modes[n % len(modes)], line=f"{n}路", entry_stop="少年宫", exit_stop="" if n % 2 else
        "福田口岸", vehicle="粤B·D12345", started=MORNING - HOUR + n, ended=MORNING - HOUR // 2,
    )  # fmt: skip
    return Ask(order, agreement, carried if n % 5 else None)


class _Gift(Struct, frozen=True):
    """A refund that was asked for: asked again, it is asked in the same words."""

    order: Order
    paid: Paid
    amount: int


class Office:
    """The card company at its channel, as simple as it can be and still lose nothing."""

    def __init__(self, rig: Rig, asks: Iterable[Ask]) -> None:
        """Every ask's user has agreed to be charged."""
        self.rig, self.asks = rig, list(asks)
        self.heard: dict[UUID, Heard] = {one.order.order_id: NOTHING for one in self.asks}
        self.booked: dict[UUID, Journal] = {}
        self.forged: list[Told] = []
        self._gifts: dict[UUID, _Gift] = {}
        for one in self.asks:
            rig.counterpart.sign(one.agreement.contract, one.agreement.user)

    def note(self, order_id: UUID, facts: Iterable[Fact]) -> None:
        (order,) = (one.order for one in self.asks if one.order.order_id == order_id)
        for fact in facts:
            for one in journals(order, self.heard[order_id], fact, day_named(DAY)):
                self.booked[one.journal_id] = one
            self.heard[order_id] = hear(self.heard[order_id], fact)

    def balance(self, account: Account) -> int:
        """Debits minus credits."""
        debits = sum(one.amount for one in self.booked.values() if one.debited == account)
        return debits - sum(one.amount for one in self.booked.values() if one.credited == account)

    def charge(self, asks: Iterable[Ask]) -> None:
        """As many at once as the channel takes."""
        left, most = list(asks), self.rig.channel.batch_most
        for at in range(0, len(left), most):
            some = left[at : at + most]
            said = self.rig.channel.charge(some, self.rig.clock.now)
            for one, fact in zip(some, said, strict=True):
                self.note(one.order.order_id, _told(fact))

    def listen(self) -> None:
        """Hear what is told; what is forged is laid aside."""
        for told in self.rig.counterpart.told():
            try:
                said = self.rig.channel.hear(told.headers, told.body, self.rig.clock.now)
            except ForgedError:
                self.forged.append(told)
            else:
                if said:
                    self.note(said.order_id, [said.fact])

    def query(self, orders: Iterable[Order]) -> None:
        asked = list(orders)
        said = self.rig.channel.query(asked, self.rig.clock.now)
        for order, facts in zip(asked, said, strict=True):
            self.note(order.order_id, () if isinstance(facts, Silent) else facts)

    def refund(self) -> None:
        """Ask for what is not given back yet."""
        for number, gift in self._gifts.items():
            if not self._is_done(number, gift):
                fact = self.rig.channel.refund(
                    gift.order, gift.paid, number, gift.amount, self.rig.clock.now
                )
                self.note(gift.order.order_id, _told(fact))

    def give_back(self, order: Order, wanted: int) -> None:
        """Decide to give back so much of what was paid; nothing is asked yet."""
        paid = [one for one in self.heard[order.order_id] if isinstance(one, Paid)]
        for one in sorted(paid, key=lambda one: one.transaction):
            number = derived_id(order.made_at, f"{order.number} {one.transaction}".encode())
            while number in self._gifts:
                number = derived_id(order.made_at, number.bytes)
            left = one.amount - sum(
                gift.amount for gift in self._gifts.values() if gift.paid == one
            )
            amount = min(left, wanted)
            if amount:
                self._gifts[number] = _Gift(order, one, amount)
            wanted -= amount

    def work(self) -> None:
        """One hour: charge what was not answered, listen, ask what became of it, refund."""
        orders = [one.order for one in self.asks]
        self.charge(one for one in self.asks if self.standing(one).state is State.QUEUED)
        self.listen()
        self.query(
            one.order for one in self.asks
            if self.standing(one).state is not State.PAID or self.standing(one).advanced
        )  # fmt: skip
        for order in orders:
            if not self._is_giving(order):
                self.give_back(order, excess(order, self.heard[order.order_id]))
        self.refund()
        self.listen()
        self.rig.counterpart.hours_pass()
        self.rig.clock.now += HOUR

    def settle(self) -> None:
        for _ in range(ROUNDS):
            self.work()

    def bill(self) -> list[BillLine]:
        """The bill of the day; where nothing moved there may be none."""
        self.rig.clock.now = BILL_AT
        try:
            return list(self.rig.channel.bill(DAY, BILL_AT))
        except UnavailableError:
            assert not self.rig.counterpart.truth(), "what moved has to be on a bill"
            return []

    def standing(self, ask: Ask) -> Standing:
        return standing(ask.order, self.heard[ask.order.order_id])

    def _is_done(self, number: UUID, gift: _Gift) -> bool:
        heard = self.heard[gift.order.order_id]
        return any(isinstance(one, Refunded | RefundFailed) and one.refund == number
                   for one in heard)  # fmt: skip

    def _is_giving(self, order: Order) -> bool:
        gifts = self._gifts.items()
        return any(gift.order == order and not self._is_done(number, gift)
                   for number, gift in gifts)  # fmt: skip


def _told(fact: Fact | Silent) -> list[Fact]:
    return [] if isinstance(fact, Silent) else [fact]
