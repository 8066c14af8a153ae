"""The SQL of the room: sets of rows in, sets of rows out. The rule stands in `matching` alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import psycopg
from msgspec import Struct, msgpack
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ridecode.core import RideState, Tap, UnavailableError
from ridecode.rides.rows import ASIDE, PRICE, RIDE, Columns, Key, Row
from ridecode.store import Connection, log, wait_for_workers

_RIDE_NAMES = ", ".join(name for name, _ in RIDE)
_ASIDE_NAMES = ", ".join(name for name, _ in ASIDE)
_PRICE_NAMES = ", ".join(f"{name}::{type_}" for name, type_ in PRICE)


def session(dsn: str) -> Connection:
    """A session of a worker's own, in which every transaction is opened by name."""
    return psycopg.connect(dsn, autocommit=True)


@contextmanager
def lasting(dsn: str) -> Iterator[Connection]:
    """A session for passes; `UnavailableError` where the server is not there or goes away."""
    try:
        with session(dsn) as conn:
            yield conn
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"PostgreSQL failed while rides were matched or priced: {str(error).strip()}.",
            "Run it again when it is back: it goes on from where it stood.",
        ) from error


@contextmanager
def alone(dsn: str) -> Iterator[Connection]:
    """A session beside which nobody else matches or rates in this cell."""
    with lasting(dsn) as conn:
        conn.execute("SELECT pg_advisory_lock(%s, 1)", (_ROOM,))
        wait_for_workers(conn, _ROOM)
        yield conn


@contextmanager
def alone_if_free(conn: Connection) -> Iterator[bool]:
    """As `alone` in a session that lasts; False, at once, where somebody else is at it."""
    free = bool(_rows(conn, "SELECT pg_try_advisory_lock(%s, 1)", (_ROOM,))[0][0])
    if free:
        wait_for_workers(conn, _ROOM)
    try:
        yield free
    finally:
        if free and not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s, 1)", (_ROOM,))


def read_only(dsn: str) -> str:
    """As which a session sees one moment in each transaction, and can write nothing."""
    given = conninfo_to_dict(dsn).get("options") or ""
    return make_conninfo(
        dsn,
        options=f"{given} -c default_transaction_isolation=repeatable\\ read"
        " -c default_transaction_read_only=on",
    )


def works(conn: Connection) -> None:
    """Say, until the transaction ends, that a chunk is being written: `wait_for_workers`."""
    conn.execute("SELECT pg_advisory_xact_lock_shared(%s, 2)", (_ROOM,))


_ROOM = 0x72696465
"""The room's own number among advisory locks: 'ride'."""


class News(Struct, frozen=True):
    """How far the road ahead of the passes is, and how far they have come."""

    taps: int
    """The last offset of the log's topic of taps, and up to which one they were matched."""
    matched: int
    passes: int
    """The last pass that began, and up to which one its rides were priced."""
    rated: int
    matched_by: bytes
    """Digests of what was gone by."""
    rated_by: bytes
    open_since: int | None
    """Start of the oldest open ride (UTC epoch microseconds)."""


def mark(conn: Connection, of: str) -> tuple[int, bytes]:
    """How far a pass has come, and a digest of the rules that it went by; (0, b"") at first."""
    row = conn.execute("SELECT high, rules FROM ride_marks WHERE pass = %s", (of,)).fetchone()
    return (0, b"") if row is None else (row[0], row[1])


def set_mark(conn: Connection, of: str, high: int, rules: bytes) -> None:
    conn.execute(
        """INSERT INTO ride_marks VALUES (%s, %s, %s)
           ON CONFLICT (pass) DO UPDATE SET high = excluded.high, rules = excluded.rules""",
        (of, high, rules),
    )


_PASSES = "passes"


