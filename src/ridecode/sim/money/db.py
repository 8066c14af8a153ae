"""The SQL of the money simulator: reading what stands in the books, and dying at a commit.

It reads the tables of other rooms itself: a check that asked the code which it checks would be
told that all is well.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg
from msgspec import Struct, msgpack
from psycopg.pq import TransactionStatus

from ridecode.money.channels import (
    Disputed,
    Fact,
    Heard,
    Order,
    Paid,
    Purse,
    Refund,
    Refunded,
    Repaid,
    State,
    Withdrawn,
)
from ridecode.money.clearing import Reason
from ridecode.money.ledger import Account, Flow, Journal
from ridecode.sim.channels import Moved
from ridecode.sim.money.dying import Death, KilledError
from ridecode.store import Cell, Connection, log


class Posted(Struct, frozen=True, gc=False):
    """A line of the books."""

    n: int
    journal: Journal
    posted_at: int

    @property
    def is_of_a_fare(self) -> bool:
        return self.journal.flow in (Flow.FARE, Flow.FARE_BACK)


class Asked(Struct, frozen=True, gc=False):
    """An order as it is kept."""

    order: Order
    state: State
    heard: Heard
    owed: int
    due_at: int | None


class AskedBack(Struct, frozen=True, gc=False):
    """A refund as it is kept."""

    refund: Refund
    due_at: int | None


class Rejection(Struct, frozen=True, gc=False):
    """A line that was not cleared."""

    number: int
    at: int
    n: int
    is_final: bool
    """The card company has looked at it twice."""
    disputed_day: int | None
    """With whose files it is sent again."""


class File(Struct, frozen=True):
    """A settlement file as it is kept."""

    number: int
    day: int
    name: str
    fares_fen: int
    charges_fen: int


class Seen(Struct, frozen=True):
    """All that stands in the books of a cell at one moment; amounts are fen."""

    cell: Cell
    now: int
    """UTC epoch microseconds."""
    lines: tuple[Posted, ...]
    orders: dict[UUID, Asked]
    refunds: tuple[AskedBack, ...]
    differences: dict[str, tuple[int, int]]
    """By account what rides cost beyond orders, and what of it was told as a debt."""
    booked: dict[UUID, tuple[str, int]]
    """By ride its account, and what of its price is in the books."""
    prices: dict[UUID, tuple[str, int]]
    """By ride its account and price."""
    rides: tuple[tuple[UUID | None, UUID | None], ...]
    """Their taps."""
    aside: tuple[UUID, ...]
    """Taps that are in no ride."""
    debts: tuple[tuple[str, int], ...]
    """Account and how much more it owes, as told on the log."""
    closed: dict[int, int]
    """By closed business day when it was closed."""
    files: dict[int, File]
    """By number."""
    answered: frozenset[int]
    """Numbers of files."""
    rejected: tuple[Rejection, ...]

    def of(self, account: Account) -> int:
        """An account's balance by its lines, on its own side."""
        fen = 0
        for one in self.lines:
            fen += one.journal.amount * (one.journal.debited == account)
            fen -= one.journal.amount * (one.journal.credited == account)
        return fen if account.kind.is_debit else -fen

    def waits(self, account: str) -> bool:
        """Whether a difference of an account can still be asked for, or given back over what was
        taken."""
        fen, told = self.differences[account]
        own = {key: one for key, one in self.orders.items() if one.order.account == account}
        taken = sum(heard(one).taken for one in own.values())
        asked = sum(one.refund.amount for one in self.refunds if one.refund.order_id in own)
        return fen > 0 or told > 0 or (fen < 0 and taken > asked)


def heard(one: Asked) -> Moved:
    """What was heard of an order, in the counterparts' own form."""
    paid = [fact for fact in one.heard if isinstance(fact, Paid)]
    repaid = {fact.transaction for fact in one.heard if isinstance(fact, Repaid)}
    return Moved(
        sum(fact.amount for fact in paid),
        sum(fact.amount for fact in one.heard if isinstance(fact, Refunded)),
        sum(fact.amount for fact in paid if fact.is_advanced and fact.transaction not in repaid),
    )


_heard: Final = msgpack.Decoder(list[Fact | Disputed | Withdrawn]).decode
_debts: Final = msgpack.Decoder(list[tuple[str, str, int, int]]).decode


def seen(cell: Cell, now: int) -> Seen:
    """What stands in a cell, in one transaction."""
    with cell.connection() as conn:
        told = [
            (who, fen if what == "owed" else -fen)
            for batch in log.read(conn, "debts", 0, 1_000_000)
            for who, what, fen, _ in _debts(batch.body)
        ]
        return Seen(
            cell=cell,
            now=now,
            lines=tuple(_line(row) for row in _rows(conn, _LINES)),
            orders={row[0]: _order(row) for row in _rows(conn, _ORDERS)},
            refunds=tuple(
                AskedBack(Refund(*facts), due_at) for *facts, due_at in _rows(conn, _REFUNDS)
            ),
            differences={account: (fen, was) for account, fen, was in _rows(conn, _DIFFERENCES)},
            booked={ride: (account, fen) for ride, account, fen in _rows(conn, _BOOKED)},
            prices={ride: (account, fen) for ride, account, fen in _rows(conn, _PRICES)},
            rides=tuple((entry, exit_) for entry, exit_ in _rows(conn, _RIDES)),
            aside=tuple(tap for (tap,) in _rows(conn, "SELECT tap_id FROM set_aside")),
            debts=tuple(told),
            closed=dict(_rows(conn, "SELECT day, closed_at FROM ledger_days ORDER BY day")),
            files={row[0]: File(*row) for row in _rows(conn, _FILES)},
            answered=frozenset(n for (n,) in _rows(conn, "SELECT number FROM clearing_answers")),
            rejected=tuple(Rejection(*row) for row in _rows(conn, _REJECTED)),
        )


