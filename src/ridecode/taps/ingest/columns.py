"""A device's batch as columns: what is decided and written for sets never makes a row of it."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from ridecode.core import BadInputError, Mode, Tap, TapKind, TapSource, Verdict, chain, device
from ridecode.store import Column, encode_rows
from ridecode.taps.db import TAP_COLUMNS


class Readings(Struct, frozen=True, kw_only=True):
    """The readings of one batch; every column has one value a reading."""

    device: str
    city: str
    before: bytes
    """The link before the first."""
    first: int
    """Number of the first reading; the others follow one after another."""
    ids: Sequence[UUID]
    raw_ids: Sequence[bytes]
    """The same, 16 bytes each."""
    account: Sequence[str]
    ts: Sequence[int]
    account_type: Sequence[int]
    kind: Sequence[int]
    mode: Sequence[int]
    product: Sequence[str]
    operator: Sequence[str]
    line: Sequence[str]
    stop: Sequence[str]
    vehicle: Sequence[str]
    verdict: Sequence[int]
    source: Sequence[int]
    code: Sequence[bytes]
    code_time: Sequence[int]
    bundle: Sequence[int]

    def __len__(self) -> int:
        return len(self.ids)

    def tap(self, at: int) -> Tap:
        """One of them as it was read."""
        return Tap(
            tap_id=self.ids[at], city=self.city, account=self.account[at],
            account_type=self.account_type[at], ts=self.ts[at], kind=TapKind(self.kind[at]),
            mode=Mode(self.mode[at]), product=self.product[at], operator=self.operator[at],
            line=self.line[at], stop=self.stop[at], validator=self.device,
            vehicle=self.vehicle[at], verdict=Verdict(self.verdict[at]), code=self.code[at],
            code_time=self.code_time[at], source=TapSource(self.source[at]), seq=self.first + at,
            bundle=self.bundle[at],
        )  # fmt: skip

    def digests(self) -> list[bytes]:
        """Of each its `core.tap_digest`; raises `BadInputError` as that does."""
        if min(self.ts) < 0 or max(self.ts) >= chain.TS_END:
            what = "A tap of this batch cannot be stored: its moment lies outside 1970 to 9998."
            raise BadInputError(what, "Mend the clock that it is from.")
        count = len(self)
        return chain.digests(
            zip(
                self.account, self.ts, self.account_type, self.kind, self.mode, self.product,
                self.operator, self.line, self.stop, [self.device] * count, self.vehicle,
                self.verdict, self.source, self.code, self.code_time,
                range(self.first, self.first + count), self.bundle, strict=True,
            )
        )  # fmt: skip

    def encoded(self, digests: Sequence[bytes], awaits: Sequence[bool]) -> bytes:
        """The rows of `TAP_COLUMNS`, as they go to the database."""
        return encode_rows(_COLUMNS, self.values(digests, awaits))

    def values(self, digests: Sequence[bytes], awaits: Sequence[bool]) -> list[Sequence[object]]:
        """The values of `TAP_COLUMNS`, ids as their bytes."""
        count = len(self)
        return [
            self.raw_ids, self.account, self.ts, self.account_type, self.kind, self.mode,
            self.product, self.operator, self.line, self.stop, [self.device] * count, self.vehicle,
            self.verdict, self.source, self.code, self.code_time,
            range(self.first, self.first + count), self.bundle, digests, awaits,
        ]  # fmt: skip


_COLUMNS = (Column("tap_id", "bytea"), *TAP_COLUMNS[1:])
"""An id travels as its bytes do."""


def readings(batch: device.TapBatch) -> Readings:
    """The columns of a batch that is one device's in a row; `BadInputError` for two cities."""
    taps = batch.taps
    city = taps[0].city
    if any(tap.city != city for tap in taps):
        raise BadInputError("A batch is of one city.", "Send each city its own taps.")
    return Readings(
        device=batch.device, city=city, before=batch.before, first=taps[0].seq,
        ids=[tap.tap_id for tap in taps], raw_ids=[tap.tap_id.bytes for tap in taps],
        account=[tap.account for tap in taps],
        ts=[tap.ts for tap in taps], account_type=[tap.account_type for tap in taps],
        kind=[tap.kind for tap in taps], mode=[tap.mode for tap in taps],
        product=[tap.product for tap in taps], operator=[tap.operator for tap in taps],
        line=[tap.line for tap in taps], stop=[tap.stop for tap in taps],
        vehicle=[tap.vehicle for tap in taps], verdict=[tap.verdict for tap in taps],
        source=[tap.source for tap in taps], code=[tap.code for tap in taps],
        code_time=[tap.code_time for tap in taps], bundle=[tap.bundle for tap in taps],
    )  # fmt: skip
