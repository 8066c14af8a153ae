"""Writing many rows by COPY: for sets that are new as a rule, at less than `insert_new` costs.

A set goes in as it is where none of its keys is there yet. Where one is, nothing of it is written,
and it goes by way of a table of the session's own, from which only the new ones are taken.
"""

from collections.abc import Sequence
from itertools import chain
from struct import Struct as Packer
from struct import error as PackError  # noqa: N812 (a class)
from struct import pack
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from ridecode.store.arrays import Type, encoded
from ridecode.store.cell import Connection
from ridecode.store.sets import Column, Row

_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_ENDS = b"\xff\xff"
_count = Packer(">h").pack
_length = Packer(">i").pack


def encode_rows(columns: Sequence[Column], values: Sequence[Sequence[object]]) -> bytes:
    """Rows as COPY takes them, from their columns; one after another they may be joined.

    A column of one value costs nothing, one of equally long values little: most columns of one
    sender are such. Raises `psycopg.DataError` where a value is outside its type.
    """
    parts: list[Sequence[bytes]] = []
    constant = _count(len(columns))
    for column, of in zip(columns, values, strict=True):
        if of.count(of[0]) == len(of):
            constant += encoded(of[:1], column.type)[0]
            continue
        length, cells = _cells(of, column.type)
        parts += [[constant + length] * len(of), cells]
        constant = b""
    if constant:
        parts.append([constant] * len(values[0]))
    return b"".join(chain.from_iterable(zip(*parts, strict=True)))


def _cells(values: Sequence[Any], of: Type) -> tuple[bytes, Sequence[bytes]]:
    """What stands before each value, and the values behind it."""
    if None in values:
        return b"", encoded(values, of)
    if of == "bigint":
        return _length(8), _bigints(values)
    if of not in ("bytea", "text"):
        return b"", encoded(values, of)
    try:
        contents = values if of == "bytea" else [value.encode() for value in values]
    except UnicodeEncodeError as error:
        raise psycopg.DataError(f"a value is no {of}: {error}") from error
    lengths = set(map(len, contents))
    if len(lengths) == 1:
        return _length(lengths.pop()), contents
    return b"", encoded(values, of)


def _bigints(values: Sequence[int]) -> list[bytes]:
    """Packed together and cut: a third of what one by one takes."""
    try:
        packed = pack(f">{len(values)}q", *values)
    except PackError as error:
        raise psycopg.DataError(f"a value is no bigint: {error}") from error
    return [packed[at : at + 8] for at in range(0, len(packed), 8)]


def copy_rows(
    conn: Connection, table: str, columns: Sequence[Column], rows: Sequence[bytes]
) -> bool:
    """Write encoded rows whose keys are all new; False where one is there: then none is written.

    In the transaction of the caller, which goes on either way.
    """
    assert conn.info.transaction_status == TransactionStatus.INTRANS, "a savepoint needs one"
    try:
        with conn.transaction():
            _copy(conn, table, columns, rows)
    except psycopg.errors.UniqueViolation:
        return False
    return True


def copy_new(
    conn: Connection,
    table: str,
    columns: Sequence[Column],
    rows: Sequence[bytes],
    key: Sequence[str],
) -> list[Row]:
    """Write the encoded rows whose key is not there yet: the keys of those, once a transaction.

    Of rows with the same key only the first is new.
    """
    incoming = f"incoming_{table}"
    conn.execute(
        sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS").format(
            sql.Identifier(incoming), sql.Identifier(table)
        )
    )
    _copy(conn, incoming, columns, rows)
    names, keys = _names([column.name for column in columns]), _names(key)
    take = "INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO NOTHING RETURNING {}"
    return (
        conn.cursor(binary=True)
        .execute(
            sql.SQL(take).format(
                sql.Identifier(table), names, names, sql.Identifier(incoming), keys, keys
            )
        )
        .fetchall()
    )


def _copy(conn: Connection, table: str, columns: Sequence[Column], rows: Sequence[bytes]) -> None:
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), _names([column.name for column in columns])
    )
    with conn.cursor().copy(into) as copying:
        copying.write(_BEGINS)
        for part in rows:
            # The driver cuts what it sends into pieces: of a view that copies nothing.
            copying.write(memoryview(part))
        copying.write(_ENDS)


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
