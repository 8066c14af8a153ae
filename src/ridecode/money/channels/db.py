"""The SQL of the channels: agreements, orders, refunds, and what rides cost beyond their orders."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ridecode.money.channels.contract import Agreement
from ridecode.money.channels.kept import Kept, Signed, heard_bytes, heard_of
from ridecode.money.channels.order import Order, Purse, Refund, State
from ridecode.store import Column, Connection, as_array, copy_rows, encode_rows

_ORDERS = (
    Column("order_id", "uuid"), Column("account", "text"), Column("channel", "text"),
    Column("purse", "smallint"), Column("amount", "bigint"), Column("about", "uuid"),
    Column("made_at", "bigint"), Column("agreement", "bigint"), Column("state", "smallint"),
    Column("heard", "bytea"), Column("owed", "bigint"), Column("tries", "integer"),
    Column("due_at", "bigint"),
)  # fmt: skip
_NAMES = ", ".join(column.name for column in _ORDERS)
_REFUNDS = "refund_id, order_id, transaction, amount, about"
_ID, _TEXT, _BIGINT = Column("id", "uuid"), Column("text", "text"), Column("n", "bigint")
_PURSES = {int(purse): purse for purse in Purse}
_STATES = {int(state): state for state in State}


def add_agreement(conn: Connection, of: Agreement, channel: str, purse: Purse, platform: str,
                  now: int) -> bool:  # fmt: skip
    """The account's earlier one ends with it; False where the channel's contract is known."""
    known = conn.execute(
        "SELECT FROM agreements WHERE channel = %s AND contract = %s", (channel, of.contract)
    ).fetchone()
    if known is not None:
        return False
    end_agreement(conn, of.account, now)
    conn.execute(
        """INSERT INTO agreements (account, channel, purse, platform, contract, user_id, signed_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        (of.account, channel, purse, platform, of.contract, of.user, now),
    )
    return True


def end_agreement(conn: Connection, account: str, now: int) -> bool:
    """Whether there was one."""
    ended = conn.execute(
        """UPDATE agreements SET ended_at = greatest(%s, signed_at)
           WHERE account = %s AND ended_at IS NULL""",
        (now, account),
    )
    return ended.rowcount > 0


_SIGNED = "agreement, account, contract, user_id, channel, purse, platform, signed_at"


def agreements(conn: Connection, accounts: Iterable[str]) -> dict[str, Signed]:
    """Those that stand, by account."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_SIGNED} FROM unnest(%b::text[]) AS asked (account)
            JOIN agreements USING (account) WHERE ended_at IS NULL""",
        (as_array(list(accounts), _TEXT),),
    )
    return {row[1]: _signed(row) for row in found}


def agreements_numbered(conn: Connection, numbers: Iterable[int]) -> dict[int, Signed]:
    found = conn.cursor(binary=True).execute(
        f"SELECT {_SIGNED} FROM agreements WHERE agreement = ANY(%b::bigint[])",
        (as_array(list(numbers), _BIGINT),),
    )
    return {row[0]: _signed(row) for row in found}


def _signed(row: tuple[Any, ...]) -> Signed:
    number, account, contract, user, channel, purse, platform, signed_at = row
    return Signed(
        number=number,
        agreement=Agreement(account=account, contract=contract, user=user),
        channel=channel,
        purse=_PURSES[purse],
        platform=platform,
        signed_at=signed_at,
    )


def add_orders(conn: Connection, kept: Sequence[Kept]) -> None:
    """Orders that are not there yet."""
    if not kept:
        return
    orders = [one.order for one in kept]
    columns: list[Sequence[object]] = [
        [one.order_id for one in orders],
        [one.account for one in orders],
        [one.channel for one in orders],
        [one.purse for one in orders],
        [one.amount for one in orders],
        [one.about for one in orders],
        [one.made_at for one in orders],
        [one.signed for one in kept],
        [one.state for one in kept],
        [heard_bytes(one.heard) for one in kept],
        [one.owed for one in kept],
        [one.tries for one in kept],
        [one.due_at for one in kept],
    ]
    is_written = copy_rows(conn, "charge_orders", _ORDERS, [encode_rows(_ORDERS, columns)])
    assert is_written, "their ids are made of what was booked in this transaction"


