"""Columns of a set as PostgreSQL's binary arrays.

psycopg can send a list as an array too, at twice the cost: it looks for the way to encode at
every value. Here a column has one type, and equal texts (stops, lines, products) are encoded once.
"""

from collections.abc import Callable, Sequence
from struct import Struct as Packer
from struct import error as PackError  # noqa: N812 (a class)
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

Type = Literal["bigint", "boolean", "bytea", "integer", "jsonb", "smallint", "text", "uuid"]

Encode = Callable[[Any], bytes]
"""A value as its length in four bytes and its content."""

_length = Packer(">i").pack
_smallint = Packer(">ih").pack
_integer = Packer(">ii").pack
_bigint = Packer(">iq").pack
_header = Packer(">iiIii").pack
_NULL = _length(-1)


class _Kind(NamedTuple):
    oid: int
    encode: Encode


def _counted(content: bytes) -> bytes:
    return _length(len(content)) + content


# The numbers stand in PostgreSQL's catalog pg_type and are fixed for ever.
_KINDS: dict[Type, _Kind] = {
    "bigint": _Kind(20, lambda value: _bigint(8, value)),
    "boolean": _Kind(16, lambda value: b"\0\0\0\1\1" if value else b"\0\0\0\1\0"),
    "bytea": _Kind(17, _counted),
    "integer": _Kind(23, lambda value: _integer(4, value)),
    "jsonb": _Kind(3802, lambda text: _counted(b"\1" + text.encode())),
    "smallint": _Kind(21, lambda value: _smallint(2, value)),
    "text": _Kind(25, lambda text: _counted(text.encode())),
    "uuid": _Kind(2950, lambda value: b"\0\0\0\x10" + value.int.to_bytes(16, "big")),
}


def encoded(values: Sequence[Any], of: Type) -> list[bytes]:
    """Each value as the wire carries it; `psycopg.DataError` where one is outside its type."""
    encode = _KINDS[of].encode
    try:
        if len(values) == 1:
            return [_NULL if values[0] is None else encode(values[0])]
        if of == "text":
            once = {value: _NULL if value is None else encode(value) for value in set(values)}
            return [once[value] for value in values]
        return [_NULL if value is None else encode(value) for value in values]
    except (PackError, UnicodeEncodeError) as error:
        raise psycopg.DataError(f"a value is no {of}: {error}") from error


class Array(bytes):
    """One column, ready to be sent as a parameter that the statement casts to its type."""


def array(pieces: Sequence[bytes], of: Type) -> Array:
    """The column of these encoded values."""
    # One dimension, nulls allowed, counted from 1.
    return Array(_header(1, 1, _KINDS[of].oid, len(pieces), 1) + b"".join(pieces))


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Array:
        return obj


psycopg.adapters.register_dumper(Array, _ArrayDumper)
