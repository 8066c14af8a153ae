"""The SQL of clearing: the lines of a closed day, and the files and answers that there were."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ridecode.core import HOUR
from ridecode.store import Connection

FARES = (1, 2)
CHARGES = (3, 4, 5, 6)
"""Flows whose journals are lines F, and lines C."""


class Filed(Struct, frozen=True):
    """A settlement file that was written."""

    number: int
    day: int
    part: int
    parts: int
    name: str
    digest: bytes
    fares_until: int
    """The last ledger line among its lines F, or among those of the parts before; where there is
    none, the one before the day's first."""
    charges_until: int
    lines: int
    fares_fen: int
    charges_fen: int


_FILED = """number, day, part, parts, name, digest, fares_until, charges_until, lines, fares_fen,
    charges_fen"""


def rides_until(conn: Connection, day: int, until: int) -> int:
    """The pass after whose rides a day is filed: the one that is given first, for good."""
    conn.execute(
        "INSERT INTO clearing_days (day, rides_until) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (day, until),
    )
    row = conn.execute("SELECT rides_until FROM clearing_days WHERE day = %s", (day,)).fetchone()
    assert row is not None, "it was made above"
    return int(row[0])


def files(conn: Connection, day: int) -> list[Filed]:
    """The files of a day, in the order of their parts."""
    found = conn.cursor(binary=True).execute(
        f"SELECT {_FILED} FROM clearing_files WHERE day = %s ORDER BY part", (day,)
    )
    return [Filed(*row) for row in found]


def file(conn: Connection, number: int | None) -> Filed | None:
    """A file by its number; the last one for None."""
    row = (
        conn.cursor(binary=True)
        .execute(
            f"""SELECT {_FILED} FROM clearing_files
                WHERE number = coalesce(%s, (SELECT max(number) FROM clearing_files))""",
            (number,),
        )
        .fetchone()
    )
    return None if row is None else Filed(*row)


def first_unfiled(conn: Connection) -> int | None:
    """The earliest closed day behind the newest file that has not all its files; None where each
    has."""
    row = conn.execute(
        """WITH newest AS (
               SELECT day, part, parts FROM clearing_files ORDER BY number DESC LIMIT 1)
           SELECT coalesce(
               (SELECT day FROM newest WHERE part < parts),
               (SELECT min(day) FROM ledger_days
                WHERE day > coalesce((SELECT day FROM newest), -2147483648)))"""
    ).fetchone()
    assert row is not None, "a value is one row"
    return None if row[0] is None else int(row[0])


