"""People and machines: who is there, with which roles, and their tokens.

Each change is entered in the log in its own transaction.
"""

import re
from collections.abc import Sequence
from typing import Final

import structlog

from ridecode.access import backoff, db, passwords, tokens
from ridecode.access.chain import Entry
from ridecode.access.db import Person
from ridecode.access.errors import NotKnownError
from ridecode.access.recording import enter
from ridecode.access.roles import About, Grant, Right, Role, Verdict
from ridecode.core import MICROS, BadInputError, NotFoundError
from ridecode.store import Cell, Connection

log = structlog.get_logger()

SESSION: Final = 12 * 3_600 * MICROS
"""So long a session lasts: a day's work."""
DAYS_MOST: Final = 366
"""A machine's token is renewed once a year at least."""
FOREIGN: Final = "oidc:"
"""Names of people whom the configured issuer knows begin so; no local one can."""
_DAY: Final = 86_400 * MICROS
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_SCOPE: Final = re.compile(r"[0-9A-Za-z._:-]{1,64}")
_WAITS: Final = [backoff.wait(attempts) for attempts in range(1, 16)]


def granted(role: Role, scope: str) -> Grant:
    """A grant that may be given; `BadInputError` where its scope does not go with its role."""
    name = role.name.lower()
    if not role.scope and scope:
        raise BadInputError(f"{name} is a role of the whole city.", "Name nothing beside it.")
    if role.scope and not _SCOPE.fullmatch(scope):
        raise BadInputError(
            f"The role {name} holds of one {role.scope}, not of {scope!r}.",
            f"Name the {role.scope}.",
        )
    return Grant(role, scope)


def add(
    cell: Cell, name: str, grants: Sequence[Grant], password: str | None, by: str, now: int
) -> None:
    """Take somebody in, or let him begin anew: these roles and this password, no session.

    `password` None: a machine, which has tokens alone. `by` is who gives the roles.
    """
    if not _NAME.fullmatch(name):
        raise BadInputError(
            f"{name!r} cannot be a name here.",
            "It has 1 to 64 of a-z, 0-9, '.', '_', '@' and '-', a letter or digit first.",
        )
    if not grants:
        raise BadInputError(f"{name} would have no role.", "Give one at least.")
    hashed = "" if password is None else passwords.hashed(password)
    told = ", ".join(f"{one.role.name.lower()} {one.scope}".strip() for one in grants)
    with cell.connection() as conn:
        db.put_person(conn, name, hashed, now)
        db.set_grants(conn, name, grants)
        db.end_tokens(conn, name)
        _managed(conn, "access add", name, by, told, now)


def disable(cell: Cell, name: str, reason: str, by: str, now: int) -> None:
    """Nobody comes in by this name any more, and its sessions end now.

    Of a name of the issuer's (`oidc:…`) too, whether or not it was ever seen.
    """
    with cell.connection() as conn:
        if name.startswith(FOREIGN) and not db.set_disabled(conn, name, now):
            db.put_person(conn, name, "", now)
        if not db.set_disabled(conn, name, now):
            raise NotFoundError(f"There is nobody named {name!r}.", "ridecode access list")
        db.end_tokens(conn, name)
        _managed(conn, "access disable", name, by, reason, now)


def people(cell: Cell) -> list[Person]:
    """Everybody, by name."""
    with cell.connection() as conn:
        return db.people(conn)


def machine_token(cell: Cell, name: str, days: int, by: str, now: int) -> str:
    """A token for a machine, good for 1 to 366 days; it is told here once, and not kept."""
    if not 1 <= days <= DAYS_MOST:
        raise BadInputError(f"A token is good for 1 to {DAYS_MOST} days, not for {days}.")
    token = tokens.new_token()
    with cell.connection() as conn:
        found = {one.name: one for one in db.people(conn)}.get(name)
        if found is None or found.disabled_at is not None:
            raise NotFoundError(f"There is nobody named {name!r} who may come in.",
                                "ridecode access add")  # fmt: skip
        db.add_token(conn, _digest(token), name, now, now + days * _DAY)
        _managed(conn, "access token", name, by, f"{days} days", now)
    return token


def sign_in(cell: Cell, name: str, password: str, now: int) -> tuple[str, int]:
    """A session's token, and until when it is good; `NotKnownError` where it is refused.

    Name not there, disabled, waiting after wrong passwords, password wrong: all look alike and cost
    the same work, down to one small write. So a refusal is not entered in the log; the next success
    says how many there were. `UnavailableError`, and nothing is counted, where too many sign in at
    once: a flood keeps nobody's name waiting.
    """
    with passwords.turn():
        with cell.connection() as conn:
            tried = db.attempt(conn, name, now, _WAITS)
        again = _made_anew(tried.hashed, password)
    if again:
        token, until = tokens.new_token(), now + SESSION
        with cell.connection() as conn:
            if db.signed_in(conn, name, tried.hashed, again):
                db.add_token(conn, _digest(token), name, now, until)
                enter(conn, [_signed_in(name, tried.before, now)])
                return token, until
    log.warning("sign-in refused", name=name if tried.hashed else None)
    raise NotKnownError(
        "This name with this password is not known, or has to wait after wrong ones.",
        presented=True,
    )


def _made_anew(hashed: str, password: str) -> str:
    """The hash to keep from now on; empty where the password is another."""
    if not passwords.fits(hashed, password):
        return ""
    return passwords.hashed(password) if passwords.outdated(hashed) else hashed


def sign_out(cell: Cell, token: str) -> None:
    """End a session or a machine's token."""
    digest = tokens.digest(token)
    if digest is not None:
        with cell.connection() as conn:
            db.end_token(conn, digest)


def _digest(token: str) -> bytes:
    made = tokens.digest(token)
    assert made is not None, "it was made here"
    return made


def _signed_in(name: str, refused: int, now: int) -> Entry:
    told = f"after {refused} refused" if refused else ""
    return Entry(
        at=now, who=name, role=None, right=None, act="sign in", about=About.PERSON, subject=name,
        purpose=None, reason=told, outcome=Verdict.ALLOWED,
    )  # fmt: skip


def _managed(conn: Connection, act: str, name: str, by: str, reason: str, now: int) -> None:
    entry = Entry(
        at=now, who=by, role=None, right=Right.MANAGE_ACCESS, act=act, about=About.PERSON,
        subject=name, purpose=None, reason=reason, outcome=Verdict.ALLOWED,
    )  # fmt: skip
    enter(conn, [entry])
