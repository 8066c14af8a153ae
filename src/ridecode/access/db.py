"""The SQL of the room: people, tokens and the log; no rule stands here but the keys."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, Final, TypeVar

from msgspec import Struct

from ridecode.access.chain import GENESIS, DamagedError, Entry, Head, Link
from ridecode.access.roles import About, Grant, Purpose, Right, Role, Verdict
from ridecode.store import Column, Connection, insert_new

_LOG: Final = 0x61636C67
"""The log's own number among advisory locks: 'aclg'."""
_PAGE: Final = 5_000
_LAST: Final = 2**63 - 1
_ENTRY: Final = 'n, at, who, role, "right", act, about, subject, purpose, reason, outcome, link'
_COLUMNS: Final = (
    Column("n", "bigint"), Column("at", "bigint"), Column("who", "text"),
    Column("role", "smallint"), Column("right", "smallint"), Column("act", "text"),
    Column("about", "smallint"), Column("subject", "text"), Column("purpose", "smallint"),
    Column("reason", "text"), Column("outcome", "smallint"), Column("link", "bytea"),
)  # fmt: skip
_Kind = TypeVar("_Kind", bound=IntEnum)


class Person(Struct, frozen=True):
    """Somebody who may have a password, roles and tokens here."""

    name: str
    grants: tuple[Grant, ...]
    has_password: bool
    added_at: int
    """UTC epoch microseconds."""
    disabled_at: int | None


def put_person(conn: Connection, name: str, password: str, now: int) -> None:
    """Take a person in, or give one that is there another password; he is not disabled then."""
    conn.execute(
        """INSERT INTO access_people (name, password, added_at) VALUES (%s, %s, %s)
           ON CONFLICT (name) DO UPDATE SET password = excluded.password, disabled_at = NULL,
               attempts = 0, next_attempt = 0""",
        (name, password, now),
    )


def set_grants(conn: Connection, name: str, grants: Sequence[Grant]) -> None:
    """These, and no other."""
    conn.execute("DELETE FROM access_grants WHERE name = %s", (name,))
    conn.cursor().executemany(
        "INSERT INTO access_grants VALUES (%s, %s, %s)",
        [(name, int(one.role), one.scope) for one in grants],
    )


def set_disabled(conn: Connection, name: str, now: int) -> bool:
    """Whether there is such a person; one who is disabled stays so since then."""
    found = conn.execute(
        """UPDATE access_people SET disabled_at = coalesce(disabled_at, %s) WHERE name = %s
           RETURNING name""",
        (now, name),
    )
    return found.fetchone() is not None


def is_disabled(conn: Connection, name: str) -> bool:
    """False for somebody who is not known here at all."""
    row = conn.execute(
        "SELECT 1 FROM access_people WHERE name = %s AND disabled_at IS NOT NULL", (name,)
    ).fetchone()
    return row is not None


def people(conn: Connection) -> list[Person]:
    """Everybody, by name."""
    found = conn.execute(
        """SELECT name, password <> '', added_at, disabled_at,
                  coalesce(array_agg(role ORDER BY role, scope) FILTER (WHERE role IS NOT NULL),
                           '{}'),
                  coalesce(array_agg(scope ORDER BY role, scope) FILTER (WHERE role IS NOT NULL),
                           '{}')
           FROM access_people LEFT JOIN access_grants USING (name) GROUP BY name ORDER BY name"""
    )
    return [
        Person(name, _grants(roles, scopes), has_password, added_at, disabled_at)
        for name, has_password, added_at, disabled_at, roles, scopes in found
    ]


class Attempt(Struct, frozen=True):
    """Somebody tries to sign in."""

    hashed: str
    """Empty where the name is not there, is disabled, or has to wait."""
    before: int
    """Attempts in a row that were refused."""


def attempt(conn: Connection, name: str, now: int, waits: Sequence[int]) -> Attempt:
    """Count an attempt to sign in; of names that are not there all together are counted.

    `waits`: how long the next attempt has to wait after the first, second, … one in a row.
    """
    row = conn.execute(
        """UPDATE access_people
           SET attempts = attempts + 1,
               next_attempt = %(now)s
                   + (%(waits)s::bigint[])[least(attempts + 1, cardinality(%(waits)s::bigint[]))]
           WHERE name = %(name)s AND disabled_at IS NULL AND password <> ''
             AND next_attempt <= %(now)s
           RETURNING password, attempts - 1""",
        {"name": name, "now": now, "waits": list(waits)},
    ).fetchone()
    if row is not None:
        return Attempt(*row)
    conn.execute(
        """INSERT INTO access_strangers AS of (attempts) VALUES (1)
           ON CONFLICT (whole) DO UPDATE SET attempts = of.attempts + 1"""
    )
    return Attempt("", 0)


