"""Writing sets: the one way to write rows so that writing them again is harmless."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct
from psycopg import sql

from ridecode.store.arrays import Array, Type, array, encoded
from ridecode.store.cell import Connection

_ROWS_MAX = 10_000
"""Rows of one statement: with more, the arrays leave the processor's caches and cost more a row."""


class Column(Struct, frozen=True):
    """One column of a set."""

    name: str
    type: Type


Row = tuple[object, ...]


def insert_new(
    conn: Connection,
    table: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    key: Sequence[str],
) -> list[bool]:
    """Write the rows whose key is not there yet; answer for each row whether it was new.

    Of rows with the same key inside one set, only the first is new. Where another transaction is
    writing the same key, this one waits for its end; so sets that may overlap come in one order.
    Raises `psycopg.DataError` for a value that its column cannot hold.
    """
    answers: list[bool] = []
    for start in range(0, len(rows), _ROWS_MAX):
        part = rows[start : start + _ROWS_MAX]
        answers += _insert(conn, table, tuple(columns), part, tuple(key))
    return answers


def _insert(
    conn: Connection,
    table: str,
    columns: tuple[Column, ...],
    rows: Sequence[Row],
    key: tuple[str, ...],
) -> list[bool]:
    cells = {
        column: encoded(values, column.type)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    cursor = conn.cursor(binary=True)
    cursor.execute(
        _statement(table, columns, key),
        [array(pieces, column.type) for column, pieces in cells.items()],
    )
    if cursor.rowcount == len(rows):
        return [True] * len(rows)
    keys = [column for name in key for column in columns if column.name == name]
    written = set(_encoded_rows(cursor.fetchall(), keys))
    return list(_first_of(zip(*(cells[column] for column in keys), strict=True), written))


def as_array(values: Sequence[object], column: Column) -> Array:
    """A column as the parameter of a statement that casts it to its array."""
    return array(encoded(values, column.type), column.type)


def _encoded_rows(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[tuple[bytes, ...]]:
    """Rows as they travel, which compare alike whatever Python made of them (1 and an enum's 1)."""
    if not rows:
        return iter(())
    values = zip(*rows, strict=True)
    return zip(*map(encoded, values, [column.type for column in columns]), strict=True)


def _first_of(keys: Iterator[tuple[bytes, ...]], written: set[tuple[bytes, ...]]) -> Iterator[bool]:
    for one in keys:
        yield one in written
        written.discard(one)


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[Column, ...], key: tuple[str, ...]) -> sql.Composed:
    """The arrays unfold side by side: in FROM they would be copied once more first."""
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {arrays}"
        " ON CONFLICT ({key}) DO NOTHING RETURNING {key}"
    ).format(
        table=sql.Identifier(table),
        names=_names(column.name for column in columns),
        arrays=sql.SQL(", ").join(sql.SQL(f"unnest(%b::{column.type}[])") for column in columns),
        key=_names(key),
    )


def _names(names: Iterator[str] | Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
