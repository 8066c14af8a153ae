"""Batches as Arrow: both forms tell the same, and what is no batch is refused in words."""

from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.core import BadInputError, Tap, chain, device, tap_digest
from ridecode.taps import to_arrow
from ridecode.taps.ingest.arrow import read_arrow, schema
from ridecode.taps.ingest.columns import readings
from tests.taps.fleet import Gate
from tests.taps.mutated import mutated
from tests.taps.test_recording import any_tap

GATE = Gate("g1", bytes(32))


def batch_of(taps: list[Tap], first: int = 1) -> device.TapBatch:
    numbered = tuple(
        Tap(**{name: getattr(tap, name) for name in Tap.__struct_fields__}
            | {"seq": first + at, "validator": "g1"})
        for at, tap in enumerate(taps)
    )  # fmt: skip
    return device.TapBatch(device="g1", before=bytes(32), taps=numbered)


BATCHES = st.lists(any_tap("shenzhen"), min_size=1, max_size=5)


@given(BATCHES, st.integers(1, 1 << 40))
def test_both_forms_tell_the_same(taps: list[Tap], first: int) -> None:
    batch = batch_of(taps, first)

    plain, arrow = readings(batch), read_arrow(to_arrow(batch))

    for name in plain.__struct_fields__:
        one, other = getattr(plain, name), getattr(arrow, name)
        assert (list(one) if isinstance(one, list) else one) == other, name
    assert [arrow.tap(at) for at in range(len(arrow))] == list(batch.taps)


@given(BATCHES)
def test_digests_of_columns_are_those_of_the_taps(taps: list[Tap]) -> None:
    batch = batch_of(taps)

    assert readings(batch).digests() == [tap_digest(tap) for tap in batch.taps]


def stream(batch: pa.RecordBatch, times: int = 1, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for _ in range(times):
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def good(count: int = 2) -> pa.RecordBatch:
    body = to_arrow(Gate("g1", bytes(32)).read(count))
    return pa.ipc.open_stream(body).read_next_batch()


def with_column(name: str, values: list[Any]) -> pa.RecordBatch:
    batch = good(len(values))
    at = schema().get_field_index(name)
    return batch.set_column(at, schema().field(at), pa.array(values, schema().field(at).type))


def with_metadata(**told: str) -> pa.RecordBatch:
    batch = good()
    changed = {name.encode(): value.encode() for name, value in told.items()}
    return batch.replace_schema_metadata({**(batch.schema.metadata or {}), **changed})


BAD: list[tuple[str, Any, str]] = [
    ("nothing", b"", "one record batch"),
    ("a stream without a batch", stream(good(), times=0), "one record batch"),
    ("two batches", stream(good(), times=2), "one record batch"),
    ("no reading", stream(good().slice(0, 0)), "1 to 1,000"),
    ("1,001 readings", stream(good(1_001)), "1 to 1,000"),
    ("compressed", stream(good(), compression="zstd"), "uncompressed"),
    ("a column less", stream(good().drop_columns(["bundle"])), "columns of taps"),
    ("an unknown kind", stream(with_column("kind", [1, 9])), "kind"),
    ("an unknown mode", stream(with_column("mode", [1, 9])), "mode"),
    ("an unknown verdict", stream(with_column("verdict", [0, 1])), "verdict"),
    ("an unknown source", stream(with_column("source", [0, 1])), "source"),
    ("a null", stream(with_column("stop", ["a", None])), "nulls"),
    ("no metadata", stream(good().replace_schema_metadata({})), "metadata"),
    ("reading 0", stream(with_metadata(first="0")), "number from 1"),
    ("no number", stream(with_metadata(first="x")), "metadata"),
    ("a short link", stream(with_metadata(before="00")), "32 bytes"),
    ("no link", stream(with_metadata(before="xy")), "metadata"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), [r[1:] for r in BAD], ids=[r[0] for r in BAD])
def test_what_is_no_batch_is_refused_in_words(body: bytes, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        read_arrow(body)


def fuzzed(times: int, seed: int) -> None:
    """Mutated batches of both forms: a refusal in words, or taps that can be read."""
    dice = Random(seed)
    batch = Gate("g1", bytes(32)).read(3)
    json_body, arrow_body = device.to_json(batch), to_arrow(batch)
    for turn in range(times):
        arrow = turn % 2 == 0
        body = mutated(dice, arrow_body if arrow else json_body)
        try:
            found = read_arrow(body) if arrow else readings(device.read_batch(body))
            digests = found.digests()
            assert len(digests) == len(found) == len(found.raw_ids)
            taps = [found.tap(at) for at in range(len(found))]
            assert [tap_digest(tap) for tap in taps] == digests
            chain.head(found.before, digests)
        except BadInputError as error:
            assert str(error), f"seed {seed}, turn {turn}"


@settings(max_examples=20)
@given(st.integers(0, 1 << 32))
def test_mutated_batches_are_refused_in_words(seed: int) -> None:
    fuzzed(50, seed)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_batches_are_refused_in_words() -> None:
    for seed in range(100):
        fuzzed(1_000, seed)
