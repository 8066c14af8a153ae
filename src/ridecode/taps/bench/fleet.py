"""A fleet's batches for a measurement: signed, chained, made and encoded before the clock runs."""

import random
from collections.abc import Iterator

from msgspec import Struct

from ridecode.core import Mode, Tap, TapKind, chain, derived_id, device, tap_digest
from ridecode.taps.ingest import JSON, to_arrow

DEVICES = 20
OPERATOR, PRODUCT, LINE, STOP = "shenzhen-metro", "metro", "sz-m5", "sz-buji"
_BEGINS = 1_767_000_000_000_000
_EVERY = 700
"""Microseconds from tap to tap."""


class Signed(Struct, frozen=True):
    """A body as a device sends it."""

    device: str
    body: bytes
    content_type: str
    signature: bytes
    taps: int


def names(of: str) -> list[str]:
    return [f"{of}-{number}" for number in range(DEVICES)]


def signed(of: str, key: bytes, taps: int, per_batch: int, content_type: str) -> Iterator[Signed]:
    """Batches of every device in turn, each tap with a code of 332 bytes; the same each time."""
    dice = random.Random(f"ingest {of}")
    ts, journals = _BEGINS, dict.fromkeys(names(of), (0, chain.GENESIS))
    for number in range(taps // per_batch):
        name = f"{of}-{number % DEVICES}"
        seq, before = journals[name]
        made = []
        for at in range(seq + 1, seq + per_batch + 1):
            ts += _EVERY
            made.append(_tap(name, at, ts, dice))
        batch = device.TapBatch(device=name, before=before, taps=tuple(made))
        journals[name] = seq + per_batch, chain.head(before, map(tap_digest, made))
        body = device.to_json(batch) if content_type == JSON else to_arrow(batch)
        signature = device.sign(key, device.Said.TAPS, body)
        yield Signed(name, body, content_type, signature, per_batch)


def _tap(name: str, seq: int, ts: int, dice: random.Random) -> Tap:
    return Tap(
        tap_id=derived_id(ts, f"{name} {seq}".encode()), city="shenzhen",
        account=f"31048704{dice.randrange(1_000_000):011}", account_type=1, ts=ts,
        kind=TapKind.ENTRY, mode=Mode.METRO, product=PRODUCT, operator=OPERATOR, line=LINE,
        stop=STOP, validator=name, code=dice.randbytes(332), code_time=ts // 1_000_000, seq=seq,
        bundle=7,
    )  # fmt: skip
