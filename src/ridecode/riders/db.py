"""The SQL of the room: sets of rows in, sets of rows out; no rule stands here but the keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from ridecode.core import BadInputError, derived_id
from ridecode.riders.facts import (
    Account,
    Denied,
    Enrolment,
    Event,
    EventKind,
    MadeBy,
    Owing,
    Phone,
    Stopped,
    Why,
)
from ridecode.store import Cell, Column, Connection, insert_new

_DEBTS = (
    Column("at", "bigint"), Column("n", "integer"), Column("who", "text"),
    Column("amount", "bigint"), Column("ts", "bigint"),
)  # fmt: skip
_SUSPICIONS = (
    Column("tap_id", "uuid"), Column("account", "text"), Column("reason", "smallint"),
    Column("ts", "bigint"),
)  # fmt: skip
_REVOKED = (Column("account", "text"), Column("why", "smallint"), Column("since", "bigint"))
_EVENTS = (
    Column("event_id", "uuid"), Column("account", "text"), Column("at", "bigint"),
    Column("kind", "smallint"), Column("detail", "text"),
)  # fmt: skip
_ACCOUNT = "account, payment_account, identity, issuer, platform, account_type, enrolled_at"
_WHYS = {int(why): why for why in Why}
_PHONE = """account, user_key, made_by, bound_at, usable_from, authorised_until, stopped,
    stopped_at"""


class Held(NamedTuple):
    """An account, since when its person is known, what the person owes, and a revocation."""

    account: Account
    known_since: int
    owes: Owing
    revoked: Denied | None


@contextmanager
def connected(cell: Cell) -> Iterator[Connection]:
    """A transaction of its own; what PostgreSQL cannot hold is the caller's fault."""
    with cell.connection() as conn:
        try:
            yield conn
        except psycopg.DataError as error:
            what = f"This cannot be stored: {str(error).splitlines()[0]}."
            raise BadInputError(what, "Nothing of it was kept.") from error


def know(conn: Connection, identity: str, now: int) -> int:
    """Since when a person is known: from now on, if not before. The person stays locked."""
    conn.execute("INSERT INTO riders VALUES (%s, %s) ON CONFLICT DO NOTHING", (identity, now))
    row = conn.execute(
        "SELECT known_since FROM riders WHERE identity = %s FOR UPDATE", (identity,)
    ).fetchone()
    assert row is not None, "it was made above"
    since: int = row[0]
    return since


def account_for(conn: Connection, asked: Enrolment) -> Account | None:
    """The account that a person has with an issuer on a platform."""
    return _account(
        conn.execute(
            f"""SELECT {_ACCOUNT} FROM accounts
                WHERE identity = %s AND issuer = %s AND platform = %s""",
            (asked.identity, asked.issuer, asked.platform),
        ).fetchone()
    )


_HELD = f"""SELECT {_ACCOUNT}, known_since, coalesce(owed, 0), coalesce(owing.since, 0), why,
           revoked.since
    FROM accounts JOIN riders USING (identity)
    LEFT JOIN owing ON holder = identity LEFT JOIN revoked USING (account)
    WHERE account = %s"""


def held(conn: Connection, number: str) -> Held | None:
    """An account with what is kept of its person and of itself."""
    return _held(conn.cursor(binary=True).execute(_HELD, (number,)).fetchone())


def locked(conn: Connection, number: str) -> Held | None:
    """The same. Whoever changes phones or authorises them holds the account until the transaction
    ends."""
    query = f"{_HELD} FOR UPDATE OF accounts"
    return _held(conn.cursor(binary=True).execute(query, (number,)).fetchone())


def _held(row: tuple[Any, ...] | None) -> Held | None:
    if row is None:
        return None
    *account, known_since, owed, since, why, revoked_since = row
    made = _account(tuple(account))
    assert made is not None, "a row is an account"
    revoked = None if why is None else Denied(made.account, Why(why), revoked_since)
    return Held(made, known_since, Owing(owed, since), revoked)


def lock_accounts(conn: Connection, numbers: Sequence[str]) -> list[str]:
    """Those of them that are here, held until the transaction ends, taken in their order."""
    found = conn.execute(
        "SELECT account FROM accounts WHERE account = ANY(%s) ORDER BY account FOR UPDATE",
        (list(numbers),),
    )
    return [row[0] for row in found]


def _account(row: tuple[Any, ...] | None) -> Account | None:
    names = Account.__struct_fields__
    return None if row is None else Account(**dict(zip(names, row, strict=True)))


