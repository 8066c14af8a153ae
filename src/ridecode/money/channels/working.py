"""Working off what is due: orders are sent, asked after, and refunds asked for.

An order is due at a moment; whoever takes it makes it due again some minutes later and lets go of
it before a word is sent, so that no transaction waits for a channel and nothing is lost with a
worker that is killed: the order is sent again under its one number. Where an order was sent before
and nothing came back, the channel is asked what it knows before it is asked for money again.

Channels may be slow: so the clock is read again before every request, and whoever has taken more
than he can ask for in time leaves the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.core import MICROS, BusinessCalendar, Progress, collecting_rarely, unseen
from ridecode.money.channels import db, due
from ridecode.money.channels.contract import Ask, Carried, Channel, Said
from ridecode.money.channels.due import Leased
from ridecode.money.channels.hearing import facts_said, hear_said
from ridecode.money.channels.kept import Kept, backed_off, next_look
from ridecode.money.channels.order import Fact, Order, Paid, State, standing
from ridecode.money.channels.silence import Reasons, Silent, counted
from ridecode.money.ledger import Ledger
from ridecode.store import Cell

_LEASE: Final = 300 * MICROS
_ASKING: Final = 60 * MICROS
_SENDING: Final = 240 * MICROS
"""For so long of a lease orders are asked after, and sent: what has begun by then is over before it
ends, however slow the channel. To send some there is always time."""
_TAKEN_MOST: Final = 100
"""Orders of a channel that takes one at a time, and refunds, before what was learned is kept."""
_BATCHES: Final = 4
"""The same of a channel that takes batches. To keep it costs the same for one as for all, and what
is lost with a worker that is killed has to be asked after."""
_QUERIES_AT_ONCE: Final = 5

Rides: TypeAlias = Callable[[Sequence[Order]], Mapping[UUID, Carried]]
"""Where the rides of orders are looked up, by order id; nothing for an order that is of no ride, or
of one that is no more."""


class Worked(Struct, frozen=True):
    """What was done at one channel."""

    sent: int = 0
    asked_after: int = 0
    refunds: int = 0
    facts: int = 0
    """That were learned."""
    silent: int = 0
    """Requests of which nothing certain came back: they are made again later."""
    reasons: Reasons = ()
    """Why they did not."""

    @property
    def is_silent(self) -> bool:
        """Whether all was in vain."""
        return self.silent == self.sent + self.asked_after + self.refunds


class _Turn(Struct, frozen=True):
    """One turn at one channel."""

    cell: Cell
    calendar: BusinessCalendar
    ledger: Ledger
    channel: Channel
    rides: Rides
    clock: Callable[[], int]
    begun: int
    """What was due by then is done; so a turn ends, however long its requests take."""


def work(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, channel: Channel, rides: Rides,
    clock: Callable[[], int], progress: Progress = unseen,
) -> Worked:  # fmt: skip
    """Do everything that is due at a channel, once. `clock` tells UTC epoch microseconds.

    Several may work at one channel at a time, each with a ledger of its own. A channel from which
    nothing comes back is left alone until the next time.
    """
    turn = _Turn(cell, calendar, ledger, channel, rides, clock, clock())
    done = Worked()
    with collecting_rarely():
        while (leased := _leased(turn)).orders:
            one = _orders(turn, leased)
            done = _sum(done, one)
            progress(done.sent + done.asked_after, 0)
            if one.is_silent:
                return done
    return _sum(done, _refunds(turn))


def _leased(turn: _Turn) -> Leased:
    batch, until = turn.channel.batch_most, turn.clock() + _LEASE
    most = max(batch * _BATCHES, _TAKEN_MOST) if batch > 1 else _TAKEN_MOST
    with turn.cell.connection() as conn:
        return due.lease(conn, turn.channel.id, _due_by(turn, until), until, most)


def _due_by(turn: _Turn, until: int) -> int:
    """What a lease takes: nothing that this turn has put off, even where the clock was put back."""
    return min(turn.begun, until - _LEASE)


def _orders(turn: _Turn, leased: Leased) -> Worked:
    """Ask after what was sent before, send the rest and what never came, and keep what was said."""
    taken, until = leased.orders, leased.until
    to_ask = [one for one in taken if _was_sent(one)]
    asked = _asked_after(turn, to_ask, until - _LEASE + _ASKING)
    to_send = [one for one in taken if not _was_sent(one)] + asked.to_send
    sent = _sent(turn, to_send, until - _LEASE + _SENDING)
    now = turn.clock()
    heard = hear_said(
        turn.cell, turn.calendar, turn.ledger, turn.channel.id, asked.said + sent.said, now, taken
    )
    left = {one.order.order_id for one in (*to_ask[asked.reached :], *to_send[sent.reached :])}
    known = left | heard.changed
    later = {
        one.order.order_id: next_look(standing(one.order, one.heard), one.tries, now)
        for one in taken
        if one.order.order_id not in known
    }
    later |= dict.fromkeys(left, turn.begun)
    # What was asked after waits for the next turn, or this one would begin with it again.
    later |= dict.fromkeys(left & {one.order.order_id for one in asked.to_send}, now)
    with turn.cell.connection() as conn:
        due.give_back(conn, leased, later, left)
    silent = asked.silent + sent.silent
    return Worked(sent.reached, asked.reached, 0, heard.facts, len(silent), _reasons(silent))


class _Answered(Struct, frozen=True):
    """What came of asking for orders in their sequence."""

    reached: int
    """How many of them, from the first."""
    silent: list[Silent]
    said: list[Said]
    to_send: list[Kept] = []
    """Of what was asked after, what the channel does not know or has refused."""


def _asked_after(turn: _Turn, orders: Sequence[Kept], last: int) -> _Answered:
    reached = 0
    silent: list[Silent] = []
    said: list[Said] = []
    to_send: list[Kept] = []
    for part in _in_time(orders, _QUERIES_AT_ONCE, turn.clock, last):
        reached += len(part)
        answers = turn.channel.query([one.order for one in part], turn.clock())
        for one, known in zip(part, answers, strict=True):
            if isinstance(known, Silent):
                silent.append(known)
            elif known - one.heard:
                said += facts_said(one.order.order_id, known - one.heard)
            elif _is_to_be_sent(one, known):
                to_send.append(one)
    return _Answered(reached, silent, said, to_send)


def _sent(turn: _Turn, orders: Sequence[Kept], last: int) -> _Answered:
    reached = 0
    silent: list[Silent] = []
    said: list[Said] = []
    for part in _in_time(orders, turn.channel.batch_most, turn.clock, last):
        reached += len(part)
        answers = turn.channel.charge(_asks(turn, part), turn.clock())
        for one, fact in zip(part, answers, strict=True):
            if isinstance(fact, Silent):
                silent.append(fact)
            else:
                said.append(Said(one.order.order_id, fact))
    return _Answered(reached, silent, said)


def _in_time(
    orders: Sequence[Kept], size: int, clock: Callable[[], int], last: int
) -> Iterator[Sequence[Kept]]:
    """Parts of so many, until a moment."""
    for at in range(0, len(orders), size):
        if clock() > last:
            return
        yield orders[at : at + size]


def _was_sent(kept: Kept) -> bool:
    """Whether the channel may know of it already: then it is asked before anything is done."""
    return kept.state is not State.QUEUED or kept.tries > 1


def _is_to_be_sent(kept: Kept, known: frozenset[Fact]) -> bool:
    """Whether an order of which a channel says nothing new is sent again; where it has accepted it
    and does not know it any more, it never came."""
    if kept.state is State.ACCEPTED:
        return not known
    return kept.state in (State.QUEUED, State.REFUSED)


def _asks(turn: _Turn, batch: Sequence[Kept]) -> list[Ask]:
    with turn.cell.connection() as conn:
        signed = db.agreements_numbered(conn, {one.signed for one in batch})
    carried = turn.rides([one.order for one in batch])
    return [
        Ask(one.order, signed[one.signed].agreement, carried.get(one.order.order_id))
        for one in batch
    ]


def _refunds(turn: _Turn) -> Worked:
    done = Worked()
    while True:
        one = _some_refunds(turn, turn.clock() + _LEASE)
        done = _sum(done, one)
        if one.is_silent:
            return done


def _some_refunds(turn: _Turn, until: int) -> Worked:
    with turn.cell.connection() as conn:
        asked_back = db.lease_refunds(
            conn, turn.channel.id, _due_by(turn, until), until, _TAKEN_MOST
        )
        kept = db.orders(conn, {refund.order_id for refund, _ in asked_back})
    said: list[Said] = []
    silent: list[Silent] = []
    later: dict[UUID, int] = {}
    for refund, tries in asked_back:
        now = turn.clock()
        if now > until - _LEASE + _SENDING:
            later[refund.refund_id] = turn.begun
            continue
        one = kept[refund.order_id]
        paid = next(
            fact for fact in one.heard
            if isinstance(fact, Paid) and fact.transaction == refund.transaction
        )  # fmt: skip
        fact = turn.channel.refund(one.order, paid, refund.refund_id, refund.amount, now)
        if isinstance(fact, Silent):
            silent.append(fact)
            later[refund.refund_id] = backed_off(tries, now)
        else:
            said.append(Said(refund.order_id, fact))
    heard = hear_said(turn.cell, turn.calendar, turn.ledger, turn.channel.id, said, turn.clock())
    with turn.cell.connection() as conn:
        # What was known before ends here.
        db.end_refunds(conn, {refund.refund_id for refund, _ in asked_back} - later.keys())
        db.put_off_refunds(conn, later, until)
    asked = len(said) + len(silent)
    return Worked(0, 0, asked, heard.facts, len(silent), _reasons(silent))


def _reasons(silent: Sequence[Silent]) -> Reasons:
    return counted((one, 1) for one in silent)


def _sum(one: Worked, other: Worked) -> Worked:
    return Worked(
        one.sent + other.sent, one.asked_after + other.asked_after, one.refunds + other.refunds,
        one.facts + other.facts, one.silent + other.silent, counted(one.reasons + other.reasons),
    )  # fmt: skip
