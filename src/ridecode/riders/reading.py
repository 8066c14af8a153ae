"""How an account stands, what became of it, and the whole deny list."""

import re
from collections.abc import Sequence
from typing import Final

from ridecode.core import BadInputError, NotFoundError
from ridecode.riders import db
from ridecode.riders.facts import Denied, Event, Phone, Standing, Why
from ridecode.riders.rules import AUTHORISED_MOST, CLOCK_MARGIN, RiderRules
from ridecode.riders.standing import credit, denied_by_phone, owes_too_much
from ridecode.store import Cell

_ACCOUNT: Final = re.compile("[0-9]{19}")


def checked(account: str) -> str:
    """The number of a card account; `BadInputError` for what is none."""
    if not _ACCOUNT.fullmatch(account):
        raise BadInputError(f"A card account has 19 digits, not {account!r}.")
    return account


def found(held: db.Held | None, number: str) -> db.Held:
    """The account itself; `NotFoundError` where the cell has none of that number."""
    if held is None:
        raise NotFoundError(f"There is no account {number!r} here.", "Enrol the rider first.")
    return held


def standing(cell: Cell, rules: RiderRules, account: str, now: int) -> Standing:
    """How an account stands at `now`; `NotFoundError` where there is none of that number."""
    with db.connected(cell) as conn:
        held = found(db.held(conn, account), account)
        return stands(rules, held, db.phones_of(conn, [account]), now)


def stands(rules: RiderRules, held: db.Held, phones: Sequence[Phone], now: int) -> Standing:
    """The same, of what the tables hold."""
    denied = [held.revoked, *(denied_by_phone(phone, now) for phone in phones)]
    if owes_too_much(rules, held.owes, now):
        denied.append(Denied(held.account.account, Why.DEBT, held.owes.since))
    return Standing(
        account=held.account,
        credit=credit(rules, held.owes, held.known_since, now),
        owing=held.owes,
        denied=tuple(sorted((one for one in denied if one is not None), key=_gravity)),
        phones=tuple(phones),
    )


def platform_of(cell: Cell, account: str) -> str:
    """The platform by which an account was enrolled; empty where nobody enrolled it here."""
    with db.connected(cell) as conn:
        return db.platform_of(conn, account) or ""


def denied(cell: Cell, rules: RiderRules, now: int) -> list[Denied]:
    """Every account that may not ride at `now`, of whatever issuer, in the order of accounts.

    Each stands there once, with the gravest of its reasons. The list is exact.
    """
    with db.connected(cell) as conn:
        told = db.revoked(conn)
        good_after = now - CLOCK_MARGIN
        for phone in db.phones_denied(conn, good_after - AUTHORISED_MOST, good_after):
            if (one := denied_by_phone(phone, now)) is not None:
                told.append(one)
        told += [
            Denied(account, Why.DEBT, owes.since)
            for account, owes in db.debtors(conn, rules.limited_owed)
            if owes_too_much(rules, owes, now)
        ]
    gravest: dict[str, Denied] = {}
    for one in told:
        other = gravest.get(one.account)
        if other is None or _gravity(one) < _gravity(other):
            gravest[one.account] = one
    return [gravest[account] for account in sorted(gravest)]


def history(cell: Cell, account: str) -> list[Event]:
    """What happened to an account, in order of time; of a foreign one what is known here."""
    with db.connected(cell) as conn:
        return db.events_of(conn, checked(account))


def _gravity(denied: Denied) -> tuple[int, int]:
    return denied.why, denied.since
