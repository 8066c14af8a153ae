"""How an account stands, what became of it, and the whole deny list."""

import re
from typing import Final

from ridecode.core import BadInputError, NotFoundError
from ridecode.riders import db
from ridecode.riders.facts import Account, Denied, Event, Standing, Why
from ridecode.riders.rules import CLOCK_MARGIN, RiderRules
from ridecode.riders.standing import credit, denied_by_phone, owes_too_much
from ridecode.store import Cell, Connection

_ACCOUNT: Final = re.compile("[0-9]{19}")


def checked(account: str) -> str:
    """The number of a card account; `BadInputError` for what is none."""
    if not _ACCOUNT.fullmatch(account):
        raise BadInputError(f"A card account has 19 digits, not {account!r}.")
    return account


def found(account: Account | None, number: str) -> Account:
    """The account itself; `NotFoundError` where the cell has none of that number."""
    if account is None:
        raise NotFoundError(f"There is no account {number!r} here.", "Enrol the rider first.")
    return account


def standing(cell: Cell, rules: RiderRules, account: str, now: int) -> Standing:
    """How an account stands at `now`; `NotFoundError` where there is none of that number."""
    with db.connected(cell) as conn:
        return stands(conn, rules, found(db.account(conn, account), account), now)


def stands(conn: Connection, rules: RiderRules, account: Account, now: int) -> Standing:
    """The same within a transaction."""
    owes = db.owing(conn, account.identity)
    phones = db.phones_of(conn, [account.account])
    denied = [denied_by_phone(phone, now) for phone in phones]
    denied.append(db.revoked_of(conn, account.account))
    if owes_too_much(rules, owes, now):
        denied.append(Denied(account.account, Why.DEBT, owes.since))
    return Standing(
        account=account,
        credit=credit(rules, owes, db.known_since(conn, account.identity), now),
        owing=owes,
        denied=tuple(sorted((one for one in denied if one is not None), key=_gravity)),
        phones=tuple(phones),
    )


def denied(cell: Cell, rules: RiderRules, now: int) -> list[Denied]:
    """Every account that may not ride at `now`, of whatever issuer, in the order of accounts.

    Each stands there once, with the gravest of its reasons. The list is exact.
    """
    with db.connected(cell) as conn:
        told = db.revoked(conn)
        for phone in db.phones_denied(conn, now - CLOCK_MARGIN):
            if (one := denied_by_phone(phone, now)) is not None:
                told.append(one)
        told += [
            Denied(account, Why.DEBT, owes.since)
            for account, owes in db.debtors(conn, min(rules.limited_owed, rules.denied_owed))
            if owes_too_much(rules, owes, now)
        ]
    gravest: dict[str, Denied] = {}
    for one in sorted(told, key=_gravity):
        gravest.setdefault(one.account, one)
    return sorted(gravest.values(), key=lambda one: one.account)


def history(cell: Cell, account: str) -> list[Event]:
    """What happened to an account, in order of time; of a foreign one what is known here."""
    with db.connected(cell) as conn:
        return db.events_of(conn, checked(account))


def _gravity(denied: Denied) -> tuple[int, int]:
    return denied.why, denied.since
