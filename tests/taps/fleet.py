"""Devices in small: enrolled at the gates of Buji, with keys, journals and signed batches."""

from collections.abc import Sequence
from concurrent.futures import Future
from random import Random
from typing import Any

from msgspec import Struct, field

from ridecode.core import (
    MICROS,
    Mode,
    Tap,
    TapKind,
    chain,
    derived_id,
    device,
    tap_digest,
)
from ridecode.core.device import TapBatch
from ridecode.store import Cell
from ridecode.taps import JSON, Answer, Device, Ingest, Stand, enrol, to_arrow

NOW = 1_535_724_890 * MICROS
"""2018-08-31T22:14:50+08:00: what the centre's clock shows in these tests."""
STAND = Stand(product="metro", kind=TapKind.ENTRY, line="sz-m5", stop="sz-buji")


class Gate(Struct):
    """A device with its key and its journal's head."""

    name: str
    private: bytes
    city: str = "shenzhen"
    seq: int = 0
    head: bytes = chain.GENESIS
    taps: list[Tap] = field(default_factory=list)

    def enrolled(self, cell: Cell, **fields: Any) -> "Gate":
        plain: dict[str, Any] = {
            "device": self.name, "public_key": device.public_key(self.private),
            "operator": "shenzhen-metro", "stand": STAND, "enrolled_at": NOW - 1,
        }  # fmt: skip
        enrol(cell, Device(**{**plain, **fields}))
        return self

    def read(self, count: int, **fields: Any) -> TapBatch:
        """The next readings, as a batch."""
        before = self.head
        new = [self._tap(self.seq + at, **fields) for at in range(1, count + 1)]
        self.seq += count
        self.head = chain.head(before, map(tap_digest, new))
        self.taps += new
        return TapBatch(device=self.name, before=before, taps=tuple(new))

    def _tap(self, seq: int, **fields: Any) -> Tap:
        dice = Random(f"{self.name} {seq}")
        ts = NOW - (1_000 - seq) * 1_000
        plain: dict[str, Any] = {
            "tap_id": derived_id(ts, f"{self.name} {seq}".encode()), "city": self.city,
            "account": f"31048704{dice.randrange(10**11):011}", "account_type": 1, "ts": ts,
            "kind": TapKind.ENTRY, "mode": Mode.METRO, "product": "metro",
            "operator": "shenzhen-metro", "line": "sz-m5", "stop": "sz-buji",
            "validator": self.name, "code": dice.randbytes(332), "code_time": ts // MICROS,
            "seq": seq, "bundle": 1,
        }  # fmt: skip
        return Tap(**{**plain, **fields})

    def send(
        self, ingest: Ingest, batch: TapBatch, content_type: str = JSON
    ) -> "Future[list[Answer]]":
        body = device.to_json(batch) if content_type == JSON else to_arrow(batch)
        return ingest.submit(self.name, body, content_type, self.sign(body))

    def sign(self, body: bytes) -> bytes:
        """The signature over a batch's bytes."""
        return device.sign(self.private, device.Said.TAPS, body)


def gate(cell: Cell, name: str = "g1", **fields: Any) -> Gate:
    """An enrolled one."""
    return Gate(name, device.new_key()).enrolled(cell, **fields)


def receipts(answers: Sequence[Answer]) -> list[str]:
    """In words that a case can show: the receipt, or the reason where there is one."""
    return [
        answer.receipt.name
        if answer.reason is None
        else f"{answer.receipt.name} {answer.reason.name}"
        for answer in answers
    ]
