"""A batch as Arrow: an IPC stream of one record batch, whose columns go to the database as columns.

What all its readings share stands in the schema's metadata: `device`, `city`, `first` (the number
of the first reading) and `before` (the link before it, hexadecimal). The fields are `schema`, in
that order, without nulls and uncompressed. Loading Arrow takes a quarter of a second, so that is
left to those who need it.
"""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from struct import Struct
from struct import error as PackError  # noqa: N812 (a class)
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from msgspec import msgpack

from ridecode.core import BadInputError, Mode, TapKind, TapSource, Verdict, device
from ridecode.taps.ingest.columns import Readings, readings

if TYPE_CHECKING:
    import pyarrow as pa

CONTENT_TYPE: Final = "application/vnd.apache.arrow.stream"


@cache
def schema() -> "pa.Schema":
    """The columns of a batch."""
    import pyarrow as pa

    return pa.schema(
        [
            ("tap_id", pa.binary(16)), ("account", pa.string()), ("ts", pa.int64()),
            ("account_type", pa.int16()), ("kind", pa.int8()), ("mode", pa.int8()),
            ("product", pa.string()), ("operator", pa.string()), ("line", pa.string()),
            ("stop", pa.string()), ("vehicle", pa.string()), ("verdict", pa.int16()),
            ("source", pa.int8()), ("code", pa.binary()), ("code_time", pa.int64()),
            ("bundle", pa.int32()),
        ]
    )  # fmt: skip


_ENUMS: Final = {
    "kind": frozenset(map(int, TapKind)), "mode": frozenset(map(int, Mode)),
    "verdict": frozenset(map(int, Verdict)), "source": frozenset(map(int, TapSource)),
}  # fmt: skip


def to_arrow(batch: device.TapBatch) -> bytes:
    """A batch as it travels; what `read_arrow` reads."""
    import pyarrow as pa

    columns = readings(batch)
    metadata = {
        "device": batch.device, "city": columns.city, "first": str(columns.first),
        "before": batch.before.hex(),
    }  # fmt: skip
    ids = pa.array([one.bytes for one in columns.ids], pa.binary(16))
    arrays = [ids, *(pa.array(getattr(columns, f.name), f.type) for f in list(schema())[1:])]
    made = pa.record_batch(arrays, schema=schema().with_metadata(metadata))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, made.schema) as writer:
        writer.write_batch(made)
    return bytes(sink.getvalue())


def read_arrow(body: bytes) -> Readings:
    """Raises `BadInputError` for what is no batch of one device in a row."""
    batch = _record_batch(body)
    told = _metadata(batch.schema.metadata or {})
    lists: dict[str, Any] = {name: _values(batch.column(name)) for name in schema().names[1:]}
    for name, known in _ENUMS.items():
        if not known.issuperset(lists[name]):
            raise BadInputError(f"This is no batch of taps: a {name} has an unknown number.")
    raw_ids = _ids(batch.column("tap_id"))
    return Readings(ids=_uuids(raw_ids), raw_ids=raw_ids, **told, **lists)


def _record_batch(body: bytes) -> "pa.RecordBatch":
    """The one batch of the stream, of the right form and safe to be read."""
    import pyarrow as pa

    try:
        messages = list(pa.ipc.MessageReader.open_stream(body))
        if [message.type for message in messages] != ["schema", "record batch"]:
            raise BadInputError("A body holds a schema and one record batch.", _SEE)
        told = pa.ipc.read_schema(messages[0])
        if not told.equals(schema(), check_metadata=False):
            raise BadInputError("These are not the columns of taps.", _SEE)
        if _is_compressed(memoryview(messages[1].metadata)):
            raise BadInputError("A batch of taps comes uncompressed.", _SEE)
        batch = pa.ipc.read_record_batch(messages[1], told)
        batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, PackError) as error:
        what = f"This is no Arrow stream of taps: {str(error)[:200]}."
        raise BadInputError(what, _SEE) from error
    if any(column.null_count for column in batch.columns):
        raise BadInputError("A column of taps has no nulls.", _SEE)
    if not 1 <= batch.num_rows <= device.BATCH_MOST:
        what = f"A batch has 1 to {device.BATCH_MOST:,} taps."
        raise BadInputError(what, "Send smaller batches.")
    return batch


def _is_compressed(message: memoryview) -> bool:
    """Whether the record batch of a message says so; asked before anything is unpacked, which could
    be far larger. Of FlatBuffers' tables: Message.header (2) and RecordBatch.compression (3)."""
    header = _field(message, _UINT(message, 0)[0], 2)
    return bool(header) and _field(message, header + _UINT(message, header)[0], 3) != 0


def _field(message: memoryview, table: int, index: int) -> int:
    """Where a field of a table stands; 0 where it is absent."""
    fields = table - _INT(message, table)[0]
    slot = 4 + 2 * index
    if slot >= _USHORT(message, fields)[0]:
        return 0
    offset: int = _USHORT(message, fields + slot)[0]
    return table + offset if offset else 0


_UINT, _INT, _USHORT = (Struct(f"<{kind}").unpack_from for kind in "IiH")


_SEE = "docs/taps.md tells the columns."


def _metadata(found: Mapping[bytes, bytes]) -> dict[str, Any]:
    try:
        told = {name: found[name.encode()].decode() for name in ("device", "city")}
        first, before = int(found[b"first"]), bytes.fromhex(found[b"before"].decode())
    except (KeyError, ValueError) as error:
        what = "The schema's metadata name device, city, first and before."
        raise BadInputError(what, _SEE) from error
    if not 1 <= first < 1 << 62 or len(before) != 32:
        raise BadInputError("A first reading has a number from 1, and a link of 32 bytes.", _SEE)
    return {**told, "first": first, "before": before}


def _values(column: "pa.Array") -> list[Any]:
    """Most columns of one device have one value; then each is like the next, and one is read."""
    import pyarrow as pa

    if column[1:].equals(column[:-1]):
        return [column[0].as_py()] * len(column)
    if column.type == pa.binary():
        return _slices(column)
    values: list[Any] = column.to_pylist()
    return values


def _slices(column: "pa.Array") -> list[bytes]:
    """Values of a column of bytes, cut from its buffer: a third of what `to_pylist` takes."""
    _, ends, content = column.buffers()
    raw, last = content.to_pybytes(), column.offset + len(column) + 1
    at = memoryview(ends)[: 4 * last].cast("i")[column.offset :].tolist()
    return [raw[start:end] for start, end in pairwise(at)]


def _ids(column: "pa.Array") -> list[bytes]:
    raw = column.buffers()[1].to_pybytes()[column.offset * 16 :]
    return [raw[at : at + 16] for at in range(0, len(column) * 16, 16)]


_decode_ids = msgpack.Decoder(list[UUID]).decode


def _uuids(raw: list[bytes]) -> list[UUID]:
    """By way of msgpack, which makes an id in half of the time that the class itself takes."""
    head = b"\xdd" + len(raw).to_bytes(4, "big")
    return _decode_ids(head + b"\xc4\x10" + b"\xc4\x10".join(raw))
