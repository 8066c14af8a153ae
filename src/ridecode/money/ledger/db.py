"""The SQL of the ledger: sets of rows in, sets of rows out; the rules stand in `journal`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.money.ledger.chart import Flow
from ridecode.money.ledger.journal import Journal, Line, Lines
from ridecode.store import Cell, Column, Connection, as_array, copy_rows, encode_rows

_POSTING = 0x1EDCE2
"""Number of the advisory lock under which one at a time posts to a cell's books."""

_JOURNALS = (
    Column("n", "bigint"), Column("journal_id", "uuid"), Column("flow", "smallint"),
    Column("debit", "bigint"), Column("credit", "bigint"), Column("amount", "bigint"),
    Column("debit_after", "bigint"), Column("credit_after", "bigint"), Column("day", "integer"),
    Column("about", "uuid"),
)  # fmt: skip
_RIDERS = "(1, 3, 10)"
"""The kinds of riders' accounts, as the indexes have them: `Kind.is_of_riders`."""
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


Named: TypeAlias = tuple[int, str]
"""An account by its kind and party."""


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


def numbers(conn: Connection, named: Sequence[Named]) -> dict[Named, int]:
    """The numbers of those of these accounts that there are."""
    found = conn.cursor(binary=True).execute(
        """SELECT kind, party, account
           FROM unnest(%b::smallint[], %b::text[]) AS asked (kind, party)
           JOIN ledger_accounts USING (kind, party)""",
        _columns(named),
    )
    return {(kind, party): number for kind, party, number in found.fetchall()}


def add_accounts(conn: Connection, named: Sequence[Named]) -> dict[Named, int]:
    """Open accounts that are not there; their numbers."""
    found = conn.cursor(binary=True).execute(
        """INSERT INTO ledger_accounts (account, kind, party)
           SELECT kind::bigint << 48 | nextval('ledger_account_numbers'), kind, party
           FROM unnest(%b::smallint[], %b::text[]) AS asked (kind, party)
           RETURNING kind, party, account""",
        _columns(named),
    )
    return {(kind, party): number for kind, party, number in found.fetchall()}


def _columns(named: Sequence[Named]) -> tuple[bytes, bytes]:
    return (
        as_array([kind for kind, _ in named], _KINDS),
        as_array([party for _, party in named], _PARTIES),
    )


def heads(conn: Connection, accounts: Iterable[int], until: int) -> dict[int, int]:
    """Debits minus credits of accounts after the journal of a number; none for those without.

    For an account that is not a rider's it is the end of a batch that is asked for.
    """
    found = conn.cursor(binary=True).execute(
        f"""SELECT account, after FROM unnest(%(of)b::bigint[]) AS asked (account)
            CROSS JOIN LATERAL (
                (SELECT n, debit_after AS after FROM ledger_journals
                 WHERE debit = account AND (debit >> 48) IN {_RIDERS} AND n <= %(until)b
                 ORDER BY n DESC LIMIT 1)
                UNION ALL
                (SELECT n, credit_after FROM ledger_journals
                 WHERE credit = account AND (credit >> 48) IN {_RIDERS} AND n <= %(until)b
                 ORDER BY n DESC LIMIT 1)
                UNION ALL
                (SELECT last, after FROM ledger_heads AS head
                 WHERE head.account = asked.account AND last <= %(until)b
                 ORDER BY last DESC LIMIT 1)
                ORDER BY n DESC LIMIT 1) AS newest""",
        {"of": as_array(list(accounts), _NUMBERS), "until": until},
    )
    return dict(found.fetchall())


def add_heads(conn: Connection, last: int, after: Mapping[int, int]) -> None:
    """Of accounts that are not riders': what they have after the batch that ends with a line."""
    conn.execute(
        """INSERT INTO ledger_heads
           SELECT account, %b, after
           FROM unnest(%b::bigint[], %b::bigint[]) AS head (account, after)""",
        (last, as_array(list(after), _NUMBERS), as_array(list(after.values()), _NUMBERS)),
    )


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


def add_lines(conn: Connection, parts: Iterable[Lines]) -> bool:
    """Write lines whose ids are all new.

    The next part is asked for while the last one is written. False where an id is there: then none
    is written, as where `parts` raises.
    """
    return copy_rows(conn, "ledger_journals", _JOURNALS, map(_rows, parts))


