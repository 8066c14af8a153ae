"""A session beside which nobody else does the same: one at a time in a cell, in all processes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from ridecode.core import UnavailableError
from ridecode.store.cell import Connection


@contextmanager
def alone(dsn: str, work: int, happened: str) -> Iterator[Connection]:
    """Wait until nobody else in the cell is at the same work, and hold that while the block runs.

    `work` is its number among the advisory locks, `happened` what an `UnavailableError` names where
    the server goes away: "fares were booked".
    """
    try:
        with psycopg.connect(dsn) as conn:
            conn.execute("SELECT pg_advisory_lock(%s, 1)", (work,))
            wait_for_workers(conn, work)
            conn.commit()
            yield conn
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"PostgreSQL failed while {happened}: {str(error).strip()}.",
            "Run it again when it is back: it goes on from where it stood.",
        ) from error


def wait_for_workers(conn: Connection, work: int) -> None:
    """Wait for whoever still works for one who was alone at it before, and was killed or has lost
    his session: all of them share its second lock."""
    conn.execute("SELECT pg_advisory_lock(%s, 2), pg_advisory_unlock(%s, 2)", (work, work))


def works_for(conn: Connection, work: int, session: int, happened: str) -> None:
    """Say that this session does part of what another one is alone at: as long as it lasts, nobody
    else is alone at that work, even where the other one is lost.

    `session` is the other's `info.backend_pid`; raises `UnavailableError` where it is lost already.
    """
    conn.execute("SELECT pg_advisory_lock_shared(%s, 2)", (work,))
    holds = conn.execute(
        """SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND classid = %s AND objid = 1 AND pid = %s AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
        (work, session),
    ).fetchone()
    if holds is None:
        raise UnavailableError(
            f"PostgreSQL lost a session while {happened}.",
            "Run it again: it goes on from where it stood.",
        )
