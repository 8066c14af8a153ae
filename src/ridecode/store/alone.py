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
            conn.commit()
            yield conn
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"PostgreSQL failed while {happened}: {str(error).strip()}.",
            "Run it again when it is back: it goes on from where it stood.",
        ) from error