def begin_pass(conn: Connection) -> int:
    """The number of a pass that begins to write, higher than that of every one before."""
    (row,) = _rows(
        conn,
        """INSERT INTO ride_marks VALUES (%s, 1, '')
           ON CONFLICT (pass) DO UPDATE SET high = ride_marks.high + 1 RETURNING high""",
        (_PASSES,),
    )
    return int(row[0])


def passes(conn: Connection) -> int:
    """The number of the last pass that began; 0 for none."""
    return mark(conn, _PASSES)[0]


def news(conn: Connection) -> News:
    """What to tell by whether a pass would find anything."""
    (row,) = _rows(
        conn,
        """SELECT coalesce((SELECT last FROM log_topics WHERE topic = 'taps'), 0),
                  coalesce(max(high) FILTER (WHERE pass = 'match'), 0),
                  coalesce(max(high) FILTER (WHERE pass = 'passes'), 0),
                  coalesce(max(high) FILTER (WHERE pass = 'rate'), 0),
                  coalesce((array_agg(rules) FILTER (WHERE pass = 'match'))[1], ''),
                  coalesce((array_agg(rules) FILTER (WHERE pass = 'rate'))[1], ''),
                  (SELECT min(start_ts) FROM rides WHERE state = 2)
           FROM ride_marks""",
        (),
    )
    return News(*row)


def expired(conn: Connection, before: int) -> dict[str, int]:
    """Accounts with open rides that began before a moment, and the first of these."""
    found = conn.execute(
        "SELECT account, min(start_ts) FROM rides WHERE state = 2 AND start_ts < %s GROUP BY 1",
        (before,),
    )
    return dict(found.fetchall())


def changed_rides(conn: Connection, after: int) -> dict[str, tuple[int, int]]:
    """What became of rides in passes after one: by account from when until when.

    A ride that was changed or vanished is told by its older version as well.
    """
    found = conn.cursor(binary=True).execute(
        """SELECT account, min(start_ts), max(start_ts) FROM (
               SELECT account, start_ts FROM rides WHERE pass > %(after)s
               UNION ALL
               SELECT account, start_ts FROM ride_history WHERE gone_pass > %(after)s
           ) AS changed GROUP BY account ORDER BY account""",
        {"after": after},
    )
    return {account: (first, last) for account, first, last in found.fetchall()}


def begun(conn: Connection, since: int, until: int) -> dict[str, int]:
    """Accounts with rides that began from a moment on and before another, and the first of them."""
    return dict(
        _rows(
            conn,
            """SELECT account, min(start_ts) FROM rides
               WHERE start_ts >= %s AND start_ts < %s GROUP BY account ORDER BY account""",
            (since, until),
        )
    )


def rides_from(conn: Connection, since: Mapping[str, int]) -> dict[str, list[Row]]:
    """By account its current rides from a moment on, in order of (start, ride id)."""
    return _from(conn, f"SELECT {_RIDE_NAMES} FROM rides", since)


def prices_from(conn: Connection, since: Mapping[str, int]) -> dict[str, list[Row]]:
    """By account its current prices from a moment on, in order of (start, ride id)."""
    return _from(conn, f"SELECT {_PRICE_NAMES} FROM prices", since)


def priced_rides(conn: Connection, since: Mapping[str, int], until: int) -> dict[str, list[Row]]:
    """As `rides_from`, before a moment; the last value of a row is the amount of its price."""
    names = ", ".join(f"rides.{name}" for name, _ in RIDE)
    found = conn.cursor(binary=True).execute(
        f"""SELECT {names}, amount FROM unnest(%s::text[], %s::bigint[]) AS asked (of, since)
            JOIN rides ON account = of AND start_ts >= since AND start_ts < %s
            LEFT JOIN prices USING (account, start_ts, ride_id)
            ORDER BY account, start_ts, ride_id""",
        (*_asked(since), until),
    )
    return {account: list(rows) for account, rows in groupby(found.fetchall(), itemgetter(0))}


