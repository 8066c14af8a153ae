"""The SQL of the ledger: sets of rows in, sets of rows out; the rules stand in `journal`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.money.ledger.chart import Account, Flow, Kind
from ridecode.money.ledger.journal import Journal, Line
from ridecode.store import Cell, Column, Connection, as_array, copy_rows, encode_rows

_POSTING = 0x1EDCE2
"""Number of the advisory lock under which one at a time posts to a cell's books."""

_JOURNALS = (
    Column("n", "bigint"), Column("journal_id", "uuid"), Column("flow", "smallint"),
    Column("debit", "bigint"), Column("credit", "bigint"), Column("amount", "bigint"),
    Column("debit_after", "bigint"), Column("credit_after", "bigint"), Column("day", "integer"),
    Column("about", "uuid"),
)  # fmt: skip
_KINDS, _PARTIES = Column("kind", "smallint"), Column("party", "text")
_NUMBERS, _IDS = Column("account", "bigint"), Column("journal_id", "uuid")


Where: TypeAlias = Cell | Connection
"""A cell, for a transaction of its own; or the connection of a transaction that goes on."""


@contextmanager
def connected(where: Where) -> Iterator[Connection]:
    """A transaction: of its own in a cell, or the one that is open already."""
    if isinstance(where, Cell):
        with where.connection() as conn:
            yield conn
    else:
        yield where


class Head(Struct, frozen=True):
    """How far the books go."""

    last: int
    """Number of the last journal; 0 for none."""
    posted_at: int
    """When it was posted, UTC epoch microseconds."""
    batch: UUID | None
    closed: int | None
    """Last business day that was closed."""


