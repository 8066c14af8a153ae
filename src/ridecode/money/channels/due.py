"""The queue of orders: which are due at their channels, and when (到期).

Orders that are made together are due together, as sets: a row for a hundred. Nearly all are paid
when they are sent for the first time, and never have a row of their own. What is to be sent or
asked after again is due by itself. What was heard is kept first, then those of which nothing was
heard are made due by themselves and their set goes, in one transaction: so with whoever is killed
between the two nothing is lost, for of a set those count of which nothing was heard.

Whoever takes what is due makes it due again at a later moment, his lease: to everybody else it is
due then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.money.channels.kept import Kept
from ridecode.money.channels.order import State
from ridecode.money.channels.order_rows import ID, NAMES, kept_of
from ridecode.store import Column, Connection, as_array

SET_MOST: Final = 100
"""Orders of a set: 1,600 bytes, which a row holds in itself."""
_DUE: Final = (
    ID, Column("channel", "text"), Column("due_at", "bigint"), Column("tries", "integer"),
)  # fmt: skip
_BIGINT: Final = Column("n", "bigint")
PLANNED_ANEW: Final = False
"""Of a lease: prepared, the plan of when nothing was due would read whole tables when much is.
What is due is looked up once (MATERIALIZED): within an IN it might be looked up again for every
row, and all would be leased instead of some."""
_QUEUED: Final = int(State.QUEUED)


class Leased(Struct, frozen=True):
    """Orders that somebody has taken to send them or to ask after them."""

    until: int
    """When they are due to others; UTC epoch microseconds."""
    orders: list[Kept]
    """All, in the order of their ids."""
    alone: list[Kept]
    sets: dict[int, list[Kept]]
    """By the set with which they are due."""


def add(conn: Connection, kept: Sequence[Kept]) -> None:
    """New orders are due, those of a channel and a moment together."""
    by_channel = sorted(kept, key=_together)
    sets = [
        (channel, due_at, as_array([one.order.order_id for one in part], ID))
        for (channel, due_at), own in groupby(by_channel, _together)
        for part in _parts(list(own))
    ]
    conn.cursor().executemany(
        "INSERT INTO charge_sets (channel, due_at, orders) VALUES (%b, %b, %b::uuid[])", sets
    )


def _together(kept: Kept) -> tuple[str, int | None]:
    return kept.order.channel, kept.due_at


def _parts(kept: Sequence[Kept]) -> Iterator[Sequence[Kept]]:
    return (kept[at : at + SET_MOST] for at in range(0, len(kept), SET_MOST))


def lease(conn: Connection, channel: str, now: int, until: int, most: int) -> Leased:
    """What is due at a channel, for whoever asks first; `most` orders, or up to a set more."""
    sets: dict[int, list[Kept]] = {}
    taken = 0
    while taken < most and (new := _lease_sets(conn, channel, now, until, most - taken)):
        own = _of_sets(conn, new)
        # What was killed behind the last of its orders.
        _end_sets(conn, new - own.keys())
        sets |= own
        taken += sum(map(len, own.values()))
    alone = _lease_alone(conn, channel, now, until, most - taken) if taken < most else []
    orders = [*alone, *(one for own in sets.values() for one in own)]
    orders.sort(key=lambda one: one.order.order_id.int)
    return Leased(until, orders, alone, sets)


def _lease_sets(conn: Connection, channel: str, now: int, until: int, most: int) -> set[int]:
    found = conn.execute(
        """WITH due AS MATERIALIZED (
               SELECT n FROM charge_sets WHERE channel = %(channel)s AND due_at <= %(now)s
               ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
           UPDATE charge_sets AS of SET tries = tries + 1, due_at = %(until)s
           FROM due WHERE of.n = due.n RETURNING of.n""",
        {"channel": channel, "now": now, "until": until, "most": max(most // SET_MOST, 1)},
        prepare=PLANNED_ANEW,
    )
    return {n for (n,) in found}


def _of_sets(conn: Connection, sets: Collection[int]) -> dict[int, list[Kept]]:
    """By set those of its orders that are due with it; none for a set in which there is none."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {NAMES}, own.tries, own.due_at, own.n
            FROM charge_sets AS own CROSS JOIN unnest(orders) AS a (order_id)
            JOIN charge_orders AS of USING (order_id)
            WHERE own.n = ANY(%b::bigint[]) AND state = %b""",
        (as_array(list(sets), _BIGINT), _QUEUED),
        prepare=PLANNED_ANEW,
    )
    by_set: dict[int, list[Kept]] = {}
    for row in found.fetchall():
        by_set.setdefault(row[-1], []).append(kept_of(row[:-1]))
    return by_set


def _lease_alone(conn: Connection, channel: str, now: int, until: int, most: int) -> list[Kept]:
    found = conn.cursor(binary=True).execute(
        f"""WITH due AS MATERIALIZED (
                SELECT order_id FROM charge_due WHERE channel = %(channel)s AND due_at <= %(now)s
                ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED),
            leased AS (
                UPDATE charge_due AS of SET tries = tries + 1, due_at = %(until)s
                FROM due WHERE of.order_id = due.order_id
                RETURNING of.order_id, tries, due_at)
            SELECT {NAMES}, tries, due_at FROM leased JOIN charge_orders AS of USING (order_id)
        """,
        {"channel": channel, "now": now, "until": until, "most": most},
        prepare=PLANNED_ANEW,
    )
    return [kept_of(row) for row in found]


def follow(conn: Connection, changed: Sequence[Kept]) -> None:
    """Orders of which something was heard are due as they say, by themselves, or never."""
    later = [one for one in changed if one.due_at is not None]
    if len(later) < len(changed):
        _end(conn, [one.order.order_id for one in changed if one.due_at is None])
    if later:
        columns: list[Sequence[object]] = [
            [one.order.order_id for one in later],
            [one.order.channel for one in later],
            [one.due_at for one in later],
            [one.tries for one in later],
        ]
        conn.execute(
            """INSERT INTO charge_due (order_id, channel, due_at, tries)
               SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::integer[])
               ON CONFLICT (order_id) DO UPDATE
               SET due_at = excluded.due_at, tries = excluded.tries""",
            [as_array(of, column) for of, column in zip(columns, _DUE, strict=True)],
        )


def give_back(
    conn: Connection, leased: Leased, later: Mapping[UUID, int | None], untried: Collection[UUID]
) -> None:
    """End a lease: of those `later` nothing was heard, they are due at other moments, or never, and
    those for which there was no time count as not tried. The others have been heard of.

    Not one that somebody else has leased or heard of meanwhile, or hears of now.
    """
    alone = {one.order.order_id for one in leased.alone} & later.keys()
    _put_off(conn, {one: later[one] for one in alone}, untried, leased.until)
    if not leased.sets:
        return
    found = conn.execute(
        "SELECT n FROM charge_sets WHERE n = ANY(%b::bigint[]) AND due_at = %b FOR UPDATE",
        (as_array(list(leased.sets), _BIGINT), leased.until),
    )
    ours = {n for (n,) in found}
    if later:
        _put_off_of_sets(conn, [one for n in ours for one in leased.sets[n]], later, untried)
    _end_sets(conn, ours)


def _put_off(
    conn: Connection, later: Mapping[UUID, int | None], untried: Collection[UUID], until: int
) -> None:
    if not later:
        return
    found = conn.cursor(binary=True).execute(
        """SELECT order_id FROM charge_due WHERE order_id = ANY(%b::uuid[]) AND due_at = %b
           FOR UPDATE SKIP LOCKED""",
        (as_array(list(later), ID), until),
    )
    ours = [order for (order,) in found]
    due = {order: at for order in ours if (at := later[order]) is not None}
    conn.execute(
        """UPDATE charge_due AS due SET due_at = later.due_at, tries = tries - later.untried
           FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[]) AS later (order_id, due_at, untried)
           WHERE due.order_id = later.order_id""",
        (
            as_array(list(due), ID),
            as_array(list(due.values()), _BIGINT),
            as_array([int(order in untried) for order in due], _BIGINT),
        ),
    )
    if len(due) < len(ours):
        _end(conn, [order for order in ours if order not in due])


def _put_off_of_sets(
    conn: Connection, kept: Sequence[Kept], later: Mapping[UUID, int | None],
    untried: Collection[UUID],
) -> None:  # fmt: skip
    """Orders that were due with a set are due by themselves: not those that were heard of. One that
    is heard of at this very moment may be: whoever takes it then finds nothing to do."""
    due = sorted(
        (one.order.order_id, at, one.tries - (one.order.order_id in untried))
        for one in kept
        if (at := later.get(one.order.order_id)) is not None
    )
    if due:
        orders, moments, tries = zip(*due, strict=True)
        conn.execute(
            """INSERT INTO charge_due (order_id, channel, due_at, tries)
               SELECT order_id, channel, later.due_at, later.tries
               FROM unnest(%b::uuid[], %b::bigint[], %b::integer[])
                   AS later (order_id, due_at, tries)
               JOIN charge_orders USING (order_id) WHERE state = %b
               ORDER BY order_id ON CONFLICT DO NOTHING""",
            (as_array(orders, ID), as_array(moments, _BIGINT), as_array(tries, _DUE[3]), _QUEUED),
        )


def look_again(conn: Connection, account: str, channel: str, now: int) -> None:
    """What a channel has refused to take from an account is asked for at once."""
    conn.execute(
        """INSERT INTO charge_due (order_id, channel, due_at, tries)
           SELECT order_id, channel, %s, 0 FROM charge_orders
           WHERE account = %s AND owed > 0 AND channel = %s AND state = %s ORDER BY order_id
           ON CONFLICT (order_id) DO UPDATE SET due_at = excluded.due_at, tries = 0""",
        (now, account, channel, int(State.REFUSED)),
    )


def with_its_set(conn: Connection, order_id: UUID) -> int | None:
    """When an order is due that is not due by itself; None for never. Goes through all sets."""
    row = conn.execute(
        "SELECT due_at FROM charge_sets WHERE %s = ANY(orders) ORDER BY due_at LIMIT 1", (order_id,)
    ).fetchone()
    return None if row is None else int(row[0])


def _end(conn: Connection, orders: Sequence[UUID]) -> None:
    conn.execute("DELETE FROM charge_due WHERE order_id = ANY(%b::uuid[])", (as_array(orders, ID),))


def _end_sets(conn: Connection, sets: Collection[int]) -> None:
    if sets:
        conn.execute(
            "DELETE FROM charge_sets WHERE n = ANY(%b::bigint[])", (as_array(list(sets), _BIGINT),)
        )