def platform_of(conn: Connection, number: str) -> str | None:
    """By which platform an account was enrolled; None where it is not here."""
    row = conn.execute("SELECT platform FROM accounts WHERE account = %s", (number,)).fetchone()
    return None if row is None else str(row[0])


def accounts_of(conn: Connection, identity: str) -> list[Account]:
    """All accounts of a person, the oldest first."""
    found = conn.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE identity = %s ORDER BY payment_account",
        (identity,),
    )
    return [made for row in found if (made := _account(row)) is not None]


def next_serial(conn: Connection) -> int:
    """Counts enrolments from 1, without a gap; held until the transaction ends."""
    row = conn.execute(
        """INSERT INTO account_serials AS serial (last) VALUES (1)
           ON CONFLICT (whole) DO UPDATE SET last = serial.last + 1 RETURNING last"""
    ).fetchone()
    assert row is not None, "an upsert gives a row"
    serial: int = row[0]
    return serial


def add_account(conn: Connection, made: Account) -> None:
    conn.execute(
        f"INSERT INTO accounts ({_ACCOUNT}) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            made.account, made.payment_account, made.identity, made.issuer, made.platform,
            made.account_type, made.enrolled_at,
        ),
    )  # fmt: skip


def set_type(conn: Connection, number: str, account_type: int) -> None:
    conn.execute("UPDATE accounts SET account_type = %s WHERE account = %s", (account_type, number))


def phones_of(conn: Connection, accounts: Sequence[str]) -> list[Phone]:
    """Every phone that these accounts ever had, by account, the newest of each last."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_PHONE} FROM phones WHERE account = ANY(%s)
            ORDER BY account, bound_at, stopped_at NULLS LAST, user_key""",
        (list(accounts),),
    )
    return [_phone(row) for row in found]


def _phone(row: tuple[Any, ...]) -> Phone:
    account, user_key, made_by, bound_at, usable_from, until, stopped, stopped_at = row
    return Phone(
        account=account, user_key=user_key, made_by=MadeBy(made_by), bound_at=bound_at,
        usable_from=usable_from, authorised_until=until,
        stopped=None if stopped is None else Stopped(stopped), stopped_at=stopped_at,
    )  # fmt: skip


def add_phone(conn: Connection, phone: Phone) -> None:
    conn.execute(
        """INSERT INTO phones (account, user_key, made_by, bound_at, usable_from)
           VALUES (%s, %s, %s, %s, %s)""",
        (phone.account, phone.user_key, phone.made_by, phone.bound_at, phone.usable_from),
    )


def stop(conn: Connection, phones: Sequence[Phone], why: Stopped, now: int) -> None:
    """These phones get no more authorisations, and it is told of each."""
    conn.execute(
        """UPDATE phones SET stopped = %s, stopped_at = %s
           FROM unnest(%s::text[], %s::bytea[]) AS asked (of, key)
           WHERE account = of AND user_key = key""",
        (why, now, [phone.account for phone in phones], [phone.user_key for phone in phones]),
    )
    told = [(phone.account, f"{phone.user_key.hex()} {why.name.lower()}") for phone in phones]
    add_events(conn, [Event(number, now, EventKind.STOPPED, detail) for number, detail in told])


def authorised(conn: Connection, phone: Phone, until: int) -> None:
    """It is given an authorisation until then; of several the latest end counts."""
    conn.execute(
        """UPDATE phones SET authorised_until = greatest(authorised_until, %s)
           WHERE account = %s AND user_key = %s""",
        (until, phone.account, phone.user_key),
    )


def add_revoked(conn: Connection, rows: Sequence[tuple[str, Why, int]]) -> list[bool]:
    return insert_new(conn, "revoked", _REVOKED, rows, ("account",))


def remove_revoked(conn: Connection, accounts: Sequence[str]) -> list[str]:
    """Those of them that were revoked."""
    found = conn.execute(
        "DELETE FROM revoked WHERE account = ANY(%s) RETURNING account", (list(accounts),)
    )
    return sorted(row[0] for row in found)


def revoked(conn: Connection) -> list[Denied]:
    found = conn.cursor(binary=True).execute("SELECT account, why, since FROM revoked")
    return [Denied(account, _WHYS[why], since) for account, why, since in found]


def phones_denied(conn: Connection, stopped_after: int, good_after: int) -> list[Phone]:
    """Lost and copied phones, stopped and authorised until those moments or later."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_PHONE} FROM phones
            WHERE stopped IN (2, 3) AND stopped_at >= %s AND authorised_until >= %s""",
        (stopped_after, good_after),
    )
    return [_phone(row) for row in found]