def lock(conn: Connection) -> Head:
    """Wait until nobody else posts, and hold that until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (_POSTING,))
    return head(conn)


def head(conn: Connection) -> Head:
    row = (
        conn.cursor(binary=True)
        .execute(
            """SELECT last, posted_at, batch, (SELECT max(day) FROM ledger_days)
           FROM (SELECT) AS always LEFT JOIN LATERAL (
               SELECT * FROM ledger_batches ORDER BY last DESC LIMIT 1) AS newest ON true"""
        )
        .fetchone()
    )
    assert row is not None, "a left join of one row gives one"
    return Head(row[0] or 0, row[1] or 0, row[2], row[3])


def numbers(conn: Connection, accounts: Sequence[Account]) -> dict[Account, int]:
    """The numbers of those of these accounts that there are."""
    found = conn.cursor(binary=True).execute(
        """SELECT kind, party, account
           FROM unnest(%b::smallint[], %b::text[]) AS asked (kind, party)
           JOIN ledger_accounts USING (kind, party)""",
        _named(accounts),
    )
    return {Account(Kind(kind), party): number for kind, party, number in found}


def add_accounts(conn: Connection, accounts: Sequence[Account]) -> dict[Account, int]:
    """Open accounts that are not there; their numbers."""
    found = conn.cursor(binary=True).execute(
        """INSERT INTO ledger_accounts (account, kind, party)
           SELECT kind::bigint << 48 | nextval('ledger_account_numbers'), kind, party
           FROM unnest(%b::smallint[], %b::text[]) AS asked (kind, party)
           RETURNING kind, party, account""",
        _named(accounts),
    )
    return {Account(Kind(kind), party): number for kind, party, number in found}


def _named(accounts: Sequence[Account]) -> tuple[bytes, bytes]:
    return (
        as_array([account.kind for account in accounts], _KINDS),
        as_array([account.party for account in accounts], _PARTIES),
    )


def heads(conn: Connection, accounts: Iterable[int], until: int) -> dict[int, int]:
    """Debits minus credits of accounts after the journal of a number; none for those without."""
    found = conn.cursor(binary=True).execute(
        """SELECT account, after FROM unnest(%(of)b::bigint[]) AS asked (account)
           CROSS JOIN LATERAL (
               (SELECT n, debit_after AS after FROM ledger_journals
                WHERE debit = account AND n <= %(until)b ORDER BY n DESC LIMIT 1)
               UNION ALL
               (SELECT n, credit_after FROM ledger_journals
                WHERE credit = account AND n <= %(until)b ORDER BY n DESC LIMIT 1)
               ORDER BY n DESC LIMIT 1) AS newest""",
        {"of": as_array(list(accounts), _NUMBERS), "until": until},
    )
    return dict(found.fetchall())


def batch_at(conn: Connection, ts: int) -> int:
    """Number of the last journal that was posted by a moment; 0 for none."""
    row = (
        conn.cursor(binary=True)
        .execute(
            """SELECT last FROM ledger_batches WHERE posted_at <= %s
           ORDER BY posted_at DESC, last DESC LIMIT 1""",
            (ts,),
        )
        .fetchone()
    )
    return 0 if row is None else int(row[0])


def add_journals(conn: Connection, lines: Sequence[Line], of: Mapping[Account, int]) -> bool:
    """Write lines whose ids are all new; False where one is there: then none is written."""
    journals = [line.journal for line in lines]
    values: list[Sequence[object]] = [
        range(lines[0].n, lines[0].n + len(lines)),
        [one.journal_id for one in journals],
        [one.flow for one in journals],
        [of[one.debited] for one in journals],
        [of[one.credited] for one in journals],
        [one.amount for one in journals],
        [line.debit_after for line in lines],
        [line.credit_after for line in lines],
        [one.day for one in journals],
        [one.about for one in journals],
    ]
    return copy_rows(conn, "ledger_journals", _JOURNALS, [encode_rows(_JOURNALS, values)])


def add_batch(conn: Connection, last: int, posted_at: int, batch: UUID) -> None:
    conn.execute("INSERT INTO ledger_batches VALUES (%s, %s, %s)", (last, posted_at, batch))


_LINE = """n, journal_id, flow, debited.party, credited.party, amount, day, about, debit_after,
    credit_after"""
_PARTIES_OF = """JOIN ledger_accounts AS debited ON debited.account = debit
    JOIN ledger_accounts AS credited ON credited.account = credit"""


def by_ids(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Line]:
    """The lines of those of these ids that are in the books."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_LINE} FROM ledger_journals {_PARTIES_OF}
            WHERE journal_id = ANY(%b::uuid[])""",
        (as_array(ids, _IDS),),
    )
    return {row[1]: _line(row) for row in found}


def of_account(conn: Connection, account: int, before: int, most: int) -> list[Line]:
    """The latest lines of an account below a number, the newest first."""
    found = conn.cursor(binary=True).execute(
        f"""WITH own AS (
                (SELECT * FROM ledger_journals WHERE debit = %(of)s AND n < %(before)s
                 ORDER BY debit, n DESC LIMIT %(most)s)
                UNION ALL
                (SELECT * FROM ledger_journals WHERE credit = %(of)s AND n < %(before)s
                 ORDER BY credit, n DESC LIMIT %(most)s))
            SELECT {_LINE} FROM own {_PARTIES_OF} ORDER BY n DESC LIMIT %(most)s""",
        {"of": account, "before": before, "most": most},
    )
    return [_line(row) for row in found]


def of_day(conn: Connection, day: int) -> Iterator[Line]:
    """Every line of a business day in the order of posting, read as it is asked for."""
    with conn.cursor("of_day", binary=True) as asked:
        asked.itersize = 5_000
        asked.execute(
            f"SELECT {_LINE} FROM ledger_journals {_PARTIES_OF} WHERE day = %s ORDER BY n", (day,)
        )
        for row in asked:
            yield _line(row)


def _line(row: tuple[Any, ...]) -> Line:
    n, journal_id, flow, debit, credit, amount, day, about, debit_after, credit_after = row
    return Line(
        n, Journal(journal_id, Flow(flow), debit, credit, amount, day, about), debit_after,
        credit_after,
    )  # fmt: skip
