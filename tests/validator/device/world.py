"""A device's readings without a scanner, and a centre that forgets nothing and checks all."""

from typing import Final

from msgspec.structs import replace

from ridecode.core import Mode, Tap, TapKind, Verdict, chain, derived_id, tap_digest
from ridecode.core.device import TapBatch
from ridecode.validator import Effect, Passed
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.recovery import Head

SECRET: Final = b"\x07" * 32
DEVICE: Final = "gate-1"
NOW: Final = 1_767_225_600_000_000


def reading(n: int, verdict: Verdict = Verdict.ACCEPTED) -> tuple[Tap, tuple[Effect, ...]]:
    """The n-th rider's tap, a second after the one before, and what is to be remembered of it."""
    ts, account = NOW + n * 1_000_000, f"31051700000{n:08}"
    tap = Tap(
        tap_id=derived_id(ts, b"%d" % n), city="tiny", account=account, account_type=1, ts=ts,
        kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="rail", line="m1", stop="a",
        validator=DEVICE, verdict=verdict, code=b"code %d" % n * 40, code_time=ts // 1_000_000,
        bundle=3,
    )  # fmt: skip
    if not verdict.accepted:
        return tap, ()
    passed = Passed(
        account=account, code=n.to_bytes(16, "big"), made_s=tap.code_time, ts=ts, spot="a",
        kind=tap.kind, party=0, until=ts + 1_200_000_000,
    )  # fmt: skip
    return tap, (passed,)


class Centre:
    """Takes batches and heartbeats as the centre would, and asserts that none contradicts."""

    def __init__(self) -> None:
        self.taps: list[Tap] = []
        self.links = [chain.GENESIS]
        self.heard = Head(0, chain.GENESIS, 0)

    def take(self, batch: TapBatch) -> None:
        """Keep what is new; what was there must be the same, and nothing may be left out."""
        assert batch.device == DEVICE
        first = batch.taps[0].seq
        assert first <= len(self.taps) + 1, "a gap"
        assert batch.before == self.links[first - 1], "a fork"
        for tap in batch.taps:
            if tap.seq <= len(self.taps):
                assert tap == self.taps[tap.seq - 1], "a fork"
            else:
                self.taps.append(tap)
                self.links.append(chain.link(self.links[-1], tap_digest(tap)))

    def hear(self, head: Head) -> None:
        """A heartbeat: a device never goes back."""
        assert head.seq >= self.heard.seq and head.opened >= self.heard.opened, "a cut tail"
        self.heard = head

    def agrees(self) -> None:
        """Once all is uploaded: what was heard is what came."""
        assert self.heard.seq <= len(self.taps)
        assert self.heard.link == self.links[self.heard.seq]
        opened = sum(tap.verdict.accepted for tap in self.taps[: self.heard.seq])
        assert self.heard.opened == opened


def upload(journal: Journal, centre: Centre, most: int = 3) -> None:
    """All that a journal has, the centre's answers to every other batch lost on the way once."""
    lost = False
    while (batch := journal.batch(most)) is not None:
        centre.take(batch)
        lost = not lost
        if not lost:
            journal.acknowledge(batch)


def numbered(tap: Tap, seq: int) -> Tap:
    return replace(tap, seq=seq)