def add_file(conn: Connection, one: Filed) -> None:
    conn.execute(
        f"""INSERT INTO clearing_files ({_FILED})
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (one.number, one.day, one.part, one.parts, one.name, one.digest, one.fares_until,
         one.charges_until, one.lines, one.fares_fen, one.charges_fen),
    )  # fmt: skip


def counts(conn: Connection, day: int) -> tuple[int, int, int, int]:
    """Fares and charges among the lines of a day; numbers of its first and its last line, 0 where
    it has none."""
    row = conn.execute(
        """SELECT count(*) FILTER (WHERE flow = ANY(%s)), count(*) FILTER (WHERE flow = ANY(%s)),
                  coalesce(min(n), 0), coalesce(max(n), 0)
           FROM ledger_journals WHERE day = %s""",
        (list(FARES), list(CHARGES), day),
    ).fetchone()
    assert row is not None, "a count is one row"
    return row[0], row[1], row[2], row[3]


def text_of_fares(
    conn: Connection, day: int, after: int, until: int, *, until_pass: int
) -> tuple[int, bytes]:
    """Lines F behind a line of the ledger, up to another: how many, and as they stand in the file.

    A fare's journal has the hour of its ride in its id, so that the ride is found by account, start
    and id: in the version that it had after a pass, for a later one may change it or make it part
    of another. Within its hour it is not the index that looks for the id (IS TRUE): it would try
    the starts in it one by one (skip scan). The platform is that of the agreement which was signed
    last before it started: so all journals of a ride name the same, whatever is signed later. That
    there is one of each is said by LIMIT 1, which keeps to the look-up by key: a table of millions
    is never read for a chunk of lines, whatever its statistics say; and of the history nothing is
    looked up where there is one now. `day + 0`, and one text of all lines, as in
    `ledger.db.text_of_lines`.
    """
    row = (
        conn.cursor(binary=True)
        .execute(
            _FARES_AS_TEXT,
            {
                "day": day,
                "after": after,
                "until": until,
                "most": until - after,
                "pass": until_pass,
                "hour": HOUR,
            },
            prepare=False,  # not by a plan that is kept from another day
        )
        .fetchone()
    )
    assert row is not None, "an aggregate is one row"
    return row[0], row[1] or b""


_FARES_AS_TEXT = """SELECT count(*), convert_to(string_agg(
        'F,' || n || ',' || encode(uuid_send(about), 'hex') || ',' || moved.account || ','
        || coalesce(ride.operator, '') || ',' || coalesce(platform, '') || ','
        || coalesce(ride.product, '') || ',' || coalesce(ride.line, '') || ','
        || coalesce(translate(ride.entry_stop, ',"', '  '), '') || ','
        || coalesce(ride.entry_ts::text, '') || ','
        || coalesce(translate(ride.exit_stop, ',"', '  '), '') || ','
        || coalesce(ride.exit_ts::text, '') || ','
        || coalesce(price.tariff, '') || ',' || moved.amount || E'\\n', '' ORDER BY n
    ), 'UTF8')
    FROM (
        SELECT n, about, CASE flow WHEN 1 THEN amount ELSE -amount END AS amount,
               (SELECT party FROM ledger_accounts AS of
                WHERE of.account = CASE flow WHEN 1 THEN debit ELSE credit END) AS account,
               (date_part('epoch', uuid_extract_timestamp(journal_id)) * 1000)::bigint * 1000
                   / %(hour)s * %(hour)s AS hour
        FROM ledger_journals
        WHERE n > %(after)s AND n <= %(until)s AND day + 0 = %(day)s AND flow IN (1, 2)
        ORDER BY n LIMIT %(most)s
    ) AS moved
    LEFT JOIN LATERAL (
        (SELECT start_ts, operator, product, line, entry_stop, entry_ts, exit_stop, exit_ts
         FROM rides AS now
         WHERE now.account = moved.account AND now.pass <= %(pass)s
             AND now.start_ts BETWEEN hour AND hour + %(hour)s - 1
             AND (now.ride_id = about) IS TRUE
         LIMIT 1)
        UNION ALL
        (SELECT start_ts, operator, product, line, entry_stop, entry_ts, exit_stop, exit_ts
         FROM ride_history AS old
         WHERE old.account = moved.account AND old.ride_id = about
             AND old.pass <= %(pass)s
         ORDER BY version DESC LIMIT 1)
        LIMIT 1) AS ride ON true
    LEFT JOIN LATERAL (
        (SELECT tariff FROM prices AS now
         WHERE now.account = moved.account AND now.pass <= %(pass)s
             AND now.start_ts BETWEEN hour AND hour + %(hour)s - 1
             AND (now.ride_id = about) IS TRUE
         LIMIT 1)
        UNION ALL
        (SELECT tariff FROM price_history AS old
         WHERE old.account = moved.account AND old.ride_id = about
             AND old.pass <= %(pass)s
         ORDER BY version DESC LIMIT 1)
        LIMIT 1) AS price ON true
    LEFT JOIN LATERAL (
        SELECT platform FROM agreements AS had
        WHERE had.account = moved.account AND signed_at <= ride.start_ts
        ORDER BY signed_at DESC LIMIT 1) AS signed ON true"""


def charges(conn: Connection, day: int, after: int, until: int) -> list[tuple[Any, ...]]:
    """Charges behind a line of the ledger, up to another: n, the bytes of the ids of journal and
    order, what was heard of that, account, channel (empty for a wallet) and fen, above zero for
    what was taken. `day + 0` as in `ledger.db.text_of_lines`."""
    return (
        conn.cursor(binary=True)
        .execute(
            """SELECT n, uuid_send(journal_id), uuid_send(moved.about),
                      coalesce(heard, '\\x90'), rider.party, coalesce(channel.party, ''),
                      CASE WHEN flow IN (3, 4) THEN moved.amount ELSE -moved.amount END
               FROM (
                   SELECT * FROM ledger_journals
                   WHERE n > %s AND n <= %s AND day + 0 = %s AND flow = ANY(%s)
                   ORDER BY n LIMIT %s) AS moved
               LEFT JOIN LATERAL (
                   SELECT heard FROM charge_orders WHERE order_id = moved.about LIMIT 1
               ) AS asked ON true
               CROSS JOIN LATERAL (
                   SELECT party FROM ledger_accounts
                   WHERE account = CASE WHEN flow IN (3, 4) THEN credit ELSE debit END LIMIT 1
               ) AS rider
               LEFT JOIN LATERAL (
                   SELECT party FROM ledger_accounts
                   WHERE account = CASE flow WHEN 3 THEN debit WHEN 5 THEN credit END LIMIT 1
               ) AS channel ON true
               ORDER BY n""",
            (after, until, day, list(CHARGES), until - after),
        )
        .fetchall()
    )


def count(conn: Connection, day: int, of: Sequence[int], after: int, until: int) -> int:
    """Lines of a day with these flows, behind one line of the ledger and up to another."""
    row = conn.execute(
        """SELECT count(*) FROM ledger_journals
           WHERE day = %s AND flow = ANY(%s) AND n > %s AND n <= %s""",
        (day, list(of), after, until),
    ).fetchone()
    assert row is not None, "a count is one row"
    return int(row[0])


def add_send(conn: Connection, number: int, now: int, place: str) -> bool:
    """Whether the file is sent there for the first time."""
    known = conn.execute(
        "SELECT FROM clearing_sends WHERE number = %s AND place = %s", (number, place)
    ).fetchone()
    conn.execute("INSERT INTO clearing_sends VALUES (%s, %s, %s)", (number, now, place))
    return known is None


class Answered(Struct, frozen=True):
    """An answer that was taken in; fen."""

    number: int
    digest: bytes
    received_at: int
    day: int
    """Business day on which what it clears was booked."""
    cleared: int
    cleared_fen: int
    rejected: int
    rejected_fen: int


_ANSWERED = "number, digest, received_at, day, cleared, cleared_fen, rejected, rejected_fen"


def answer(conn: Connection, number: int) -> Answered | None:
    row = (
        conn.cursor(binary=True)
        .execute(f"SELECT {_ANSWERED} FROM clearing_answers WHERE number = %s", (number,))
        .fetchone()
    )
    return None if row is None else Answered(*row)


def add_answer(conn: Connection, one: Answered) -> None:
    conn.execute(
        f"INSERT INTO clearing_answers ({_ANSWERED}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (one.number, one.digest, one.received_at, one.day, one.cleared, one.cleared_fen,
         one.rejected, one.rejected_fen),
    )  # fmt: skip


class Refusal(Struct, frozen=True):
    """A line that the card company did not clear."""

    number: int
    """Of the file."""
    at: int
    """Its line there."""
    n: int
    reason: int
    detail: str
    line: bytes
    """As it stood in the file."""
    disputed_at: int | None = None
    disputed_day: int | None = None
    """With whose files it is sent again."""


_REFUSAL = "number, at, n, reason, detail, line, disputed_at, disputed_day"


def add_refusals(conn: Connection, all_: Iterable[Refusal]) -> None:
    conn.cursor().executemany(
        f"INSERT INTO clearing_rejected ({_REFUSAL}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [(one.number, one.at, one.n, one.reason, one.detail, one.line, None, None) for one in all_],
    )  # fmt: skip


def refusals(conn: Connection, where: str, values: Sequence[object]) -> list[Refusal]:
    found = conn.cursor(binary=True).execute(
        f"SELECT {_REFUSAL} FROM clearing_rejected WHERE {where} ORDER BY number, at".encode(),
        values,
    )
    return [Refusal(*row) for row in found]


def refusals_of_day(conn: Connection, day: int) -> list[Refusal]:
    """What is sent again with a day's files."""
    return refusals(conn, "disputed_day = %s", (day,))


def refusals_of(conn: Connection, n: int) -> list[Refusal]:
    """Every refusal of a line of the ledger."""
    return refusals(conn, "n = %s", (n,))


def open_refusals(conn: Connection) -> list[Refusal]:
    """What was rejected and is not disputed."""
    return refusals(conn, "disputed_at IS NULL", ())


def dispute(conn: Connection, number: int, at: int, day: int, now: int) -> bool:
    """Whether it was disputed now, and there is such a line."""
    done = conn.execute(
        """UPDATE clearing_rejected SET disputed_at = %s, disputed_day = %s
           WHERE number = %s AND at = %s AND disputed_at IS NULL""",
        (now, day, number, at),
    )
    return done.rowcount == 1
