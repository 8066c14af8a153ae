"""The SQL of the room's own tables; the ledger, the channels and the clearing have theirs."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ridecode.store import Connection


@contextmanager
def watching(dsn: str) -> Iterator[Connection]:
    """A session for measuring, in no transaction."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


def mark(conn: Connection, of: str) -> int:
    """How far something has come; 0 at first."""
    row = conn.execute("SELECT high FROM money_marks WHERE of = %s", (of,)).fetchone()
    return 0 if row is None else int(row[0])


def set_mark(conn: Connection, of: str, high: int) -> None:
    conn.execute(
        """INSERT INTO money_marks VALUES (%s, %s)
           ON CONFLICT (of) DO UPDATE SET high = excluded.high""",
        (of, high),
    )


def unsigned(conn: Connection, most: int) -> list[str]:
    """Accounts that have a ride and never had an agreement."""
    found = conn.execute(
        """SELECT DISTINCT account FROM rides
           WHERE NOT EXISTS (
               SELECT FROM agreements WHERE agreements.account = rides.account) LIMIT %s""",
        (most,),
    )
    return [account for (account,) in found]
