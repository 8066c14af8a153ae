"""A database in which rides were followed by transaction numbers goes on by its own count."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from msgspec import json
from psycopg import sql
from psycopg.types.json import Json

from ridecode.core import Tap
from ridecode.store import Cell, open_cell
from ridecode.store.migrate import migrate
from ridecode.taps import record
from tests.rides.city import city_taps, in_one_pass, matched, rated, rows, tariffs
from tests.rides.test_stored import known

_OLD_TAPS = """INSERT INTO taps (tap_id, account, ts, account_type, kind, mode, product, operator,
    line, stop, validator, vehicle, verdict, source, code, code_time, body)
    VALUES (%s, %s, %s, 1, %s, 1, %s, 'rail', %s, '', 'v', '', 0, 1, '', 0, %s)"""


def _as_of_old(conn: "psycopg.Connection[tuple[object, ...]]", taps: list[Tap]) -> None:
    for tap in taps:
        conn.execute(
            _OLD_TAPS,
            (tap.tap_id, tap.account, tap.ts, tap.kind, tap.product, tap.line, tap.tap_id.bytes),
        )


@pytest.fixture
def old(cell: Cell, data_folder: Path) -> Iterator[Cell]:
    """At 0002: two rides are matched, the first of them is priced, and a third tap is new.

    The rows are those of today's passes, written under the numbers of transactions.
    """
    taps = city_taps(cell, "8:00 bus., 20:00 bus., 32:00 bus.")
    with psycopg.connect(cell.dsn) as conn:
        record(conn, taps[:2])
    in_one_pass(cell)
    kept = {name: rows(cell, name, "pass") for name in ("rides", "prices")}
    assert {name: len(found) for name, found in kept.items()} == {"rides": 2, "prices": 2}
    with psycopg.connect(cell.dsn, autocommit=True) as conn:
        copied = {
            name: conn.execute(f"SELECT * FROM {name} ORDER BY start_ts").fetchall()
            for name in ("rides", "prices")
        }
        maintenance = psycopg.conninfo.make_conninfo(cell.dsn, dbname="postgres")
        dsn = psycopg.conninfo.make_conninfo(cell.dsn, dbname="ridecode_oldtown")
        with psycopg.connect(maintenance, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE ridecode_oldtown TEMPLATE template0"))
    migrate(dsn, "0002_rides")
    with psycopg.connect(dsn, autocommit=True) as conn:
        _as_of_old(conn, taps[:2])
        _insert(conn, "rides", copied["rides"][:1])
        _insert(conn, "prices", copied["prices"][:1])
        conn.execute(
            """INSERT INTO ride_marks
               SELECT pass, pg_snapshot_xmax(pg_current_snapshot())::text::bigint, %s
               FROM unnest(ARRAY['match', 'rate']) AS pass""",
            (tariffs().digest,),
        )
        _insert(conn, "rides", copied["rides"][1:])
        _as_of_old(conn, taps[2:])
    with open_cell(data_folder, "oldtown") as moved:
        yield moved


def _insert(
    conn: "psycopg.Connection[tuple[object, ...]]", table: str, found: list[tuple[object, ...]]
) -> None:
    """Without the last column, which is then the transaction's number."""
    for row in found:
        values = [_json(one) if isinstance(one, list) else one for one in row[:-1]]
        places = ", ".join("%s" for _ in values)
        conn.execute(f"INSERT INTO {table} VALUES ({places})", values)


_json = partial(Json, dumps=lambda value: json.encode(value).decode())
"""As the room writes it, to the letter."""


def test_what_was_not_priced_is_and_nothing_is_written_twice(old: Cell) -> None:
    assert known(old) == "1:COMPLETE 200; 2:COMPLETE -"
    assert (matched(old).added, len(rows(old, "ride_history"))) == (1, 0)
    report = rated(old)
    assert (report.added, report.rated) == (2, 2)
    assert known(old) == "1:COMPLETE 200; 2:COMPLETE 200; 3:COMPLETE 200"
    assert rows(old, "ride_history") == rows(old, "price_history") == []
    assert (matched(old).accounts, rated(old).accounts) == (0, 0)
