"""Writing sets: the one way to write rows so that writing them again is harmless."""

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from psycopg import sql

from ridecode.store.cell import Connection


class Column(Struct, frozen=True):
    """One column of a set: its name and its PostgreSQL type, such as `uuid` or `bigint`.

    No array types: a set travels as one array a column.
    """

    name: str
    type: str


Row = tuple[object, ...]


def insert_new(
    conn: Connection,
    table: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    key: Sequence[str],
) -> list[bool]:
    """Write the rows whose key is not there yet; answer for each row whether it was new.

    Of rows with the same key inside one set, only the first is new. One statement, whatever the
    number of rows: it waits for a writer of the same key, and then sees that the key is there.
    """
    if not rows:
        return []
    arrays = [list(values) for values in zip(*rows, strict=True)]
    statement = _statement(table, tuple(columns), tuple(key))
    written = set(conn.execute(statement, arrays, binary=True).fetchall())
    places = [[column.name for column in columns].index(name) for name in key]
    keys = zip(*(arrays[place] for place in places), strict=True)
    answers = []
    for one in keys:
        answers.append(one in written)
        written.discard(one)
    return answers


@lru_cache(maxsize=64)
def _statement(table: str, columns: tuple[Column, ...], key: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})"
        " ON CONFLICT ({key}) DO NOTHING RETURNING {key}"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
        arrays=sql.SQL(", ").join(sql.SQL(f"%b::{column.type}[]") for column in columns),
        key=sql.SQL(", ").join(sql.Identifier(name) for name in key),
    )
