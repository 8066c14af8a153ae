"""What a device says: read back as it was said, linked, signed, and refused where it is not so."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.core import BadInputError, Mode, Tap, TapKind, chain, device, tap_digest

TAP = Tap(
    tap_id=UUID(int=7), city="c", account="3104870400000000001", account_type=1, ts=1_000_000,
    kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="o", line="l", stop="s",
    validator="gate-1", code=bytes(range(200)), code_time=1, seq=1, bundle=3,
)  # fmt: skip
BATCH = device.TapBatch(
    device="gate-1", before=chain.GENESIS, taps=(TAP, replace(TAP, tap_id=UUID(int=8), seq=2))
)
BEAT = device.Heartbeat(
    device="gate-1", ts=5, seq=2, head=bytes(32), opened=1, acknowledged=2, bundle=3, clock_set=None
)


def test_what_was_said_is_read() -> None:
    assert device.read_batch(device.to_json(BATCH)) == BATCH
    assert device.read_heartbeat(device.to_json(BEAT)) == BEAT


@dataclass
class Wrong:
    batch: device.TapBatch
    says: str


TOO_MANY = tuple(replace(TAP, seq=n) for n in range(1, 1_002))


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(replace(BATCH, taps=()), "1 to 1,000"),
        Wrong(replace(BATCH, taps=TOO_MANY), "1 to 1,000"),
        Wrong(replace(BATCH, before=bytes(31)), "32 bytes"),
        Wrong(replace(BATCH, device="gate-2"), "gate-2"),
        Wrong(replace(BATCH, taps=(replace(TAP, seq=0),)), "number 1"),
        Wrong(replace(BATCH, taps=(TAP, replace(TAP, seq=3))), "reading 2"),
        Wrong(replace(BATCH, taps=(TAP, TAP)), "reading 2"),
    ],
)
def test_what_is_no_row_of_one_device_is_refused(wrong: Wrong) -> None:
    with pytest.raises(BadInputError, match=wrong.says):
        device.read_batch(device.to_json(wrong.batch))


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_bytes_break_the_readers(body: bytes) -> None:
    for read in (device.read_batch, device.read_heartbeat):
        with pytest.raises(BadInputError):
            read(body)


@pytest.mark.parametrize(
    "beat", [replace(BEAT, head=b""), replace(BEAT, acknowledged=3), replace(BEAT, opened=-1)]
)
def test_a_heartbeat_that_contradicts_itself_is_refused(beat: device.Heartbeat) -> None:
    with pytest.raises(BadInputError, match="contradict"):
        device.read_heartbeat(device.to_json(beat))


def test_a_signature_is_good_for_its_key_its_body_and_what_it_is() -> None:
    key, body = device.new_key(), device.to_json(BATCH)
    public = device.public_key(key)
    signed = device.sign(key, device.Said.TAPS, body)
    assert device.is_signed(public, device.Said.TAPS, body, signed)
    assert not device.is_signed(public, device.Said.HEARTBEAT, body, signed)
    assert not device.is_signed(public, device.Said.TAPS, body + b" ", signed)
    assert not device.is_signed(device.public_key(device.new_key()), device.Said.TAPS, body, signed)
    assert not device.is_signed(b"short", device.Said.TAPS, body, signed)
    assert not device.is_signed(public, device.Said.TAPS, body, b"")


def test_every_field_of_a_tap_but_its_id_moves_the_digest() -> None:
    others = replace(
        TAP, account="x", ts=2, account_type=2, kind=TapKind.EXIT, mode=Mode.BUS, product="x",
        operator="x", line="x", stop="x", validator="x", vehicle="x", code=b"", code_time=2, seq=9,
        bundle=9,
    )  # fmt: skip
    for name in TAP.__struct_fields__:
        if name in ("tap_id", "city", "verdict", "source"):
            continue
        assert tap_digest(replace(TAP, **{name: getattr(others, name)})) != tap_digest(TAP), name
    assert tap_digest(replace(TAP, tap_id=UUID(int=9))) == tap_digest(TAP)


def test_a_chain_knows_its_order_and_its_length() -> None:
    one, two = (bytes([n]) * 16 for n in (1, 2))
    assert chain.head(chain.GENESIS, (one, two)) == chain.link(chain.link(chain.GENESIS, one), two)
    heads = {chain.head(chain.GENESIS, some) for some in [(), (one,), (one, two), (two, one)]}
    assert len(heads) == 4
