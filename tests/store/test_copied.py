"""Rows by COPY: all of them where they are new, else the new ones, and never half of a set."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ridecode.store import Cell, Column, Connection, copy_new, copy_rows, encode_rows

COLUMNS = (
    Column("id", "uuid"), Column("name", "text"), Column("small", "smallint"),
    Column("big", "bigint"), Column("raw", "bytea"), Column("yes", "boolean"),
    Column("whole", "integer"), Column("other", "uuid"),
)  # fmt: skip


@pytest.fixture
def conn(cell: Cell) -> Any:
    with cell.connection() as conn:
        conn.execute(
            "CREATE TABLE things (id uuid PRIMARY KEY, name text, small smallint, big bigint,"
            " raw bytea, yes boolean, whole integer, other uuid)"
        )
        yield conn


def stored(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute("SELECT * FROM things ORDER BY id").fetchall()


def row(number: int, **fields: Any) -> tuple[Any, ...]:
    plain: dict[str, Any] = {"name": "a", "small": 1, "big": 1 << 40, "raw": b"xy", "yes": True}
    plain |= {"whole": -1, "other": UUID(int=number + 1)}
    return (UUID(int=number), *{**plain, **fields}.values())


def rows(*of: tuple[Any, ...]) -> bytes:
    return encode_rows(COLUMNS, [list(values) for values in zip(*of, strict=True)])


SETS: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("one row", [row(1)]),
    ("columns of one value", [row(1), row(2), row(3)]),
    ("all different", [row(n, name="é" * n, small=-n, big=n, raw=bytes(n), yes=n == 1)
                       for n in (1, 2, 3)]),
    ("values of one length", [row(1, raw=b"ab"), row(2, raw=b"cd")]),
    ("nothing known", [row(1, name=None, raw=None), row(2, name="b", raw=b"")]),
    ("an id that is null among others", [row(1), row(2, other=None)]),
    ("a number that is null among others", [row(1, whole=None), row(2, whole=1 << 30)]),
]  # fmt: skip


@pytest.mark.parametrize("of", [one[1] for one in SETS], ids=[one[0] for one in SETS])
def test_rows_come_back_exactly(conn: Connection, of: list[tuple[Any, ...]]) -> None:
    assert copy_rows(conn, "things", COLUMNS, [rows(*of)])
    assert stored(conn) == of


def test_where_a_key_is_there_nothing_of_the_set_is_written(conn: Connection) -> None:
    copy_rows(conn, "things", COLUMNS, [rows(row(2))])

    assert not copy_rows(conn, "things", COLUMNS, [rows(row(1)), rows(row(2, name="other"))])
    assert stored(conn) == [row(2)]


def test_of_a_set_the_new_ones_are_written_and_told(conn: Connection) -> None:
    copy_rows(conn, "things", COLUMNS, [rows(row(2))])

    parts = [rows(row(1), row(2, name="other")), rows(row(3), row(3, name="again"))]
    told = copy_new(conn, "things", COLUMNS, parts, ("id",))

    assert sorted(told) == [(UUID(int=1),), (UUID(int=3),)]
    assert stored(conn) == [row(1), row(2), row(3)]


BAD: list[tuple[str, dict[str, Any]]] = [
    ("too large", {"small": 40_000}),
    ("far too large", {"big": 1 << 63}),
    ("too large for the other", {"whole": 1 << 31}),
    ("a lone surrogate", {"name": "\ud800"}),
]


@pytest.mark.parametrize("fields", [one[1] for one in BAD], ids=[one[0] for one in BAD])
def test_what_its_column_cannot_hold_is_told(fields: dict[str, Any]) -> None:
    with pytest.raises(psycopg.DataError):
        rows(row(1), row(2, **fields))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            row, st.integers(1, 1_000),
            name=st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
            small=st.none() | st.integers(-(1 << 15), (1 << 15) - 1),
            big=st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
            raw=st.none() | st.binary(), yes=st.none() | st.booleans(),
            whole=st.none() | st.integers(-(1 << 31), (1 << 31) - 1),
            other=st.none() | st.uuids(),
        ),
        min_size=1, unique_by=lambda one: one[0],
    )
)  # fmt: skip
def test_any_rows_come_back_exactly(conn: Connection, of: list[tuple[Any, ...]]) -> None:
    conn.execute("TRUNCATE things")

    assert copy_rows(conn, "things", COLUMNS, [rows(*of[:1]), *(rows(one) for one in of[1:])])
    assert stored(conn) == sorted(of)
