"""The SQL of the room: sets of rows in, sets of rows out; no rule stands here but the keys."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from msgspec import msgpack

from ridecode.core import BadInputError, Mode, Tap, TapKind, TapSource, Verdict, first_id
from ridecode.store import Cell, Column, Connection, copy_new, copy_rows, insert_new, log
from ridecode.taps.facts import (
    Charged,
    Conflict,
    NewAccounts,
    Totals,
    UnknownNames,
)

Where: TypeAlias = Cell | Connection
"""A cell, for a transaction of its own; or the connection of a transaction that goes on."""

STANDING = "taps"
"""Topic of the log: by account the earliest moment of taps that have come to stand."""

_TAPS = (
    Column("tap_id", "uuid"), Column("account", "text"), Column("ts", "bigint"),
    Column("account_type", "smallint"), Column("kind", "smallint"), Column("mode", "smallint"),
    Column("product", "text"), Column("operator", "text"), Column("line", "text"),
    Column("stop", "text"), Column("validator", "text"), Column("vehicle", "text"),
    Column("verdict", "smallint"), Column("source", "smallint"), Column("code", "bytea"),
    Column("code_time", "bigint"), Column("seq", "bigint"), Column("bundle", "integer"),
    Column("body", "bytea"),
)  # fmt: skip
TAP_COLUMNS = (*_TAPS, Column("awaits", "boolean"))
"""As devices' taps are written: such a tap stands when its code has been verified."""
_CONFLICTS = (Column("tap_id", "uuid"), Column("body", "bytea"), Column("told", "text"))
_CHARGED = (
    Column("tap_id", "uuid"), Column("full_fare", "bigint"), Column("paid", "bigint"),
    Column("transfer", "boolean"),
)  # fmt: skip
_UNKNOWN = (
    Column("tap_id", "uuid"), Column("stop", "text"), Column("line", "text"),
    Column("operator", "text"),
)  # fmt: skip
_IMPORTS = (
    Column("import_id", "uuid"), Column("sha256", "bytea"), Column("format", "text"),
    Column("name", "text"), Column("rows", "bigint"), Column("taps", "bigint"),
    Column("duplicates", "bigint"), Column("conflicts", "bigint"), Column("rejected", "bigint"),
)  # fmt: skip


@contextmanager
def connected(where: Where) -> Iterator[Connection]:
    """A transaction: of its own in a cell, or the one that is open already."""
    if isinstance(where, Cell):
        with where.connection() as conn, storable():
            yield conn
    else:
        with storable():
            yield where


@contextmanager
def storable() -> Iterator[None]:
    """What PostgreSQL cannot hold is the sender's fault: a NUL in a text, a number too large."""
    try:
        yield
    except psycopg.DataError as error:
        what = f"A tap cannot be stored: {str(error).splitlines()[0]}."
        raise BadInputError(what, "Nothing of this set was kept; mend it and send it again.") from (
            error
        )


_WHOLE = """tap_id, account, account_type, ts, kind, mode, product, operator, line, stop, validator,
    vehicle, verdict, source, code_time, seq, bundle"""
_KINDS = {int(kind): kind for kind in TapKind}
_MODES = {int(mode): mode for mode in Mode}
_VERDICTS = {int(verdict): verdict for verdict in Verdict}
_SOURCES = {int(source): source for source in TapSource}


OF_TAPS = ", ".join(f"taps.{name.strip()}" for name in _WHOLE.split(","))
_FOR_RIDES = ", ".join(
    f"taps.{name}"
    for name in (
        "tap_id", "account", "account_type", "ts", "kind", "mode", "product", "operator", "line",
        "stop", "validator", "code_time", "source",
    )
)  # fmt: skip


def tap_of(city: str, row: tuple[Any, ...], code: bytes) -> Tap:
    (tap_id, account, account_type, ts, kind, mode, product, operator, line, stop, validator,
     vehicle, verdict, source, code_time, seq, bundle) = row  # fmt: skip
    return Tap(
        tap_id=tap_id, city=city, account=account, account_type=account_type, ts=ts,
        kind=_KINDS[kind], mode=_MODES[mode], product=product, operator=operator, line=line,
        stop=stop, validator=validator, vehicle=vehicle, verdict=_VERDICTS[verdict], code=code,
        code_time=code_time, source=_SOURCES[source], seq=seq, bundle=bundle,
    )  # fmt: skip


def add_taps(conn: Connection, taps: Sequence[Tap], bodies: Sequence[bytes]) -> list[bool]:
    """Which of them were new; the set comes in the order of its ids, so that writers of sets that
    overlap wait for one another in one order."""
    rows = [
        (
            tap.tap_id, tap.account, tap.ts, tap.account_type, tap.kind, tap.mode, tap.product,
            tap.operator, tap.line, tap.stop, tap.validator, tap.vehicle, tap.verdict, tap.source,
            tap.code, tap.code_time, tap.seq, tap.bundle, body,
        )
        for tap, body in zip(taps, bodies, strict=True)
    ]  # fmt: skip
    return insert_new(conn, "taps", _TAPS, rows, ("tap_id",))