def _from(conn: Connection, select: str, since: Mapping[str, int]) -> dict[str, list[Row]]:
    found = conn.cursor(binary=True).execute(
        f"""{select} JOIN unnest(%s::text[], %s::bigint[]) AS asked (of, since)
            ON account = of AND start_ts >= since ORDER BY account, start_ts, ride_id""",
        _asked(since),
    )
    return {account: list(rows) for account, rows in groupby(found.fetchall(), itemgetter(0))}


def carries_before(conn: Connection, since: Mapping[str, int]) -> dict[str, str]:
    """By account what its last priced ride before a moment leaves, where there is any."""
    found = conn.cursor(binary=True).execute(
        """SELECT of, carry::text FROM unnest(%s::text[], %s::bigint[]) AS asked (of, since),
               LATERAL (SELECT carry FROM prices WHERE account = of AND start_ts < since
                        ORDER BY start_ts DESC, ride_id DESC LIMIT 1) AS last""",
        _asked(since),
    )
    return dict(found.fetchall())


def ride_versions(conn: Connection, since: Mapping[str, int]) -> dict[UUID, int]:
    """The last version in history of the accounts' rides from a moment on."""
    return _versions(conn, "ride_history", since)


def price_versions(conn: Connection, since: Mapping[str, int]) -> dict[UUID, int]:
    """The last version in history of the prices of the accounts' rides from a moment on."""
    return _versions(conn, "price_history", since)


def _versions(conn: Connection, history: str, since: Mapping[str, int]) -> dict[UUID, int]:
    found = conn.cursor(binary=True).execute(
        f"""SELECT ride_id, max(version) FROM unnest(%s::text[], %s::bigint[]) AS asked (of, since)
            JOIN {history} ON account = of AND start_ts >= since GROUP BY ride_id""",
        _asked(since),
    )
    return dict(found.fetchall())


def aside_from(conn: Connection, since: Mapping[str, int]) -> dict[UUID, Row]:
    """What is set aside of these accounts' taps from a moment on, by tap."""
    found = conn.cursor(binary=True).execute(
        f"""SELECT {_ASIDE_NAMES} FROM unnest(%s::text[], %s::bigint[]) AS asked (of, since)
            JOIN set_aside ON account = of AND ts >= since""",
        _asked(since),
    )
    return {row[2]: row for row in found.fetchall()}


def aside_versions(
    conn: Connection, accounts: Sequence[str], taps: Sequence[UUID]
) -> dict[UUID, int]:
    """The last version in history of those of the accounts' taps that were set aside before."""
    found = _rows(
        conn,
        """SELECT tap_id, max(version) FROM set_aside_history
           WHERE account = ANY(%s::text[]) AND tap_id = ANY(%s) GROUP BY tap_id""",
        (_texts(accounts), taps),
    )
    return dict(found)


def latest_aside(conn: Connection, limit: int) -> list[Row]:
    return _rows(
        conn,
        f"SELECT {_ASIDE_NAMES} FROM set_aside ORDER BY ts DESC, tap_id DESC LIMIT %s",
        (limit,),
    )


def aside_of(conn: Connection, account: str, limit: int) -> list[Row]:
    return _rows(
        conn,
        f"""SELECT {_ASIDE_NAMES} FROM set_aside WHERE account = %s
            ORDER BY ts DESC, tap_id DESC LIMIT %s""",
        (account, limit),
    )


def aside_versions_of(conn: Connection, tap_id: UUID) -> list[Row]:
    """Every version with the moment that ended it, None for the current one."""
    return _rows(
        conn,
        f"""SELECT {_ASIDE_NAMES}, until FROM taps AS tap
            JOIN (SELECT *, NULL::bigint AS until FROM set_aside
                  UNION ALL SELECT * FROM set_aside_history) AS version
            USING (account, ts, tap_id) WHERE tap.tap_id = %s ORDER BY version""",
        (tap_id,),
    )


