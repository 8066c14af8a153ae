"""Reading the books: an account's balance at any moment, and its lines."""

from collections.abc import Sequence
from uuid import UUID

from ridecode.core import NotFoundError
from ridecode.money.ledger import db
from ridecode.money.ledger.chart import Account, Flow, Kind
from ridecode.money.ledger.journal import Line
from ridecode.store import Connection

_END = 1 << 62


def balance(where: db.Where, account: Account, as_of: int | None = None) -> int:
    """Fen on the account's own side (`Kind.is_debit`) after all that was posted by a moment.

    `as_of` is UTC epoch microseconds, None for now. An account that is not there has nothing. Two
    looks into an index, however many lines the account has.
    """
    with db.connected(where) as conn:
        number = _number(conn, account)
        if number is None:
            return 0
        until = _END if as_of is None else db.batch_at(conn, as_of)
        amount = db.heads(conn, [number], until).get(number, 0)
    return amount if account.kind.is_debit else -amount


def lines_of(
    where: db.Where, account: Account, *, before: int = _END, most: int = 100
) -> list[Line]:
    """The latest lines of an account below the number `before`, the newest first."""
    with db.connected(where) as conn:
        number = _number(conn, account)
        if number is None:
            return []
        read = db.of_rider if account.kind.is_of_riders else db.of_other
        return read(conn, number, before, most)


def latest_of(
    where: db.Where, riders: Sequence[str], flows: Sequence[Flow], most: int
) -> dict[str, list[UUID]]:
    """By rider what the latest lines are about that credited the account along some flows, the
    newest first; nothing for a rider without."""
    with db.connected(where) as conn:
        numbers = {
            number: party
            for (_, party), number in db.numbers(
                conn, [(Kind.RIDER, one) for one in riders]
            ).items()
        }
        latest: dict[str, list[UUID]] = {}
        for number, about in db.latest_of(conn, list(numbers), flows, most):
            own = latest.setdefault(numbers[number], [])
            if about not in own:
                own.append(about)
    return latest


def lines_with(where: db.Where, journals: Sequence[UUID]) -> list[Line]:
    """The lines of those of these journals that are in the books, in the order of posting."""
    with db.connected(where) as conn:
        return db.by_ids(conn, journals)


def line_numbered(where: db.Where, n: int) -> Line:
    """A line of the books; raises `NotFoundError`."""
    with db.connected(where) as conn:
        line = db.numbered(conn, n)
    if line is None:
        raise NotFoundError(f"The books have no line {n}.", "Lines are numbered from 1.")
    return line


def _number(conn: Connection, account: Account) -> int | None:
    named = account.kind, account.party
    return db.numbers(conn, [named]).get(named)
