"""Writing many rows by COPY: for sets that are new as a rule, at less than `insert_new` costs.

A set goes in as it is where none of its keys is there yet. Where one is, nothing of it is written,
and it goes by way of a table of the session's own, from which only the new ones are taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from struct import Struct as Packer
from struct import error as PackError  # noqa: N812 (a class)
from typing import Any, Final

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
    try:
        return _packed(columns, values)
    except (PackError, TypeError, AttributeError, UnicodeEncodeError):
        # A null, or a value outside its type: one by one it is either written or named.
        cells = [encoded(of, column.type) for column, of in zip(columns, values, strict=True)]
        count = repeat(_count(len(columns)), len(values[0]))
        return b"".join(chain.from_iterable(zip(count, *cells, strict=True)))


def _packed(columns: Sequence[Column], values: Sequence[Sequence[Any]]) -> bytes:
    count = len(values[0])
    pieces: list[Iterable[bytes]] = []
    run = _Run(count)
    run.constant = _count(len(columns))
    for column, of in zip(columns, values, strict=True):
        if of[0] == of[-1] and of.count(of[0]) == count:
            run.constant += encoded(of[:1], column.type)[0]
            continue
        before, form, cells = _cells(of, column.type)
        if form:
            run.constant += before
            run.add(form, cells)
        else:
            pieces += [run.rows(), cells]
            run = _Run(count)
    pieces.append(run.rows())
    return b"".join(chain.from_iterable(zip(*pieces, strict=True)))


class _Run:
    """Columns side by side whose cells are equally long in every row: one packing makes them."""

    def __init__(self, count: int) -> None:
        self.constant = b""
        """What every row has at its end so far."""
        self._count = count
        self._form = ">"
        self._cells: list[Iterable[Any]] = []

    def add(self, form: str, cells: Sequence[Any]) -> None:
        self._put(f"{len(self.constant)}s", repeat(self.constant, self._count))
        self._put(form, cells)
        self.constant = b""

    def _put(self, form: str, cells: Iterable[Any]) -> None:
        self._form += form
        self._cells.append(cells)

    def rows(self) -> Iterator[bytes]:
        """The part of each row."""
        self._put(f"{len(self.constant)}s", repeat(self.constant, self._count))
        return map(_packer(self._form).pack, *self._cells)


_packer = lru_cache(256)(Packer)
"""To read a form takes as long as to pack ten rows by it."""


def _cells(values: Sequence[Any], of: Type) -> tuple[bytes, str, Sequence[Any]]:
    """What stands before each value, how it is packed if all are equally long, and the values."""
    if of in _FIXED:
        length, form = _FIXED[of]
        return _length(length), form, values
    if of == "uuid":
        # As `bytes` of each would do it, which is a call more.
        return _length(16), "16s", [value.int.to_bytes(16, "big") for value in values]
    if of not in ("bytea", "text"):
        cells = encoded(values, of)
        return b"", f"{len(cells[0])}s", cells
    contents = values if of == "bytea" else list(map(str.encode, values))
    length = len(contents[0])
    if set(map(len, contents)) == {length}:
        return _length(length), f"{length}s", contents
    return b"", "", encoded(values, of)


_FIXED: Final[dict[Type, tuple[int, str]]] = {
    "bigint": (8, "q"), "integer": (4, "i"), "smallint": (2, "h"),
}  # fmt: skip
"""Bytes of a number, and how it is packed."""


def copy_rows(
    conn: Connection, table: str, columns: Sequence[Column], rows: Iterable[bytes]
) -> bool:
    """Write encoded rows whose keys are all new; False where one is there: then none is written.

    In the transaction of the caller, which goes on either way; as where `rows` raises, of which the
    next is asked for while the last ones are taken in.
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


def _copy(conn: Connection, table: str, columns: Sequence[Column], rows: Iterable[bytes]) -> None:
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