def lock_orders(conn: Connection, ids: Iterable[UUID]) -> list[Kept]:
    """Those of these that there are by id, held until the transaction ends."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_NAMES} FROM charge_orders WHERE order_id = ANY(%b::uuid[])
            ORDER BY order_id FOR NO KEY UPDATE""",
        (as_array(list(ids), _ID),),
    )
    return [_kept(row) for row in found]


def orders(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Kept]:
    """Those of these that there are."""
    found = conn.cursor(binary=True).execute(
        f"SELECT {_NAMES} FROM charge_orders WHERE order_id = ANY(%b::uuid[])",
        (as_array(list(ids), _ID),),
    )
    return {row[0]: _kept(row) for row in found}


def lock_latest_orders(
    conn: Connection, accounts: Sequence[str], most: int
) -> dict[str, list[Kept]]:
    """By account its latest orders, the newest first, held until the transaction ends."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_NAMES} FROM charge_orders WHERE order_id IN (
                SELECT order_id FROM unnest(%b::text[]) AS asked (of) CROSS JOIN LATERAL (
                    SELECT order_id FROM charge_orders WHERE account = of
                    ORDER BY made_at DESC LIMIT %b) AS latest)
            ORDER BY order_id FOR NO KEY UPDATE""",
        (as_array(accounts, _TEXT), most),
    )
    latest: dict[str, list[Kept]] = {}
    for row in reversed(found.fetchall()):
        latest.setdefault(row[1], []).append(_kept(row))
    return latest


def lease_orders(conn: Connection, channel: str, now: int, until: int, most: int) -> list[Kept]:
    """Orders that are due, for whoever asks first; to everybody else they are due at `until`."""
    found = conn.cursor(binary=True).execute(
        f"""UPDATE charge_orders SET tries = tries + 1, due_at = %(until)s
            WHERE order_id IN (
                SELECT order_id FROM charge_orders WHERE channel = %(channel)s AND due_at <= %(now)s
                ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING {_NAMES}""",
        {"channel": channel, "now": now, "until": until, "most": most},
    )
    return sorted((_kept(row) for row in found), key=lambda one: one.order.order_id)


def _kept(row: tuple[Any, ...]) -> Kept:
    order_id, account, channel, purse, amount, about, made_at, signed = row[:8]
    state, heard, owed, tries, due_at = row[8:]
    order = Order(order_id, account, channel, _PURSES[purse], amount, about, made_at)
    return Kept(order, signed, _STATES[state], heard_of(heard), owed, tries, due_at)


def set_heard(conn: Connection, kept: Sequence[Kept]) -> None:
    """What became of orders."""
    if kept:
        columns: list[Sequence[object]] = [
            [one.order.order_id for one in kept],
            [one.state for one in kept],
            [heard_bytes(one.heard) for one in kept],
            [one.owed for one in kept],
            [one.tries for one in kept],
            [one.due_at for one in kept],
        ]
        conn.execute(
            """UPDATE charge_orders AS of SET state = now.state, heard = now.heard,
                   owed = now.owed, tries = now.tries, due_at = now.due_at
               FROM unnest(%b::uuid[], %b::smallint[], %b::bytea[], %b::bigint[], %b::integer[],
                           %b::bigint[]) AS now (order_id, state, heard, owed, tries, due_at)
               WHERE of.order_id = now.order_id""",
            [
                as_array(values, column)
                for values, column in zip(columns, (_ORDERS[0], *_ORDERS[8:]), strict=True)
            ],
        )


def put_off(conn: Connection, until: Mapping[UUID, int | None], leased_until: int) -> None:
    """Leased orders of which nothing was heard are due at other moments; not one that somebody
    else has heard of meanwhile."""
    if until:
        conn.execute(
            """UPDATE charge_orders AS of SET due_at = later.due_at
               FROM unnest(%b::uuid[], %b::bigint[]) AS later (order_id, due_at)
               WHERE of.order_id = later.order_id AND of.due_at = %b""",
            (
                as_array(list(until), _ID),
                as_array(list(until.values()), _BIGINT),
                leased_until,
            ),
        )