def _rows(lines: Lines) -> bytes:
    journals = lines.journals
    return encode_rows(
        _JOURNALS,
        [
            range(lines.first, lines.first + len(journals)),
            [one.journal_id for one in journals],
            [one.flow for one in journals],
            lines.debits,
            lines.credits,
            [one.amount for one in journals],
            lines.debits_after,
            lines.credits_after,
            [one.day for one in journals],
            [one.about for one in journals],
        ],
    )


def add_batch(conn: Connection, last: int, posted_at: int, batch: UUID) -> None:
    conn.execute("INSERT INTO ledger_batches VALUES (%s, %s, %s)", (last, posted_at, batch))


_LINE = """n, journal_id, flow, debited.party, credited.party, amount, day, about, debit_after,
    credit_after"""
_PARTIES_OF = """JOIN ledger_accounts AS debited ON debited.account = debit
    JOIN ledger_accounts AS credited ON credited.account = credit"""


def by_ids(conn: Connection, ids: Sequence[UUID]) -> list[Line]:
    """The lines of those of these ids that are in the books, in their order."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_LINE} FROM ledger_journals {_PARTIES_OF}
            WHERE journal_id = ANY(%b::uuid[]) ORDER BY n""",
        (as_array(ids, _IDS),),
    )
    return [_line(row) for row in found]


def numbered(conn: Connection, n: int) -> Line | None:
    """The line of a number."""
    row = (
        conn.cursor(binary=True)
        .execute(f"SELECT {_LINE} FROM ledger_journals {_PARTIES_OF} WHERE n = %s", (n,))
        .fetchone()
    )
    return None if row is None else _line(row)


def of_rider(conn: Connection, account: int, before: int, most: int) -> list[Line]:
    """The latest lines of a rider's account below a number, the newest first."""
    found = conn.cursor(binary=True).execute(
        f"""WITH own AS (
                (SELECT * FROM ledger_journals
                 WHERE debit = %(of)s AND (debit >> 48) IN {_RIDERS} AND n < %(before)s
                 ORDER BY n DESC LIMIT %(most)s)
                UNION ALL
                (SELECT * FROM ledger_journals
                 WHERE credit = %(of)s AND (credit >> 48) IN {_RIDERS} AND n < %(before)s
                 ORDER BY n DESC LIMIT %(most)s))
            SELECT {_LINE} FROM own {_PARTIES_OF} ORDER BY n DESC LIMIT %(most)s""",
        {"of": account, "before": before, "most": most},
    )
    return [_line(row) for row in found]


def latest_of(
    conn: Connection, riders: Sequence[int], flows: Sequence[Flow], most: int
) -> list[tuple[int, UUID]]:
    """Of riders' accounts what their latest lines are about that credited them along some flows,
    the newest first."""
    return (
        conn.cursor(binary=True)
        .execute(
            f"""SELECT rider, about FROM unnest(%b::bigint[]) AS asked (rider) CROSS JOIN LATERAL (
                    SELECT n, about FROM ledger_journals
                    WHERE credit = rider AND (credit >> 48) IN {_RIDERS}
                        AND flow = ANY(%b::smallint[])
                    ORDER BY n DESC LIMIT %b) AS latest
                ORDER BY n DESC""",
            (as_array(riders, _NUMBERS), as_array(flows, _KINDS), most),
        )
        .fetchall()
    )


def of_other(conn: Connection, account: int, before: int, most: int) -> list[Line]:
    """The same of an account that is not a rider's: the batches that moved it are gone through."""
    found = conn.cursor(binary=True).execute(
        f"""WITH batch AS (
                SELECT last, first FROM ledger_heads AS head CROSS JOIN LATERAL (
                    SELECT coalesce(max(earlier.last), 0) + 1 AS first
                    FROM ledger_batches AS earlier WHERE earlier.last < head.last) AS begun
                WHERE account = %(of)s AND first < %(before)s ORDER BY last DESC LIMIT %(most)s),
            own AS (
                SELECT moved.* FROM batch CROSS JOIN LATERAL (
                    SELECT * FROM ledger_journals
                    WHERE n BETWEEN first AND least(last, %(before)s - 1)
                        AND %(of)s IN (debit, credit)
                    ORDER BY n DESC LIMIT %(most)s) AS moved)
            SELECT {_LINE} FROM own {_PARTIES_OF} ORDER BY n DESC LIMIT %(most)s""",
        {"of": account, "before": before, "most": most},
    )
    return [_line(row) for row in found]


