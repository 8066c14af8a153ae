"""The SQL of the channels: agreements, orders, refunds, and what rides cost beyond their orders.

An order is changed only where it is still as it was read (`set_heard`), and before the ledger is
taken (`ledger.last_closed`), behind which refunds and differences are read and written: so nobody
waits for somebody who waits for him. Behind the ledger only one's own new and changed orders are
written again. When they are due is `due`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ridecode.money.channels import due
from ridecode.money.channels.contract import Agreement
from ridecode.money.channels.kept import Kept, Signed, heard_bytes
from ridecode.money.channels.order import Purse, Refund, State
from ridecode.money.channels.order_rows import COLUMNS, ID, NAMES, PURSES, kept_of
from ridecode.store import Column, Connection, as_array, copy_rows, encode_rows

_KEPT = f"""SELECT {NAMES}, coalesce(tries, 0), due_at
    FROM charge_orders AS of LEFT JOIN charge_due AS due USING (order_id)"""
_REFUNDS = "refund_id, order_id, transaction, amount, about"
_TEXT, _BIGINT = Column("text", "text"), Column("n", "bigint")


def sign_alone(conn: Connection) -> None:
    """Nobody else signs before the end of the transaction: what is told twice at once is looked up
    by the second when the first has written it."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_SIGNING,))


_SIGNING = 0x7369676E
"""Its number among advisory locks: 'sign'."""


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
        f"""SELECT {_SIGNED} FROM unnest(%b::text[]) AS asked (of) CROSS JOIN LATERAL (
                SELECT * FROM agreements WHERE account = of AND ended_at IS NULL LIMIT 1) AS own""",
        (as_array(list(accounts), _TEXT),),
    )
    return {row[1]: _signed(row) for row in found.fetchall()}


def agreements_numbered(conn: Connection, numbers: Iterable[int]) -> dict[int, Signed]:
    found = conn.cursor(binary=True).execute(
        f"SELECT {_SIGNED} FROM agreements WHERE agreement = ANY(%b::bigint[])",
        (as_array(list(numbers), _BIGINT),),
    )
    return {row[0]: _signed(row) for row in found.fetchall()}


def _signed(row: tuple[Any, ...]) -> Signed:
    number, account, contract, user, channel, purse, platform, signed_at = row
    return Signed(
        number=number,
        agreement=Agreement(account=account, contract=contract, user=user),
        channel=channel,
        purse=PURSES[purse],
        platform=platform,
        signed_at=signed_at,
    )


def add_orders(conn: Connection, kept: Sequence[Kept]) -> bool:
    """Orders that are not there yet; False where one is: then none is added."""
    if not kept:
        return True
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
    ]
    if not copy_rows(conn, "charge_orders", COLUMNS, [encode_rows(COLUMNS, columns)]):
        return False
    due.add(conn, [one for one in kept if one.due_at is not None])
    return True


def orders(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Kept]:
    """Those of these that there are, in the order of their ids."""
    found = conn.cursor(binary=True).execute(
        f"{_KEPT} WHERE of.order_id = ANY(%b::uuid[]) ORDER BY of.order_id",
        (as_array(list(ids), ID),),
    )
    return {row[0]: kept_of(row) for row in found.fetchall()}


def set_heard(conn: Connection, changed: Sequence[tuple[Kept, Kept]]) -> bool:
    """What became of orders, each as it was and as it is; False where one was not as it was, and
    then what was written is to be rolled back."""
    if not changed:
        return True
    columns: list[Sequence[object]] = [
        [after.order.order_id for _, after in changed],
        [after.state for _, after in changed],
        [heard_bytes(after.heard) for _, after in changed],
        [after.owed for _, after in changed],
    ]
    arrays = [as_array(of, column) for of, column in zip(columns, _CHANGING, strict=True)]
    written = conn.execute(
        """UPDATE charge_orders AS of SET state = now.state, heard = now.heard, owed = now.owed
           FROM unnest(%b::uuid[], %b::smallint[], %b::bytea[], %b::bigint[], %b::bytea[])
               AS now (order_id, state, heard, owed, before)
           WHERE of.order_id = now.order_id AND of.heard = now.before""",
        [*arrays, as_array([heard_bytes(before.heard) for before, _ in changed], _HEARD)],
    )
    due.follow(conn, [after for _, after in changed])
    return written.rowcount == len(changed)


_HEARD = COLUMNS[9]
_CHANGING = (ID, COLUMNS[8], _HEARD, COLUMNS[10])


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
        (as_array(list(orders_), ID),),
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
        f"""WITH due AS MATERIALIZED (
                SELECT refund_id AS of FROM charge_refunds JOIN charge_orders USING (order_id)
                WHERE charge_refunds.due_at <= %(now)s AND channel = %(channel)s
                ORDER BY charge_refunds.due_at LIMIT %(most)s
                FOR UPDATE OF charge_refunds SKIP LOCKED)
            UPDATE charge_refunds SET tries = tries + 1, due_at = %(until)s
            FROM due WHERE refund_id = due.of
            RETURNING {_REFUNDS}, tries""",
        {"channel": channel, "now": now, "until": until, "most": most},
        prepare=due.PLANNED_ANEW,
    )
    return sorted(((Refund(*row[:5]), row[5]) for row in found), key=lambda one: one[0].refund_id)


def put_off_refunds(conn: Connection, until: Mapping[UUID, int], leased_until: int) -> None:
    """Leased refunds of which nothing was heard are due at other moments; not one that somebody
    else has leased or heard of meanwhile."""
    conn.execute(
        """UPDATE charge_refunds AS due SET due_at = later.due_at
           FROM unnest(%b::uuid[], %b::bigint[]) AS later (refund_id, due_at)
           WHERE due.refund_id = later.refund_id AND due.due_at = %b""",
        (as_array(list(until), ID), as_array(list(until.values()), _BIGINT), leased_until),
    )


def end_refunds(conn: Connection, refunds: Iterable[UUID]) -> None:
    """The channel has said what becomes of them."""
    conn.execute(
        "UPDATE charge_refunds SET due_at = NULL WHERE refund_id = ANY(%b::uuid[])",
        (as_array(list(refunds), ID),),
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


def owing(conn: Connection, account: str) -> list[Kept]:
    """The orders of an account that leave something owed, in the order of their ids."""
    found = conn.cursor(binary=True).execute(
        f"{_KEPT} WHERE of.account = %s AND of.owed > 0 ORDER BY of.order_id", (account,)
    )
    return [kept_of(row) for row in found]


def left_behind(conn: Connection) -> list[tuple[str, int]]:
    """Accounts that owe what was refused, or taken too little, under another agreement than the one
    that stands, which is told with them."""
    return (
        conn.cursor(binary=True)
        .execute(
            """SELECT DISTINCT account, now.agreement
               FROM charge_orders AS of JOIN agreements AS now USING (account)
               WHERE owed > 0 AND state = ANY(%b) AND ended_at IS NULL
                   AND of.agreement <> now.agreement
               ORDER BY account""",
            ([int(State.REFUSED), int(State.PAID)],),
        )
        .fetchall()
    )


def add_told_difference(conn: Connection, account: str, fen: int) -> None:
    """What rides of an account cost beyond their orders, and was told as a debt before."""
    conn.execute(
        """INSERT INTO charge_differences AS difference (account, fen, told)
           VALUES (%(account)s, %(fen)s, %(fen)s) ON CONFLICT (account) DO UPDATE
           SET fen = difference.fen + excluded.fen, told = difference.told + excluded.told""",
        {"account": account, "fen": fen},
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