def signed_in(conn: Connection, name: str, hashed: str, again: str) -> bool:
    """The right password ends the counting, and may get a new hash; False where meanwhile it was
    changed, or the person disabled."""
    found = conn.execute(
        """UPDATE access_people SET attempts = 0, next_attempt = 0, password = %s
           WHERE name = %s AND password = %s AND disabled_at IS NULL RETURNING name""",
        (again, name, hashed),
    )
    return found.fetchone() is not None


def add_token(conn: Connection, digest: bytes, name: str, now: int, until: int) -> None:
    """Keep a token of a person; those of him that have run out are forgotten."""
    conn.execute("DELETE FROM access_tokens WHERE name = %s AND until <= %s", (name, now))
    conn.execute("INSERT INTO access_tokens VALUES (%s, %s, %s, %s)", (digest, name, now, until))


def end_token(conn: Connection, digest: bytes) -> None:
    conn.execute("DELETE FROM access_tokens WHERE digest = %s", (digest,))


def end_tokens(conn: Connection, name: str) -> None:
    conn.execute("DELETE FROM access_tokens WHERE name = %s", (name,))


def by_token(conn: Connection, digest: bytes, now: int) -> tuple[str, tuple[Grant, ...]] | None:
    """Whose token it is and what he may; None where it has run out, or he is disabled."""
    row = conn.execute(
        """SELECT name, array(SELECT role FROM access_grants AS of WHERE of.name = tokens.name
                              ORDER BY role, scope),
                  array(SELECT scope FROM access_grants AS of WHERE of.name = tokens.name
                        ORDER BY role, scope)
           FROM access_tokens AS tokens JOIN access_people USING (name)
           WHERE digest = %s AND until > %s AND disabled_at IS NULL""",
        (digest, now),
    ).fetchone()
    return None if row is None else (row[0], _grants(row[1], row[2]))


def _grants(roles: Sequence[int], scopes: Sequence[str]) -> tuple[Grant, ...]:
    return tuple(Grant(Role(role), scope) for role, scope in zip(roles, scopes, strict=True))


def lock_log(conn: Connection) -> Head:
    """The head of the log, to which nobody else adds until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOG,))
    return head(conn)


def head(conn: Connection) -> Head:
    row = conn.execute("SELECT n, link FROM access_log ORDER BY n DESC LIMIT 1").fetchone()
    return Head(0, GENESIS) if row is None else Head(row[0], bytes(row[1]))


def add_links(conn: Connection, links: Sequence[Link]) -> None:
    insert_new(conn, "access_log", _COLUMNS, [_row(one) for one in links], ("n",))


def _row(one: Link) -> tuple[object, ...]:
    entry = one.entry
    return (
        one.n, entry.at, entry.who, entry.role, entry.right, entry.act, entry.about, entry.subject,
        entry.purpose, entry.reason, entry.outcome, one.link,
    )  # fmt: skip


def links(conn: Connection) -> Iterator[Link]:
    """The whole log in order; `DamagedError` at an entry that no version could have written."""
    n = -(2**63)
    while rows := conn.execute(
        f"SELECT {_ENTRY} FROM access_log WHERE n > %s ORDER BY n LIMIT %s", (n, _PAGE)
    ).fetchall():
        yield from map(_link, rows)
        n = rows[-1][0]


def latest(conn: Connection, most: int, before: int | None) -> list[Link]:
    """The latest entries, the newest first; `before` the entry of that number, where one is."""
    found = conn.execute(
        f"SELECT {_ENTRY} FROM access_log WHERE n < %s ORDER BY n DESC LIMIT %s",
        (_LAST if before is None else before, most),
    )
    return [_link(row) for row in found]


def latest_about(
    conn: Connection, about: About, subject: str, most: int, before: int | None
) -> list[Link]:
    """The same of one subject alone."""
    found = conn.execute(
        f"""SELECT {_ENTRY} FROM access_log WHERE subject = %s AND subject <> '' AND about = %s
            AND n < %s ORDER BY n DESC LIMIT %s""",
        (subject, about, _LAST if before is None else before, most),
    )
    return [_link(row) for row in found]


def _link(row: tuple[Any, ...]) -> Link:
    n, at, who, role, right, act, about, subject, purpose, reason, outcome, link = row
    try:
        entry = Entry(
            at=at, who=who, role=_some(Role, role), right=_some(Right, right), act=act,
            about=About(about), subject=subject, purpose=_some(Purpose, purpose), reason=reason,
            outcome=Verdict(outcome),
        )  # fmt: skip
    except ValueError as error:
        raise DamagedError(n) from error
    return Link(n, entry, bytes(link))


def _some(kind: type[_Kind], number: int | None) -> _Kind | None:
    return None if number is None else kind(number)