def debtors(conn: Connection, least: int) -> Iterator[tuple[str, Owing]]:
    """Every account of persons who owe so much, and foreign accounts that do."""
    found = conn.cursor(binary=True).execute(
        """SELECT account, owed, since FROM owing JOIN accounts ON identity = holder
           WHERE owed >= %(least)s AND owed > 0
           UNION ALL
           SELECT holder, owed, since FROM owing
           WHERE owed >= %(least)s AND owed > 0 AND holder ~ '^[0-9]{19}$'
             AND NOT EXISTS (SELECT FROM accounts WHERE account = holder)""",
        {"least": least},
    )
    while rows := found.fetchmany(1_000):
        yield from ((account, Owing(owed, since)) for account, owed, since in rows)


def add_debts(conn: Connection, rows: Sequence[tuple[int, int, str, int, int]]) -> None:
    insert_new(conn, "debts", _DEBTS, rows, ("at", "n"))


def holders(conn: Connection, who: Sequence[str]) -> list[str]:
    """Of names in the log (identities, accounts) whose debts they are, in order."""
    found = conn.execute(
        """SELECT DISTINCT coalesce(identity, asked) FROM unnest(%s::text[]) AS asked
           LEFT JOIN accounts ON account = asked ORDER BY 1""",
        (list(who),),
    )
    return [row[0] for row in found]


def entries(conn: Connection, of: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """All (moment, amount) of these holders, under whatever name they were told."""
    found = conn.cursor(binary=True).execute(
        """SELECT holder, ts, amount FROM (
               SELECT holder, holder AS name FROM unnest(%(of)s::text[]) AS holder
               UNION SELECT identity, account FROM accounts WHERE identity = ANY(%(of)s)
           ) AS named JOIN debts ON who = name""",
        {"of": list(of)},
    )
    made: dict[str, list[tuple[int, int]]] = {holder: [] for holder in of}
    for holder, ts, amount in found:
        made[holder].append((ts, amount))
    return made


def set_owing(conn: Connection, owes: Sequence[tuple[str, Owing]]) -> None:
    conn.execute(
        """INSERT INTO owing (holder, owed, since)
           SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[])
           ON CONFLICT (holder) DO UPDATE SET owed = excluded.owed, since = excluded.since""",
        (
            [holder for holder, _ in owes],
            [one.owed for _, one in owes],
            [one.since for _, one in owes],
        ),
    )


def owing(conn: Connection, holder: str) -> Owing:
    row = conn.execute("SELECT owed, since FROM owing WHERE holder = %s", (holder,)).fetchone()
    return Owing(*row) if row else Owing()


def add_suspicions(conn: Connection, rows: Sequence[tuple[UUID, str, int, int]]) -> list[bool]:
    return insert_new(conn, "suspicions", _SUSPICIONS, rows, ("tap_id",))


def suspicions_of(conn: Connection, accounts: Sequence[str]) -> dict[str, list[int]]:
    """The moments of all suspicious taps of these accounts."""
    found = conn.cursor(binary=True).execute(
        "SELECT account, ts FROM suspicions WHERE account = ANY(%s)", (list(accounts),)
    )
    made: dict[str, list[int]] = {account: [] for account in accounts}
    for account, ts in found:
        made[account].append(ts)
    return made


def add_events(conn: Connection, told: Sequence[Event]) -> None:
    rows = [(_event_id(one), one.account, one.at, one.kind, one.detail) for one in told]
    insert_new(conn, "rider_events", _EVENTS, rows, ("event_id",))


def _event_id(event: Event) -> UUID:
    fact = f"{event.at}\0{event.account}\0{event.kind:d}\0{event.detail}"
    return derived_id(event.at, fact.encode())


def restored_at(conn: Connection, accounts: Sequence[str]) -> dict[str, int]:
    """When accounts were restored last, of those that ever were."""
    found = conn.execute(
        """SELECT account, max(at) FROM rider_events WHERE account = ANY(%s) AND kind = %s
           GROUP BY account""",
        (list(accounts), EventKind.RESTORED),
    )
    return dict(found.fetchall())


def events_of(conn: Connection, number: str) -> list[Event]:
    found = conn.execute(
        "SELECT account, at, kind, detail FROM rider_events WHERE account = %s ORDER BY at, kind",
        (number,),
    )
    return [Event(account, at, EventKind(kind), detail) for account, at, kind, detail in found]