def add_rows(conn: Connection, batches: Sequence[tuple[bytes, bool]]) -> list[set[UUID] | None]:
    """Write batches of encoded `TAP_COLUMNS`; with each comes whether some of it may be there.

    For each the ids of which one tap was new, the same set for those that were asked about; None
    where all of its taps were new.
    """
    fresh = [rows for rows, is_doubtful in batches if not is_doubtful]
    all_new = bool(fresh) and copy_rows(conn, "taps", TAP_COLUMNS, fresh)
    known = [rows for rows, is_doubtful in batches if is_doubtful or not all_new]
    if not known:
        return [None] * len(batches)
    found: list[Any] = copy_new(conn, "taps", TAP_COLUMNS, known, ("tap_id",))
    written = {row[0] for row in found}
    return [written if is_doubtful or not all_new else None for _, is_doubtful in batches]


def insert_bare(conn: Connection, values: Sequence[bytes]) -> None:
    """What `add_rows` is measured against: the same rows committed with no question asked."""
    names = ", ".join(column.name for column in TAP_COLUMNS)
    arrays = ", ".join(f"unnest(%b::{column.type}[])" for column in TAP_COLUMNS)
    conn.cursor(binary=True).execute(f"INSERT INTO taps ({names}) SELECT {arrays}", values)
    conn.commit()


def _array(ids: Sequence[UUID]) -> str:
    """Ids as PostgreSQL reads an array: a tenth of what the driver takes for a list of them."""
    return "{" + ",".join([at.hex for at in ids]) + "}"