_Row: TypeAlias = tuple[Any, ...]


def _rows(conn: Connection, query: str) -> list[_Row]:
    return conn.cursor(binary=True).execute(query.encode()).fetchall()


_LINES: Final = """
    SELECT n, journal_id, flow, debited.party, credited.party, amount, day, about,
           (SELECT posted_at FROM ledger_batches WHERE last >= n ORDER BY last LIMIT 1)
    FROM ledger_journals JOIN ledger_accounts AS debited ON debited.account = debit
    JOIN ledger_accounts AS credited ON credited.account = credit ORDER BY n"""
_ORDERS: Final = """
    SELECT order_id, account, channel, purse, amount, about, made_at, state, heard, owed,
           coalesce(alone.due_at, (
               SELECT min(own.due_at) FROM charge_sets AS own
               WHERE state = 1 AND order_id = ANY(orders) AND own.channel = charge_orders.channel))
    FROM charge_orders LEFT JOIN charge_due AS alone USING (order_id, channel) ORDER BY order_id"""
_REFUNDS: Final = """
    SELECT refund_id, order_id, transaction, amount, about, due_at
    FROM charge_refunds ORDER BY refund_id"""
_DIFFERENCES: Final = "SELECT account, fen, told FROM charge_differences ORDER BY account"
_BOOKED: Final = """
    SELECT about, party, sum(CASE flow WHEN 1 THEN amount ELSE -amount END)::bigint
    FROM ledger_journals
    JOIN ledger_accounts ON account = CASE flow WHEN 1 THEN debit ELSE credit END
    WHERE flow IN (1, 2) GROUP BY about, party"""
_PRICES: Final = "SELECT ride_id, account, amount FROM prices"
_RIDES: Final = "SELECT entry_tap, exit_tap FROM rides"
_FILES: Final = """
    SELECT number, day, name, fares_fen, charges_fen FROM clearing_files ORDER BY number"""
_REJECTED: Final = f"""
    SELECT number, at, n, reason = {int(Reason.DISPUTE_REFUSED)}, disputed_day
    FROM clearing_rejected ORDER BY number, at"""


def _line(row: _Row) -> Posted:
    n, journal_id, flow, debit, credit, amount, day, about, posted_at = row
    journal = Journal(journal_id, Flow(flow), debit, credit, amount, day, about)
    return Posted(n, journal, posted_at)


def _order(row: _Row) -> Asked:
    order_id, account, channel, purse, amount, about, made_at, state, heard, owed, due_at = row
    order = Order(order_id, account, channel, Purse(purse), amount, about, made_at)
    return Asked(order, State(state), frozenset(_heard(heard)), owed, due_at)


def owed(cell: Cell, channel: str) -> list[tuple[UUID, str]]:
    """Orders of a channel that their riders owe, with the rider's account."""
    with cell.connection() as conn:
        return [
            (order_id, account)
            for order_id, account in conn.execute(
                """SELECT order_id, account FROM charge_orders WHERE channel = %s AND owed > 0
                   ORDER BY order_id""",
                (channel,),
            )
        ]


@contextmanager
def mortal(fate: Callable[[str], Death | None]) -> Iterator[None]:
    """While it lasts, `fate` is asked at every commit that makes something durable.

    Who is met loses the session, as a process that is killed does, and `KilledError` is raised.
    """
    commit = psycopg.Connection.commit

    def commit_or_die(conn: Connection) -> None:
        death = fate(_who()) if _has_written(conn) else None
        if death is Death.BEFORE:
            # Or its locks would be there for a moment yet, and others would pass by its rows.
            conn.rollback()
        else:
            commit(conn)
        if death is not None:
            conn.close()
            raise KilledError(f"{death.name} {_who()}")

    # Every session of the process, whoever has opened it, commits here.
    psycopg.Connection.commit = commit_or_die  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        psycopg.Connection.commit = commit  # type: ignore[method-assign]


def _has_written(conn: Connection) -> bool:
    if conn.info.transaction_status is not TransactionStatus.INTRANS:
        return False
    row = conn.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone()
    return row is not None and bool(row[0])


def _who() -> str:
    """Which function of the money rooms began the transaction, as `booking.book_fares`."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("ridecode.money.") and not name.endswith(".db"):
            return f"{name.rpartition('.')[2]}.{frame.f_code.co_name}"
    return "elsewhere"