def close(conn: Connection, day: int, at: int) -> None:
    conn.execute("INSERT INTO ledger_days VALUES (%s, %s)", (day, at))


def closed_at(conn: Connection, day: int) -> int | None:
    row = conn.execute("SELECT closed_at FROM ledger_days WHERE day = %s", (day,)).fetchone()
    return None if row is None else int(row[0])


def days(conn: Connection, most: int) -> list[tuple[Any, ...]]:
    """Day, when it was closed, journals, root and chain of the latest closed days, the newest
    first; None for the last three of one that is not sealed."""
    return (
        conn.cursor(binary=True)
        .execute(
            """SELECT day, closed_at, journals, root, chain
               FROM ledger_days LEFT JOIN ledger_seals USING (day) ORDER BY day DESC LIMIT %s""",
            (most,),
        )
        .fetchall()
    )


def first_unsealed(conn: Connection) -> int | None:
    """The earliest closed day that has no seal."""
    row = conn.execute(
        """SELECT min(day) FROM ledger_days
           WHERE day > coalesce((SELECT max(day) FROM ledger_seals), -2147483648)"""
    ).fetchone()
    return None if row is None else row[0]


def span(conn: Connection, day: int) -> tuple[int, int] | None:
    """Numbers of the first and the last line of a business day; None for a day without.

    The lines are counted so that the index of days is gone by: for the least number alone all lines
    would be gone through from the first on, until one is of the day.
    """
    row = conn.execute(
        "SELECT min(n), max(n), count(*) FROM ledger_journals WHERE day = %s", (day,)
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def earliest_open(conn: Connection, closed: int) -> int | None:
    """The earliest business day behind a closed one that has a line."""
    row = conn.execute("SELECT min(day) FROM ledger_journals WHERE day > %s", (closed,)).fetchone()
    return None if row is None else row[0]


def text_of_lines(conn: Connection, day: int, first: int, last: int) -> bytes:
    """The lines of a day with numbers in a range, in their order, as text with commas.

    One text of all of them: to be handed each by itself costs half again of what they cost. They
    are found by their numbers (`day + 0`): by the index of days the whole day would be read for
    each range, where PostgreSQL does not know yet how much was booked on it. That there is one
    account of each is said by LIMIT 1, which keeps to the look-up by its number, however many
    accounts there are.
    """
    row = (
        conn.cursor(binary=True)
        .execute(
            """SELECT convert_to(string_agg(
                   concat_ws(',', n, journal_id, flow, debited.party, credited.party, amount, about)
                   || E'\\n', '' ORDER BY n
               ), 'UTF8')
               FROM (
                   SELECT * FROM ledger_journals
                   WHERE n BETWEEN %(first)s AND %(last)s AND day + 0 = %(day)s
                   ORDER BY n LIMIT %(most)s) AS moved
               CROSS JOIN LATERAL (
                   SELECT party FROM ledger_accounts WHERE account = debit LIMIT 1) AS debited
               CROSS JOIN LATERAL (
                   SELECT party FROM ledger_accounts WHERE account = credit LIMIT 1) AS credited""",
            {"first": first, "last": last, "day": day, "most": last - first + 1},
            prepare=False,  # not by a plan that is kept from another day
        )
        .fetchone()
    )
    assert row is not None, "an aggregate is one row"
    return row[0] or b""


def _moved(where: str) -> str:
    """What lines moved in each account, those of riders taken as one of their kind that has no
    party: there are millions, and nothing is ever told of each."""

    def taken(column: str) -> str:
        return f"""CASE WHEN {column} >> 48 IN {_RIDERS} THEN {column} >> 48 << 48
                        ELSE {column} END AS {column}"""

    return f"""WITH pairs AS (
                   SELECT {taken("debit")}, {taken("credit")}, sum(amount) AS fen
                   FROM ledger_journals WHERE {where} GROUP BY 1, 2)
               SELECT (account >> 48)::smallint AS kind, coalesce(party, '') AS party,
                      sum(debits)::bigint AS debits, sum(credits)::bigint AS credits
               FROM (SELECT debit AS account, fen AS debits, 0 AS credits FROM pairs
                     UNION ALL SELECT credit, 0, fen FROM pairs) AS moved
               LEFT JOIN ledger_accounts USING (account) GROUP BY 1, 2"""


def add_sums(conn: Connection, day: int) -> None:
    """What a closed day moved in every account, and what all have at its end by business days;
    the riders' accounts of a kind are one."""
    conn.execute(
        f"""WITH found AS ({_moved("day = %(day)s")})
            INSERT INTO ledger_day_sums
            SELECT %(day)s, kind, party, coalesce(found.debits, 0), coalesce(found.credits, 0),
                   coalesce(before.closing, 0) + coalesce(found.debits, 0)
                   - coalesce(found.credits, 0)
            FROM found FULL JOIN (
                SELECT kind, party, closing FROM ledger_day_sums
                WHERE day = (SELECT max(day) FROM ledger_seals WHERE day < %(day)s)) AS before
            USING (kind, party)""",
        {"day": day},
    )


def sums(conn: Connection, day: int) -> list[tuple[int, str, int, int, int]]:
    """Kind, party, debits, credits, closing of a sealed day."""
    return (
        conn.cursor(binary=True)
        .execute(
            """SELECT kind, party, debits, credits, closing FROM ledger_day_sums
           WHERE day = %s ORDER BY kind, party""",
            (day,),
        )
        .fetchall()
    )


def open_sums(conn: Connection, sealed: int | None) -> list[tuple[int, str, int, int]]:
    """Kind, party, debits, credits of all days behind the last sealed one together."""
    return (
        conn.cursor(binary=True)
        .execute(
            f"{_moved('day > %(sealed)s')} ORDER BY 1, 2",
            {"sealed": -(1 << 31) if sealed is None else sealed},
        )
        .fetchall()
    )


def add_seal(conn: Connection, day: int, journals: int, root: bytes, chain: bytes) -> None:
    conn.execute("INSERT INTO ledger_seals VALUES (%s, %s, %s, %s)", (day, journals, root, chain))


def seal(conn: Connection, day: int | None) -> tuple[int, int, bytes, bytes] | None:
    """Day, journals, root and chain of a day's seal; of the latest for None."""
    row = (
        conn.cursor(binary=True)
        .execute(
            """SELECT day, journals, root, chain FROM ledger_seals
           WHERE %(day)s::integer IS NULL OR day = %(day)s ORDER BY day DESC LIMIT 1""",
            {"day": day},
        )
        .fetchone()
    )
    return None if row is None else (row[0], row[1], row[2], row[3])


def _line(row: tuple[Any, ...]) -> Line:
    n, journal_id, flow, debit, credit, amount, day, about, debit_after, credit_after = row
    return Line(
        n, Journal(journal_id, Flow(flow), debit, credit, amount, day, about), debit_after,
        credit_after,
    )  # fmt: skip


def size_bytes(conn: Connection) -> int:
    """What the journals take on the disk, with their indexes."""
    row = conn.execute("SELECT pg_total_relation_size('ledger_journals')").fetchone()
    assert row is not None, "a function gives a row"
    return int(row[0])


def make_one_by_one(conn: Connection, accounts: int) -> None:
    """A ledger of the common kind, to be measured against."""
    conn.execute(
        """CREATE TABLE plain_accounts (account integer PRIMARY KEY, balance bigint NOT NULL);
        CREATE TABLE plain_transfers (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, debit integer NOT NULL,
            credit integer NOT NULL, amount bigint NOT NULL,
            at timestamptz NOT NULL DEFAULT now());
        CREATE INDEX ON plain_transfers (debit);
        CREATE INDEX ON plain_transfers (credit);
        CREATE FUNCTION plain_transfer(debited integer, credited integer, moved bigint)
        RETURNS void LANGUAGE plpgsql AS $$ BEGIN
            UPDATE plain_accounts SET balance = balance + moved WHERE account = debited;
            UPDATE plain_accounts SET balance = balance - moved WHERE account = credited;
            INSERT INTO plain_transfers (debit, credit, amount) VALUES (debited, credited, moved);
        END $$"""
    )
    conn.execute(
        "INSERT INTO plain_accounts SELECT n, 0 FROM generate_series(-100, %s) AS n", (accounts,)
    )


def one_by_one(conn: Connection, rider: int, amount: int) -> None:
    """A transfer of the common kind, from one of a hundred accounts to a rider's."""
    conn.execute("SELECT plain_transfer(%s, %s, %s)", (rider, -1 - rider % 100, amount))
