"""Following the log: debts and repayments become credit, taps that were set aside stop copied keys.

Every batch has its effect exactly once, with the mark in the same transaction; the order of the
entries changes no balance.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ridecode.riders import db
from ridecode.riders.events import DEBTS, SET_ASIDE, Suspicion, read_debts, read_suspicions
from ridecode.riders.facts import Event, EventKind, Followed, Phone, Stopped, Why
from ridecode.riders.rules import RiderRules
from ridecode.riders.standing import cloned_phones, is_cloned, owing
from ridecode.store import Cell, Connection, log

_CONSUMER: Final = "riders"
_BATCHES_MOST: Final = 100
"""So many batches of the log are one transaction."""


def follow(cell: Cell, rules: RiderRules, now: int) -> Followed:
    """Take in all that was told since the last time.

    To be called every second or so, by anybody: two at once do the work of one.
    """
    debts = suspicions = stopped = 0
    while told := _debts(cell):
        debts += told
    while seen := _set_aside(cell, rules, now):
        suspicions += len(seen[0])
        stopped += seen[1]
    return Followed(debts, suspicions, stopped)


@contextmanager
def _batches(cell: Cell, topic: str) -> Iterator[tuple[Connection, list[log.Batch]]]:
    """What is new of a topic, behind which the mark stands when the transaction ends."""
    with db.connected(cell) as conn:
        batches = log.read(conn, topic, log.mark(conn, _CONSUMER, topic), _BATCHES_MOST)
        yield conn, batches
        if batches:
            log.set_mark(conn, _CONSUMER, topic, batches[-1].offset)


def _debts(cell: Cell) -> int:
    """How many entries came; 0 when there are no more."""
    with _batches(cell, DEBTS) as (conn, batches):
        rows = [
            (batch.offset, n, debt.who, debt.amount, debt.ts)
            for batch in batches
            for n, debt in enumerate(read_debts(batch.body))
        ]
        if rows:
            db.add_debts(conn, rows)
            reckon(conn, [row[2] for row in rows])
    return len(rows)


def reckon(conn: Connection, who: Sequence[str]) -> None:
    """What the persons behind these names owe, from all that was ever told of them."""
    told = db.entries(conn, db.holders(conn, sorted(set(who))))
    db.set_owing(conn, [(holder, owing(entries)) for holder, entries in told.items()])


def _set_aside(cell: Cell, rules: RiderRules, now: int) -> tuple[list[Suspicion], int] | None:
    """The suspicious taps that came, and how many accounts were stopped; None for no more."""
    with _batches(cell, SET_ASIDE) as (conn, batches):
        told = [one for batch in batches for one in read_suspicions(batch.body)]
        told.sort(key=lambda one: one.tap_id)
        db.add_suspicions(conn, told)
        stopped = _judged(conn, rules, sorted({one.account for one in told}), now)
    return (told, stopped) if batches else None


def _judged(conn: Connection, rules: RiderRules, accounts: Sequence[str], now: int) -> int:
    """Stop the copied phones of these accounts; a foreign account is denied itself."""
    moments = db.suspicions_of(conn, accounts)
    here = db.lock_accounts(conn, accounts)
    phones: dict[str, list[Phone]] = {}
    for phone in db.phones_of(conn, here):
        phones.setdefault(phone.account, []).append(phone)
    copied = [
        phone for account in here
        for phone in cloned_phones(rules, phones.get(account, []), moments[account])
    ]  # fmt: skip
    db.stop(conn, copied, Stopped.CLONED, now)
    restored = db.restored_at(conn, accounts)
    foreign = [
        account for account in accounts
        if account not in here
        and is_cloned(rules, [ts for ts in moments[account] if ts > restored.get(account, -1)])
    ]  # fmt: skip
    new = db.add_revoked(conn, [(account, Why.CLONED, now) for account in foreign])
    revoked = [account for account, is_new in zip(foreign, new, strict=True) if is_new]
    db.add_events(
        conn, [Event(one, now, EventKind.REVOKED, Why.CLONED.name.lower()) for one in revoked]
    )
    return len({phone.account for phone in copied}) + len(revoked)