def add_refunds(conn: Connection, refunds: Sequence[Refund], now: int) -> None:
    """Refunds that are to be asked for at once."""
    if refunds:
        conn.cursor().executemany(
            f"""INSERT INTO charge_refunds ({_REFUNDS}, made_at, due_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [
                (one.refund_id, one.order_id, one.transaction, one.amount, one.about, now, now)
                for one in refunds
            ],
        )


def refunds_of(conn: Connection, orders_: Iterable[UUID]) -> dict[UUID, list[Refund]]:
    """All that was ever asked back of orders, by order, in the order of their ids."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_REFUNDS} FROM charge_refunds WHERE order_id = ANY(%b::uuid[])
            ORDER BY refund_id""",
        (as_array(list(orders_), _ID),),
    )
    refunds: dict[UUID, list[Refund]] = {}
    for row in found:
        refunds.setdefault(row[1], []).append(Refund(*row))
    return refunds


def lease_refunds(
    conn: Connection, channel: str, now: int, until: int, most: int
) -> list[tuple[Refund, int]]:
    """Refunds that are due, with how often each was asked for."""
    found = conn.cursor(binary=True).execute(
        f"""UPDATE charge_refunds SET tries = tries + 1, due_at = %(until)s
            WHERE refund_id IN (
                SELECT refund_id FROM charge_refunds JOIN charge_orders USING (order_id)
                WHERE charge_refunds.due_at <= %(now)s AND channel = %(channel)s
                ORDER BY charge_refunds.due_at LIMIT %(most)s
                FOR UPDATE OF charge_refunds SKIP LOCKED)
            RETURNING {_REFUNDS}, tries""",
        {"channel": channel, "now": now, "until": until, "most": most},
    )
    return sorted(((Refund(*row[:5]), row[5]) for row in found), key=lambda one: one[0].refund_id)


def put_off_refund(conn: Connection, refund: UUID, due_at: int) -> None:
    conn.execute("UPDATE charge_refunds SET due_at = %s WHERE refund_id = %s", (due_at, refund))


def end_refunds(conn: Connection, refunds: Iterable[UUID]) -> None:
    """The channel has said what becomes of them."""
    conn.execute(
        "UPDATE charge_refunds SET due_at = NULL WHERE refund_id = ANY(%b::uuid[])",
        (as_array(list(refunds), _ID),),
    )


def add_differences(conn: Connection, by_account: Mapping[str, int]) -> None:
    """What rides of accounts cost beyond their orders, or less."""
    moved = {account: fen for account, fen in sorted(by_account.items()) if fen}
    if moved:
        conn.execute(
            """INSERT INTO charge_differences AS difference (account, fen)
               SELECT account, fen FROM unnest(%b::text[], %b::bigint[]) AS new (account, fen)
               ON CONFLICT (account) DO UPDATE SET fen = difference.fen + excluded.fen""",
            (as_array(list(moved), _TEXT), as_array(list(moved.values()), _BIGINT)),
        )


def differences(conn: Connection, after: str, most: int) -> list[tuple[str, int, int]]:
    """Account, fen, told, of those that are not zero, by account behind one."""
    return (
        conn.cursor(binary=True)
        .execute(
            """SELECT account, fen, told FROM charge_differences
               WHERE (fen <> 0 OR told > 0) AND account > %s ORDER BY account LIMIT %s""",
            (after, most),
        )
        .fetchall()
    )


def set_told(conn: Connection, told: Mapping[str, int]) -> None:
    """What of differences was told as a debt."""
    if told:
        conn.execute(
            """UPDATE charge_differences AS of SET told = now.told
               FROM unnest(%b::text[], %b::bigint[]) AS now (account, told)
               WHERE of.account = now.account""",
            (as_array(list(told), _TEXT), as_array(list(told.values()), _BIGINT)),
        )


def add_bench_agreements(conn: Connection, accounts: Sequence[str], channel: str, purse: Purse,
                         platform: str, now: int) -> None:  # fmt: skip
    """Agreements of accounts that have none, for measuring: past `sign`, one statement for all."""
    conn.execute(
        """INSERT INTO agreements (account, channel, purse, platform, contract, user_id, signed_at)
           SELECT account, %b, %b, %b, 'contract ' || account, 'user ' || account, %b
           FROM unnest(%b::text[]) AS new (account)""",
        (channel, int(purse), platform, now, as_array(accounts, _TEXT)),
    )
