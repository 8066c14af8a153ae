"""The SQL of the checks: what awaits them, what was found, and what was released."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from msgspec import msgpack

from ridecode.core import Verdict
from ridecode.store import Column, Connection, insert_new, log
from ridecode.taps.db import OF_TAPS, tap_of
from ridecode.taps.facts import Quarantined, Unchecked
from ridecode.taps.suspicion import Suspicion

UNCHECKED = "taps.unchecked"
"""Topic of the log: ids of taps that await the check of their code."""
QUARANTINED = "taps.quarantined"
"""Topic of the log: [id, account, reason, ts] of taps that were set aside."""

_CHECKS = (
    Column("tap_id", "uuid"), Column("account", "text"), Column("ts", "bigint"),
    Column("reason", "smallint"), Column("verdict", "smallint"), Column("at", "bigint"),
)  # fmt: skip


def tell_unchecked(conn: Connection, ids: Sequence[bytes]) -> None:
    """Append to the log which taps, by the 16 bytes of their ids, await the check of their code."""
    if ids:
        log.append(conn, UNCHECKED, [msgpack.encode(ids)])


def ids_of(batch: log.Batch) -> list[bytes]:
    """What a batch of `taps.unchecked` holds."""
    return _ids(batch.body)


_ids = msgpack.Decoder(list[bytes]).decode

Aside: TypeAlias = tuple[UUID, str, Suspicion, int]
"""A tap that is set aside: id, account, reason, ts."""
LookedAt: TypeAlias = tuple[UUID, str, int, Suspicion | None, Verdict | None, int]
"""What was found of a tap: id, account, ts, reason, verdict on the code, when."""


def quarantine(conn: Connection, found: Sequence[Aside], now: int) -> None:
    """Set taps aside at the door, and tell the log."""
    add_checks(conn, [(tap_id, account, ts, why, None, now) for tap_id, account, why, ts in found])
    tell_quarantined(conn, found)


def add_checks(conn: Connection, found: Sequence[LookedAt]) -> None:
    """Keep it; from now on the taps are found by their accounts."""
    rows = [
        (tap_id, account, ts, why or 0, verdict, at)
        for tap_id, account, ts, why, verdict, at in found
    ]
    insert_new(conn, "tap_checks", _CHECKS, rows, ("tap_id",))


def tell_quarantined(conn: Connection, found: Sequence[Aside]) -> None:
    """Append to the log which taps were set aside."""
    if found:
        body = [(tap_id.bytes, account, why, ts) for tap_id, account, why, ts in found]
        log.append(conn, QUARANTINED, [msgpack.encode(body)])


def unchecked(conn: Connection, ids: Sequence[bytes]) -> list[Unchecked]:
    """What the check asks of those of these taps that still await it, in the order of their ids."""
    found = conn.cursor(binary=True).execute(
        """SELECT tap_id, account, account_type, ts, code, code_time
           FROM taps WHERE tap_id = ANY(%s::uuid[]) AND awaits AND NOT EXISTS (
               SELECT FROM tap_checks AS known WHERE known.tap_id = taps.tap_id)
           ORDER BY tap_id""",
        ("{" + ",".join([at.hex() for at in ids]) + "}",),
    )
    return [Unchecked(*row) for row in found.fetchall()]


def quarantined(
    conn: Connection, city: str, since: int, most: int, operator: str
) -> list[Quarantined]:
    """Taps that are set aside from a moment on, the newest first; of all where none is named."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT found.reason, found.verdict, found.at, {OF_TAPS}, code
            FROM tap_checks AS found JOIN taps USING (tap_id)
            WHERE found.reason <> 0 AND found.at >= %(since)s
              AND (%(operator)s = '' OR taps.operator = %(operator)s)
            ORDER BY found.at DESC, tap_id DESC LIMIT %(most)s""",
        {"since": since, "most": most, "operator": operator},
    )
    return [
        Quarantined(
            tap_of(city, row[3:-1], row[-1]), Suspicion(row[0]),
            None if row[1] is None else Verdict(row[1]), row[2],
        )
        for row in found.fetchall()
    ]  # fmt: skip


def set_aside(conn: Connection, tap_id: UUID) -> tuple[Suspicion, int] | None:
    """Why and since when a tap is in quarantine; its row stays locked."""
    row = conn.execute(
        "SELECT reason, at FROM tap_checks WHERE tap_id = %s AND reason <> 0 FOR UPDATE", (tap_id,)
    ).fetchone()
    return None if row is None else (Suspicion(row[0]), row[1])


def release(
    conn: Connection, tap_id: UUID, of: tuple[Suspicion, int], by: str, why: str, now: int
) -> None:
    """Keep who let a tap go on, and why; it awaits the check of its code again."""
    conn.execute(
        """INSERT INTO tap_releases (tap_id, reason, quarantined_at, at, by, why)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        (tap_id, *of, now, by, why),
    )
    conn.execute("DELETE FROM tap_checks WHERE tap_id = %s", (tap_id,))