def rides_of(conn: Connection, account: str, limit: int) -> list[Row]:
    return _rows(
        conn,
        f"""SELECT {_RIDE_NAMES} FROM rides WHERE account = %s
            ORDER BY start_ts DESC, ride_id DESC LIMIT %s""",
        (account, limit),
    )


def latest_rides(conn: Connection, limit: int) -> list[Row]:
    return _rows(
        conn,
        f"SELECT {_RIDE_NAMES} FROM rides ORDER BY start_ts DESC, ride_id DESC LIMIT %s",
        (limit,),
    )


def latest_exceptions(conn: Connection, limit: int) -> list[Row]:
    return _rows(
        conn,
        f"""SELECT {_RIDE_NAMES} FROM rides WHERE state <> ALL (%s)
            ORDER BY start_ts DESC, ride_id DESC LIMIT %s""",
        ([int(state) for state in RideState if not state.is_exception], limit),
    )


def ride(conn: Connection, ride_id: UUID) -> Row | None:
    """The current version of a ride, by its first tap."""
    found = _rows(conn, _by_tap("rides", _RIDE_NAMES), (ride_id,))
    return found[0] if found else None


def ride_versions_of(conn: Connection, ride_id: UUID) -> list[Row]:
    """Every version with the moment that ended it, None for the current one."""
    return _both(conn, "rides", "ride_history", _RIDE_NAMES, ride_id)


def price_versions_of(conn: Connection, ride_id: UUID) -> list[Row]:
    """Every version with the moment that ended it, None for the current one."""
    return _both(conn, "prices", "price_history", _PRICE_NAMES, ride_id)


def _both(conn: Connection, table: str, history: str, names: str, ride_id: UUID) -> list[Row]:
    current = [(*row, None) for row in _rows(conn, _by_tap(table, names), (ride_id,))]
    older = _rows(conn, _by_tap(history, f"{names}, superseded_at"), (ride_id,))
    return older + current


def _by_tap(table: str, names: str) -> str:
    """A ride has the id of its first tap, and so its account and start."""
    return f"""SELECT {names} FROM (
            SELECT account AS of, ts, tap_id AS id FROM taps WHERE tap_id = %s
        ) AS tap JOIN {table} ON account = of AND start_ts = ts AND ride_id = id
        ORDER BY version"""


def ride_of_tap(conn: Connection, tap_id: UUID, within: int) -> Row | None:
    """The ride that a tap is part of; `within` is how long a ride may last."""
    found = _rows(
        conn,
        f"""SELECT {_RIDE_NAMES} FROM (
                SELECT account AS of, ts, tap_id AS id FROM taps WHERE tap_id = %s
            ) AS tap JOIN rides ON account = of AND start_ts BETWEEN ts - %s AND ts
                AND (ride_id = id OR exit_tap = id)""",
        (tap_id, within),
    )
    return found[0] if found else None


def rides_at(conn: Connection, keys: Sequence[Key]) -> list[Row]:
    return _at(conn, f"SELECT {_RIDE_NAMES} FROM rides", keys)


def passages_at(conn: Connection, keys: Sequence[Key]) -> list[Row]:
    """Ride id, mode, line, entry and exit stop, start and end."""
    return _at(
        conn,
        """SELECT ride_id, mode, line, entry_stop, exit_stop, start_ts, coalesce(exit_ts, entry_ts)
           FROM rides""",
        keys,
    )


def prices_at(conn: Connection, keys: Sequence[Key]) -> list[Row]:
    return _at(conn, f"SELECT {_PRICE_NAMES} FROM prices", keys)


def _at(conn: Connection, select: str, keys: Sequence[Key]) -> list[Row]:
    return _rows(
        conn,
        f"""{select} JOIN unnest(%s::text[], %s::bigint[], %s::uuid[]) AS asked (of, start, id)
            ON account = of AND start_ts = start AND ride_id = id""",
        _columns(keys),
    )


