"""Enrolling: one account for a person, an issuer and a platform, however often it is asked for."""

import re
from typing import Final

from msgspec.structs import replace

from ridecode.core import BadInputError, ConflictError
from ridecode.riders import db
from ridecode.riders.facts import Account, Enrolment, Event, EventKind
from ridecode.riders.reading import found
from ridecode.riders.rules import RiderRules
from ridecode.riders.standing import credit, refuse_debtor
from ridecode.store import Cell

_IDENTITY: Final = re.compile("[0-9a-f]{64}")
_ACCOUNT_TYPE_MOST: Final = 255


def enrol(cell: Cell, rules: RiderRules, asked: Enrolment, now: int) -> Account:
    """The person's account with that issuer on that platform, made where there is none.

    Raises `OwingError` where the person owes too much on any account, `ConflictError` where the
    account is there with another type, `BadInputError` for an issuer or platform that the pack does
    not name.
    """
    _check(rules, asked)
    with db.connected(cell) as conn:
        known_since = db.know(conn, asked.identity, now)
        there = db.account_for(conn, asked)
        if there is not None:
            return _same_type(there, asked)
        owes = db.owing(conn, asked.identity)
        refuse_debtor(credit(rules, owes, known_since, now), owes)
        made = _numbered(rules, asked, db.next_serial(conn), now)
        db.add_account(conn, made)
        db.add_events(conn, [Event(made.account, now, EventKind.ENROLLED, made.platform)])
        return made


def reclassify(cell: Cell, account: str, account_type: int, now: int) -> Account:
    """From the next authorisation on the account is of that type (field 8, 1 to 255): a student has
    finished, somebody has grown old. What a phone holds keeps the type that it was given."""
    _check_type(account_type)
    with db.connected(cell) as conn:
        there = found(db.locked(conn, account), account).account
        if there.account_type == account_type:
            return there
        db.set_type(conn, account, account_type)
        told = Event(account, now, EventKind.RECLASSIFIED, str(account_type))
        db.add_events(conn, [told])
        return replace(there, account_type=account_type)


def accounts_of(cell: Cell, identity: str) -> list[Account]:
    """All accounts of a person, with whatever issuer and on whatever platform."""
    with db.connected(cell) as conn:
        return db.accounts_of(conn, identity)


def _check(rules: RiderRules, asked: Enrolment) -> None:
    if not _IDENTITY.fullmatch(asked.identity):
        raise BadInputError("An identity has 64 hexadecimal digits.", "Ask `identity_of`.")
    if asked.issuer not in rules.iins:
        raise BadInputError(
            f"{asked.issuer!r} is no issuer here.", f"Give one of {', '.join(rules.iins)}."
        )
    if asked.platform not in rules.platforms:
        raise BadInputError(
            f"{asked.platform!r} is no platform here.", f"Give one of {', '.join(rules.platforms)}."
        )
    _check_type(asked.account_type)


def _check_type(account_type: int) -> None:
    if not 1 <= account_type <= _ACCOUNT_TYPE_MOST:
        raise BadInputError(f"An account's type is 1 to {_ACCOUNT_TYPE_MOST}.")


def _same_type(there: Account, asked: Enrolment) -> Account:
    if there.account_type != asked.account_type:
        raise ConflictError(
            f"The account {there.account} is of type {there.account_type}.",
            "Ask for it with its own type, or reclassify it.",
        )
    return there


def _numbered(rules: RiderRules, asked: Enrolment, serial: int, now: int) -> Account:
    """Numbers count enrolments: they tell nothing of who or where."""
    return Account(
        account=f"{rules.iins[asked.issuer]}{serial:011}",
        payment_account=f"{serial:016}",
        identity=asked.identity,
        issuer=asked.issuer,
        platform=asked.platform,
        account_type=asked.account_type,
        enrolled_at=now,
    )