def bodies(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The stored digest of each tap that is there."""
    found = conn.cursor(binary=True).execute(
        "SELECT tap_id, body FROM taps WHERE tap_id = ANY(%s::uuid[])", (_array(ids),)
    )
    return dict(found.fetchall())


def add_charged(conn: Connection, facts: Sequence[tuple[UUID, Charged]]) -> list[bool]:
    rows = [(at, fact.full_fare, fact.paid, fact.transfer) for at, fact in facts]
    return insert_new(conn, "charged", _CHARGED, rows, ("tap_id",))


def charged_of(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Charged]:
    found = conn.cursor(binary=True).execute(
        "SELECT tap_id, full_fare, paid, transfer FROM charged WHERE tap_id = ANY(%s::uuid[])",
        (_array(ids),),
    )
    return {row[0]: Charged(*row[1:]) for row in found}


def add_unknown(conn: Connection, facts: Sequence[tuple[UUID, UnknownNames]]) -> list[bool]:
    rows = [(at, fact.stop, fact.line, fact.operator) for at, fact in facts]
    return insert_new(conn, "unknown_names", _UNKNOWN, rows, ("tap_id",))


def unknown_of(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, UnknownNames]:
    found = conn.cursor(binary=True).execute(
        "SELECT tap_id, stop, line, operator FROM unknown_names WHERE tap_id = ANY(%s::uuid[])",
        (_array(ids),),
    )
    return {row[0]: UnknownNames(*row[1:]) for row in found}


def add_conflicts(conn: Connection, refused: Sequence[tuple[UUID, bytes, str]]) -> None:
    insert_new(conn, "tap_conflicts", _CONFLICTS, refused, ("tap_id", "body"))


def conflicts(conn: Connection) -> list[Conflict]:
    """Every refused telling, the oldest first."""
    found = conn.execute("SELECT tap_id, told, at FROM tap_conflicts ORDER BY at, tap_id, body")
    return [Conflict(*row) for row in found]


def add_import(conn: Connection, row: tuple[object, ...]) -> None:
    insert_new(conn, "imports", _IMPORTS, [row], ("import_id",))


def imported_before(conn: Connection, sha256: bytes, format_name: str) -> bool:
    found = conn.execute(
        "SELECT 1 FROM imports WHERE sha256 = %s AND format = %s LIMIT 1", (sha256, format_name)
    )
    return found.fetchone() is not None


def totals(conn: Connection) -> Totals:
    """Counts of taps, conflicts and taps in quarantine, and of each file the rejected rows when it
    was last read."""
    found = conn.execute(
        """SELECT (SELECT count(*) FROM taps), (SELECT count(*) FROM tap_conflicts),
                  (SELECT count(*) FROM tap_checks WHERE reason <> 0),
                  (SELECT coalesce(sum(rejected), 0)::bigint FROM (
                      SELECT DISTINCT ON (sha256, format) rejected FROM imports
                      ORDER BY sha256, format, at DESC, import_id DESC) last)"""
    ).fetchone()
    assert found is not None, "an aggregate gives a row"
    return Totals(*found)


def tap(conn: Connection, city: str, tap_id: UUID) -> Tap | None:
    found = conn.cursor(binary=True).execute(
        f"SELECT {_WHOLE}, code FROM taps WHERE tap_id = %s", (tap_id,)
    )
    row = found.fetchone()
    return None if row is None else tap_of(city, row[:-1], row[-1])


def taps_of(conn: Connection, city: str, account: str) -> list[Tap]:
    found = conn.cursor(binary=True).execute(
        f"""SELECT {OF_TAPS}, code FROM taps WHERE account = %(of)s AND NOT awaits
            UNION ALL
            SELECT {OF_TAPS}, code FROM tap_checks AS found JOIN taps USING (tap_id)
            WHERE found.account = %(of)s AND awaits
            ORDER BY ts, tap_id""",
        {"of": account},
    )
    return [tap_of(city, row[:-1], row[-1]) for row in found.fetchall()]


_READ_BY_VALIDATORS = f"""FROM taps WHERE tap_id >= %s AND tap_id < %s
    AND source = {TapSource.VALIDATOR:d}"""


def readings(cell: Cell, since: int, until: int, one_in: int) -> Iterator[Tap]:
    """Of the validators whose name hashes to the first of so many shares, in the order of ids."""
    with cell.connection() as conn, conn.cursor("readings", binary=True) as asked:
        asked.itersize = 5_000
        asked.execute(
            f"""SELECT {_WHOLE}, code {_READ_BY_VALIDATORS}
                AND hashtext(validator) %% %s::int = 0 ORDER BY tap_id""",
            (first_id(since), first_id(until), one_in),
        )
        for row in asked:
            yield tap_of(cell.city, row[:-1], row[-1])


def readings_count(conn: Connection, since: int, until: int) -> int:
    found = conn.execute(
        f"SELECT count(*) {_READ_BY_VALIDATORS}", (first_id(since), first_id(until))
    ).fetchone()
    return int(found[0]) if found else 0


def new_accounts(conn: Connection, low: int) -> NewAccounts:
    """Whose taps came to stand in batches of the log behind the offset `low`.

    Ask with 0 first, then with the `high` of the last answer: every tap is told exactly once,
    however late its transaction ended. Refused readings, empty accounts and taps in quarantine are
    passed over; a tap whose code is still to be verified is told when it has been.
    """
    high, since = low, dict[str, int]()
    while batches := log.read(conn, STANDING, high):
        for batch in batches:
            for account, ts in _accounts(batch.body).items():
                since[account] = min(ts, since.get(account, ts))
        high = batches[-1].offset
    return NewAccounts(high, dict(sorted(since.items())))


_accounts = msgpack.Decoder(dict[str, int]).decode


def tell_standing(conn: Connection, taps: Iterable[tuple[str, int]]) -> None:
    """Append to the log whose taps have come to stand, (account, ts) of each; once a transaction,
    as the last thing it does."""
    first: dict[str, int] = {}
    for account, ts in taps:
        if account and (account not in first or ts < first[account]):
            first[account] = ts
    if first:
        log.append(conn, STANDING, [msgpack.encode(first)])


def taps_of_accounts(conn: Connection, city: str, since: Mapping[str, int]) -> list[Tap]:
    """The accepted taps of these accounts that stand, of each from its own moment on, in the order
    of (account, ts, tap_id).

    They carry what the rides ask for: `vehicle`, `code`, `seq` and `bundle` stay behind.
    """
    asked = conn.cursor(binary=True).execute(
        f"""WITH asked AS (SELECT * FROM unnest(%s::text[], %s::bigint[]) AS asked (of, since))
            SELECT {_FOR_RIDES} FROM asked JOIN taps ON account = of AND ts >= since
            WHERE taps.verdict = 0 AND NOT awaits
            UNION ALL
            SELECT {_FOR_RIDES}
            FROM asked JOIN tap_checks AS found ON found.account = of AND found.ts >= since
            JOIN taps USING (tap_id)
            WHERE taps.verdict = 0 AND awaits AND reason = 0
            ORDER BY account, ts, tap_id""",
        (list(since), list(since.values())),
    )
    found: list[Tap] = []
    # Rows are made and dropped by the thousand: 100,000 tuples at once keep the collector busy.
    while rows := asked.fetchmany(1_000):
        found += [
            Tap(
                tap_id=tap_id, city=city, account=account, account_type=account_type, ts=ts,
                kind=_KINDS[kind], mode=_MODES[mode], product=product, operator=operator,
                line=line, stop=stop, validator=validator, code_time=code_time,
                source=_SOURCES[source],
            )
            for tap_id, account, account_type, ts, kind, mode, product, operator, line, stop,
                validator, code_time, source in rows
        ]  # fmt: skip
    return found