def priced_until(conn: Connection) -> int:
    """The last pass up to which every ride is priced; 0 for none."""
    return mark(conn, "rate")[0]


def has_changed_prices(conn: Connection, after: int, until: int, most: int) -> bool:
    """Whether the prices of more rides than that became others in those passes."""
    ((found,),) = _rows(
        conn,
        """SELECT count(*) FROM (
               SELECT FROM prices WHERE pass > %s AND pass <= %s LIMIT %s) AS changed""",
        (after, until, most + 1),
    )
    return bool(found > most)


def analyze_prices(conn: Connection) -> None:
    """Have the server look at prices again, where most were written since it last did.

    It looks by itself too, some minutes later. Until then it takes them for few, and looks up the
    ride of each by itself: five microseconds a ride, where all together cost three.
    """
    ((is_stale,),) = _rows(
        conn,
        """SELECT n_mod_since_analyze * 2 > n_live_tup FROM pg_stat_user_tables
           WHERE relid = 'prices'::regclass""",
        (),
    )
    if is_stale:
        conn.execute("ANALYZE prices")


def changed_prices(
    conn: Connection, after: int, until: int, part: int, parts: int
) -> Iterator[Row]:
    """Account, start, ride id, amount and version of the current price of every ride of which it
    became another in the passes behind `after`, up to `until`, and whether the ride lacks a tap: of
    a ride that has no price any more the last three are None.

    By account, start and id, and each half by itself too, so that they are merged as the indexes
    have them, at two thirds of what hashing and sorting costs. A price that a later pass has
    changed again is told with that one. Read as it is asked for, from what the server has set
    aside: so no old moment has to be kept for it, for as long as it is read, in tables that others
    write.
    """
    inner = [_HASHES * nth // parts - _HASHES // 2 for nth in range(1, parts)]
    begin, end = [None, *inner, None][part : part + 2]
    with conn.cursor("changed_prices", binary=True, withhold=True) as asked:
        asked.execute(
            f"""(SELECT account, start_ts, ride_id, prices.amount, prices.version,
                       state = ANY(%(lacking)s)
                FROM prices LEFT JOIN rides USING (account, start_ts, ride_id)
                WHERE prices.pass > %(after)s AND prices.pass <= %(until)s
                    AND {_OF_PART}
                ORDER BY account, start_ts, ride_id)
               UNION ALL
               (SELECT DISTINCT account, start_ts, ride_id, NULL::bigint, NULL::integer, NULL::bool
                FROM price_history AS gone
                WHERE gone_pass > %(after)s AND gone_pass <= %(until)s
                    AND {_OF_PART}
                    AND NOT EXISTS (
                    SELECT FROM prices AS now WHERE now.account = gone.account
                        AND now.start_ts = gone.start_ts AND now.ride_id = gone.ride_id)
                ORDER BY account, start_ts, ride_id)
               ORDER BY account, start_ts, ride_id""",
            {"after": after, "until": until, "lacking": _LACKING, "begin": begin, "end": end},
        )
        conn.commit()
        # The cursor's own way from one row to the next takes as long as to read the row.
        while rows := asked.fetchmany(10_000):
            yield from rows


_HASHES = 1 << 32
# Not by a remainder: PostgreSQL takes one row in 200 to have it, and plans for so few.
_OF_PART = """(%(begin)s::bigint IS NULL OR hashtext(account) >= %(begin)s)
    AND (%(end)s::bigint IS NULL OR hashtext(account) < %(end)s)"""
_LACKING = [int(RideState.MISSING_EXIT), int(RideState.MISSING_ENTRY)]


def imported_pairs(conn: Connection) -> list[Row]:
    """Imported entries followed by an exit: the entry's key, its stop, the exit's id, moment and
    stop, and the full fare charged there (None where the file says nothing).

    Not the matching rule but the measure it is held to: it knows no time limit and no ride.
    """
    return _rows(
        conn,
        """SELECT of, ts, id, stop, exit_id, exit_ts, exit_stop, full_fare
            FROM (
                SELECT tap_id AS id, account AS of, ts, stop, kind, source,
                       lead(tap_id) OVER later AS exit_id, lead(ts) OVER later AS exit_ts,
                       lead(stop) OVER later AS exit_stop, lead(kind) OVER later AS exit_kind,
                       lead(source) OVER later AS exit_source
                FROM taps WHERE verdict = 0 AND kind IN (1, 2)
                WINDOW later AS (PARTITION BY account, product ORDER BY ts, tap_id)
            ) AS pair
            LEFT JOIN charged ON charged.tap_id = exit_id
            WHERE kind = 1 AND exit_kind = 2 AND source = 2 AND exit_source = 2
            ORDER BY ts, id""",
        (),
    )


def totals(conn: Connection, since: int, until: int) -> Row:
    """Riders, rides, exceptions, and the sum of the prices."""
    (row,) = _rows(
        conn,
        """SELECT count(DISTINCT account), count(*), count(*) FILTER (WHERE state <> ALL (%s)),
                  coalesce(sum(amount), 0)::bigint
           FROM rides LEFT JOIN prices USING (account, start_ts, ride_id)
           WHERE start_ts >= %s AND start_ts < %s""",
        ([int(state) for state in RideState if not state.is_exception], since, until),
    )
    return row


def _rows(conn: Connection, query: str, values: Sequence[object]) -> list[Row]:
    return conn.cursor(binary=True).execute(query, values).fetchall()


def supersede_rides(conn: Connection, keys: Sequence[Key], at: int, number: int) -> None:
    """Move the current versions of rides to history, in a pass of that number."""
    _supersede(conn, "rides", "ride_history", "start_ts, ride_id", keys, (at, number))


def supersede_prices(conn: Connection, keys: Sequence[Key], at: int, number: int) -> None:
    """Move the current versions of prices to history, in a pass of that number."""
    _supersede(conn, "prices", "price_history", "start_ts, ride_id", keys, (at, number))


def supersede_aside(conn: Connection, keys: Sequence[Key], at: int) -> None:
    """Move what was set aside and is no more, or for another reason, to history."""
    _supersede(conn, "set_aside", "set_aside_history", "ts, tap_id", keys, (at,))


def _supersede(
    conn: Connection,
    table: str,
    history: str,
    key: str,
    keys: Sequence[Key],
    told: tuple[int, ...],
) -> None:
    if not keys:
        return
    conn.execute(
        f"""WITH gone AS (
                DELETE FROM {table} AS current
                USING unnest(%s::text[], %s::bigint[], %s::uuid[]) AS asked (of, start, id)
                WHERE account = of AND ({key}) = (start, id)
                RETURNING current.*)
            INSERT INTO {history} SELECT gone.*, {", ".join("%s" for _ in told)} FROM gone""",
        (*_columns(keys), *told),
    )


def set_carries(conn: Connection, carries: Sequence[tuple[Key, str]]) -> None:
    """What prices leave to the next ones, where the prices themselves stay as they are."""
    if carries:
        conn.execute(
            """UPDATE prices SET carry = new::json
               FROM unnest(%s::text[], %s::bigint[], %s::uuid[], %s::text[])
                    AS asked (of, start, id, new)
               WHERE account = of AND start_ts = start AND ride_id = id""",
            (*_columns(key for key, _ in carries), _texts(carry for _, carry in carries)),
        )


def _columns(keys: Iterable[Key]) -> tuple[str, str, str]:
    accounts, starts, ids = [], [], []
    for account, start, ride_id in keys:
        accounts.append(account)
        starts.append(start)
        ids.append(ride_id.hex)
    return _texts(accounts), _numbers(starts), "{" + ",".join(ids) + "}"


def _asked(since: Mapping[str, int]) -> tuple[str, str]:
    """Accounts and moments as PostgreSQL reads arrays: a tenth of what the driver takes for lists,
    and a pass asks for the same accounts seven times."""
    return _texts(since), _numbers(since.values())


def _texts(texts: Iterable[str]) -> str:
    escaped = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join([f'"{text}"' for text in escaped]) + "}"


def _numbers(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def add_rides(conn: Connection, rows: Sequence[Row], number: int) -> None:
    """Write current versions, whose keys must not be there, in a pass of that number."""
    if rows:
        _copy(conn, "rides", (*RIDE, _PASS), ((*row, number) for row in rows))


def add_prices(conn: Connection, rows: Sequence[Row], number: int) -> None:
    """Write current versions, whose keys must not be there, in a pass of that number."""
    if rows:
        _copy(conn, "prices", (*PRICE, _PASS), ((*row, number) for row in rows))


def add_aside(conn: Connection, rows: Sequence[Row]) -> None:
    """Write current versions, whose keys must not be there."""
    if rows:
        _copy(conn, "set_aside", ASIDE, rows)


_PASS = ("pass", "int8")


def _copy(conn: Connection, table: str, columns: Columns, rows: Iterable[Row]) -> None:
    names = ", ".join(name for name, _ in columns)
    with conn.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types([type_ for _, type_ in columns])
        for row in rows:
            copy.write_row(row)


_TAP: Columns = (
    ("tap_id", "uuid"), ("account", "text"), ("ts", "int8"), ("account_type", "int2"),
    ("kind", "int2"), ("mode", "int2"), ("product", "text"), ("operator", "text"),
    ("line", "text"), ("stop", "text"), ("validator", "text"), ("vehicle", "text"),
    ("verdict", "int2"), ("source", "int2"), ("code", "bytea"), ("code_time", "int8"),
    ("body", "bytea"),
)  # fmt: skip


def add_bench_taps(conn: Connection, taps: Sequence[Tap]) -> None:
    """Taps as they would lie there, in the order of time, for measuring: past the door of `taps`,
    whose work is not measured here, and so without the digest by which it knows a tap again."""
    rows = (
        (
            tap.tap_id, tap.account, tap.ts, tap.account_type, tap.kind, tap.mode, tap.product,
            tap.operator, tap.line, tap.stop, tap.validator, tap.vehicle, tap.verdict, tap.source,
            tap.code, tap.code_time, tap.tap_id.bytes,
        )
        for tap in taps
    )  # fmt: skip
    first: dict[str, int] = {}
    for tap in taps:
        first.setdefault(tap.account, tap.ts)
    with conn.transaction():
        _copy(conn, "taps", _TAP, rows)
        log.append(conn, "taps", [msgpack.encode(first)])


def vacuum(conn: Connection) -> None:
    """Have the tables' statistics and pages in order, as the server would by and by."""
    conn.execute("VACUUM (ANALYZE)")


def copy_bench(conn: Connection) -> int:
    """Copy what matching and rating read and write, without a rule: how many rides that were."""
    read = "SELECT " + ", ".join(name for name, _ in _TAP[:10]) + ", code_time FROM taps"
    with conn.cursor().copy(f"COPY ({read}) TO STDOUT (FORMAT binary)") as out:
        for _ in out:
            pass
    for table, columns in (("rides", (*RIDE, _PASS)), ("prices", (*PRICE, _PASS))):
        conn.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
        names = ", ".join(name for name, _ in columns)
        with (
            conn.cursor().copy(f"COPY {table} ({names}) TO STDOUT (FORMAT binary)") as out,
            session(conn.info.dsn) as other,
            other.cursor() as cursor,
            cursor.copy(f"COPY copied_{table} ({names}) FROM STDIN (FORMAT binary)") as into,
        ):
            for block in out:
                into.write(block)
    (counted,) = _rows(conn, "SELECT count(*) FROM copied_rides", ())
    return int(counted[0])
