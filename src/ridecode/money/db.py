"""The SQL of the room's own tables; the ledger, the channels and the clearing have theirs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias
from uuid import UUID

import psycopg

from ridecode.store import Column, Connection, as_array, copy_rows, encode_rows

Key: TypeAlias = tuple[str, int, UUID]
"""Account, start, ride id."""
Booked: TypeAlias = tuple[int, int]
"""Amount, number of bookings."""
Row: TypeAlias = tuple[str, int, UUID, int, int]
"""Of a ride its key, amount and number of bookings."""

_FARES = (
    Column("account", "text"), Column("start_ts", "bigint"), Column("ride_id", "uuid"),
    Column("amount", "bigint"), Column("bookings", "integer"),
)  # fmt: skip


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


def booked(conn: Connection, keys: Sequence[Key]) -> dict[UUID, Booked]:
    """Of rides what is in the books, by ride id; nothing for those that were never booked."""
    if not keys:
        return {}
    found = conn.cursor(binary=True).execute(
        """SELECT ride_id, amount, bookings
           FROM unnest(%b::text[], %b::bigint[], %b::uuid[]) AS asked (account, start_ts, ride_id)
           JOIN booked_fares USING (account, start_ts, ride_id)""",
        [as_array(values, of) for values, of in zip(zip(*keys, strict=True), _FARES, strict=False)],
    )
    return {ride_id: (amount, bookings) for ride_id, amount, bookings in found}


def unsigned(conn: Connection, most: int) -> list[str]:
    """Accounts that have a ride and never had an agreement."""
    found = conn.execute(
        """SELECT DISTINCT account FROM rides
           WHERE NOT EXISTS (
               SELECT FROM agreements WHERE agreements.account = rides.account) LIMIT %s""",
        (most,),
    )
    return [account for (account,) in found]


def add_booked(conn: Connection, rows: Sequence[Row]) -> bool:
    """Of rides that were never booked; False where one was: then none is added."""
    if not rows:
        return True
    encoded = encode_rows(_FARES, list(zip(*rows, strict=True)))
    return copy_rows(conn, "booked_fares", _FARES, [encoded])


def set_booked(conn: Connection, rows: Sequence[Row]) -> None:
    """Of rides that were booked before."""
    if rows:
        conn.execute(
            """UPDATE booked_fares AS fare SET amount = now.amount, bookings = now.bookings
               FROM unnest(%b::text[], %b::bigint[], %b::uuid[], %b::bigint[], %b::integer[])
                   AS now (account, start_ts, ride_id, amount, bookings)
               WHERE fare.account = now.account AND fare.start_ts = now.start_ts
                   AND fare.ride_id = now.ride_id""",
            [
                as_array(values, of)
                for values, of in zip(zip(*rows, strict=True), _FARES, strict=True)
            ],
        )
