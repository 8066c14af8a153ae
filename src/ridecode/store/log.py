"""The log: how facts travel from a room to the rooms above it, and events come back down.

A batch belongs to a topic and has the next offset of it, from 1, without a gap, in the order in
which the transactions end: whoever appends holds the topic until then. So appending is the last
thing that a transaction does, and a reader that has seen an offset has missed none before it.
A consumer sets its mark in the transaction in which it stores what it made of the batches: each
batch then has its effect exactly once, whatever is killed when.

Outgrown, a topic is a NATS JetStream stream with the partition key in the subject: the same topic,
key, offset and batch.
"""

from collections.abc import Sequence

from msgspec import Struct

from ridecode.store.cell import Connection
from ridecode.store.sets import Column, as_array

_BODY = Column("body", "bytea")


class Batch(Struct, frozen=True, gc=False):
    """What was appended in one go."""

    offset: int
    key: str
    """The partition key: what must stay in order has one key. Empty: of the whole city."""
    body: bytes


def append(conn: Connection, topic: str, bodies: Sequence[bytes], key: str = "") -> int:
    """Append batches in the caller's transaction; the offset of the last, 0 if there was none."""
    if not bodies:
        return 0
    row = conn.execute(
        """INSERT INTO log_topics AS topic (topic, last) VALUES (%(topic)s, %(count)s)
           ON CONFLICT (topic) DO UPDATE SET last = topic.last + excluded.last
           RETURNING topic.last""",
        {"topic": topic, "count": len(bodies)},
    ).fetchone()
    assert row is not None, "an upsert gives a row"
    last: int = row[0]
    conn.execute(
        """INSERT INTO log (topic, at, key, body)
           SELECT %(topic)s, %(first)s + n - 1, %(key)s, body
           FROM unnest(%(bodies)b::bytea[]) WITH ORDINALITY AS asked (body, n)""",
        {
            "topic": topic,
            "first": last - len(bodies) + 1,
            "key": key,
            "bodies": as_array(bodies, _BODY),
        },
    )
    return last


def read(conn: Connection, topic: str, after: int, most: int = 1_000) -> list[Batch]:
    """The batches behind an offset, in order, `most` of them at a time."""
    found = conn.cursor(binary=True).execute(
        "SELECT at, key, body FROM log WHERE topic = %s AND at > %s ORDER BY at LIMIT %s",
        (topic, after, most),
    )
    return [Batch(*row) for row in found]


def last(conn: Connection, topic: str) -> int:
    """The offset of the newest batch; 0 for none."""
    row = conn.execute("SELECT last FROM log_topics WHERE topic = %s", (topic,)).fetchone()
    return row[0] if row else 0


def mark(conn: Connection, consumer: str, topic: str) -> int:
    """Up to where a consumer has come; 0 before its first batch.

    The mark stays locked until the transaction ends, so that a consumer runs once at a time.
    """
    conn.execute(
        "INSERT INTO log_marks (consumer, topic, at) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING",
        (consumer, topic),
    )
    row = conn.execute(
        "SELECT at FROM log_marks WHERE consumer = %s AND topic = %s FOR UPDATE", (consumer, topic)
    ).fetchone()
    assert row is not None, "it was made above"
    at: int = row[0]
    return at


def set_mark(conn: Connection, consumer: str, topic: str, at: int) -> None:
    """A consumer has made of everything up to an offset what it makes of it."""
    conn.execute(
        "UPDATE log_marks SET at = %s WHERE consumer = %s AND topic = %s", (at, consumer, topic)
    )
