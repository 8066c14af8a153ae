"""Sets are written idempotently, and every row learns whether it was new."""

import threading
import time
from enum import IntEnum
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ridecode.store import Cell, Column, Connection, insert_new

COLUMNS = (Column("name", "uuid"), Column("amount", "bigint"))
A, B, C = (UUID(int=number) for number in (1, 2, 3))


class Colour(IntEnum):
    RED = 1


@pytest.fixture
def table(cell: Cell) -> str:
    with cell.connection() as conn:
        conn.execute("CREATE TABLE throwaway (name uuid PRIMARY KEY, amount bigint)")
    return "throwaway"


def _all(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute("SELECT name, amount FROM throwaway ORDER BY name").fetchall()


def test_only_the_first_of_a_key_is_written_and_each_row_is_told(cell: Cell, table: str) -> None:
    with cell.connection() as conn:
        first = insert_new(conn, table, COLUMNS, [(A, 1), (B, 2), (A, 3)], ["name"])
        assert first == [True, True, False]
        again = insert_new(conn, table, COLUMNS, [(C, 4), (B, 5)], ["name"])
        assert again == [True, False]
        assert insert_new(conn, table, COLUMNS, [(A, 6), (B, 7)], ["name"]) == [False, False]
        assert insert_new(conn, table, COLUMNS, [], ["name"]) == []
        assert _all(conn) == [(A, 1), (B, 2), (C, 4)]


def test_a_set_of_many_statements_is_still_one_set(cell: Cell, table: str) -> None:
    ids = [UUID(int=number) for number in range(25_001)]
    rows = [(one, None) for one in [*ids, *reversed(ids)]]
    with cell.connection() as conn:
        answers = insert_new(conn, table, COLUMNS, rows, ["name"])
        assert answers == [True] * 25_001 + [False] * 25_001
        assert conn.execute("SELECT count(*) FROM throwaway").fetchone() == (25_001,)


TYPES = (
    (Column("a", "bigint"), [-(2**63), 2**63 - 1, 0, None]),
    (Column("b", "boolean"), [True, False, True, None]),
    (Column("c", "bytea"), [b"", b"\0\xff", bytes(332), None]),
    (Column("d", "integer"), [-(2**31), 2**31 - 1, 0, None]),
    (Column("e", "jsonb"), ['{"a": [1, "码"]}', "[]", "null", None]),
    (Column("f", "smallint"), [-(2**15), 2**15 - 1, Colour.RED, None]),
    (Column("g", "text"), ["", "福田口岸", '"{},\\', None]),
    (Column("h", "uuid"), [A, B, UUID(int=2**128 - 1), None]),
)


def test_every_type_comes_back_as_it_was(cell: Cell) -> None:
    columns = (Column("n", "integer"), *(column for column, _ in TYPES))
    rows = list(zip(range(4), *(values for _, values in TYPES), strict=True))
    names = ", ".join(f"{column.name} {column.type}" for column in columns)
    with cell.connection() as conn:
        conn.execute(f"CREATE TABLE typed ({names}, PRIMARY KEY (n))".encode())
        assert insert_new(conn, "typed", columns, rows, ["n"]) == [True] * 4
        back = conn.execute("SELECT a, b, c, d, e::text, f, g, h FROM typed ORDER BY n").fetchall()
        assert back == [row[1:] for row in rows]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column("a", "bigint"), 2**63),
        (Column("a", "smallint"), 2**15),
        (Column("a", "smallint"), "1"),
        (Column("a", "text"), "a\0b"),
        (Column("a", "text"), "\ud800"),
        (Column("a", "jsonb"), "{"),
    ],
)
def test_a_value_outside_its_type_is_refused(cell: Cell, column: Column, value: object) -> None:
    with cell.connection() as conn:
        conn.execute(f"CREATE TABLE typed (a {column.type}, UNIQUE (a))".encode())
    with pytest.raises(psycopg.DataError), cell.connection() as conn:
        insert_new(conn, "typed", [column], [(value,)], ["a"])


def test_a_key_of_several_columns_and_of_an_enum(cell: Cell) -> None:
    columns = (Column("line", "text"), Column("colour", "smallint"))
    rows = [("1", Colour.RED), ("2", Colour.RED), ("1", 1), ("1", 2)]
    with cell.connection() as conn:
        conn.execute("CREATE TABLE lines (line text, colour smallint, PRIMARY KEY (colour, line))")
        answers = insert_new(conn, "lines", columns, rows, ["colour", "line"])
        assert answers == [True, True, False, True]


def test_a_writer_waits_for_another_of_the_same_key(cell: Cell, table: str) -> None:
    """What the first one takes back, the second one writes; so no row is lost between them."""
    answers: list[bool] = []

    def second() -> None:
        with cell.connection() as conn:
            answers.extend(insert_new(conn, table, COLUMNS, [(A, 2)], ["name"]))

    waiting = threading.Thread(target=second)
    with cell.connection() as conn:
        assert insert_new(conn, table, COLUMNS, [(A, 1)], ["name"]) == [True]
        waiting.start()
        time.sleep(0.1)
        assert answers == []
        conn.rollback()
    waiting.join()
    assert answers == [True]
    with cell.connection() as conn:
        assert _all(conn) == [(A, 2)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9))), max_size=4))
def test_sets_do_what_a_dictionary_does(
    cell: Cell, table: str, sets: list[list[tuple[int, int]]]
) -> None:
    model: dict[UUID, int] = {}
    with cell.connection() as conn:
        for one in sets:
            rows = [(UUID(int=number), amount) for number, amount in one]
            expected = []
            for name, amount in rows:
                expected.append(name not in model)
                model.setdefault(name, amount)
            assert insert_new(conn, table, COLUMNS, rows, ["name"]) == expected
        assert _all(conn) == sorted(model.items())
        conn.rollback()
