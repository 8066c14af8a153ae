"""What one lane remembers, so that a code passes once and a clock that runs back is seen.

`decide` only reads it; `keep` applies the effects that a decision hands out. An effect is a plain
frozen value: a lane that writes its effects down and keeps them again after a restart remembers
the same. Only accepted codes leave one, so nobody can write here without good signatures.

The bounds: what can no longer matter is dropped by time, and beyond `most` accounts the one that
passed longest ago goes. Then the time of its code becomes the *floor*: no code made at or before
it passes any more, so that forgetting never lets a used code through.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, TypeVar

from msgspec import Struct

from ridecode.core import TapKind

MOST: Final = 10_000
"""Accounts of one lane. Codes live 20 minutes at most: a lane that passes eight riders a second,
each of them once, still remembers all."""


class Passed(Struct, frozen=True, gc=False, array_like=True, tag="passed"):
    """A code was accepted. Applying it twice is as good as once."""

    account: str
    """Card account, 19 digits."""
    code: bytes
    """The 16-byte name of the code by its `identity`."""
    made_s: int
    """When the code was made, UTC seconds."""
    ts: int
    """When it was accepted, UTC epoch microseconds."""
    spot: str
    """Where (`Place.spot`)."""
    kind: TapKind
    """In which direction."""
    party: int
    """How many companions of this account had passed in one go, this one counted; 0 for the
    rider."""
    until: int
    """From then on it can change no decision; UTC epoch microseconds."""


class ClockSet(Struct, frozen=True, gc=False, array_like=True, tag="clock"):
    """The device set its clock by a source that the operator trusts (GNSS, NTP)."""

    ts: int
    """To which moment, UTC epoch microseconds."""


Effect = Passed | ClockSet


class Snapshot(Struct, frozen=True, array_like=True):
    """All that a memory holds, as a plain value: what a lane needs to forget its older effects."""

    passages: tuple[Passed, ...]
    """The last accepted code of each account, in the order in which they passed."""
    codes: tuple[Passed, ...]
    latest: int
    clock_set: int | None
    floor_s: int


K = TypeVar("K")


class Memory:
    """The memory of one lane, for one thread at a time."""

    def __init__(self, most: int = MOST) -> None:
        """An empty memory of at most `most` accounts and as many codes, at least 1."""
        assert most >= 1, "a lane that remembers nothing would let every code pass twice"
        self._most = most
        # A plain dict looks for its first entry from the beginning, past all that were dropped.
        self._passages: OrderedDict[str, Passed] = OrderedDict()
        self._codes: OrderedDict[bytes, Passed] = OrderedDict()
        self.latest = 0
        """When a code was last accepted, UTC epoch microseconds."""
        self.clock_set: int | None = None
        """When the clock was last set; None before it ever was: such a clock is not trusted."""
        self.floor_s = -1
        """Codes made at or before this second may have been forgotten, and do not pass."""

    def passage(self, account: str) -> Passed | None:
        """The account's last accepted code, if it can still matter."""
        return self._passages.get(account)

    def code(self, name: bytes) -> Passed | None:
        """That very code, where it was accepted."""
        return self._codes.get(name)

    def keep(self, effects: Iterable[Effect]) -> None:
        """Apply what decisions handed out, in their order."""
        for effect in effects:
            if isinstance(effect, Passed):
                self._pass(effect)
            else:
                self.clock_set = effect.ts

    def snapshot(self) -> Snapshot:
        """What `Memory.of` makes the same memory from."""
        return Snapshot(
            tuple(self._passages.values()),
            tuple(self._codes.values()),
            self.latest,
            self.clock_set,
            self.floor_s,
        )

    @classmethod
    def of(cls, snapshot: Snapshot, most: int = MOST) -> "Memory":
        """The memory that was kept, or as much of it as `most` allows."""
        made = cls(most)
        made._passages.update((passed.account, passed) for passed in snapshot.passages)
        made._codes.update((passed.code, passed) for passed in snapshot.codes)
        made.latest, made.clock_set = snapshot.latest, snapshot.clock_set
        made.floor_s = snapshot.floor_s
        made._trim()
        return made

    def __len__(self) -> int:
        """How many accounts are remembered."""
        return len(self._passages)

    def _pass(self, passed: Passed) -> None:
        self.latest = max(self.latest, passed.ts)
        # Taken out and put in again, so that the order of the entries is that of the passing.
        known = self._passages.pop(passed.account, None)
        if known is not None and known.made_s > passed.made_s:
            passed = known
        self._passages[passed.account] = passed
        self._codes[passed.code] = passed
        _drop_old(self._passages, self.latest)
        _drop_old(self._codes, self.latest)
        self._trim()

    def _trim(self) -> None:
        while len(self._passages) > self._most:
            self.floor_s = max(self.floor_s, self._passages.popitem(last=False)[1].made_s)
        while len(self._codes) > self._most:
            # No floor for a code: its account's last time, or the floor, stands above it.
            self._codes.popitem(last=False)


def _drop_old(entries: OrderedDict[K, Passed], latest: int) -> None:
    """Drop from the front what has had its time; what hides behind a longer one waits for it."""
    while entries and next(iter(entries.values())).until < latest:
        entries.popitem(last=False)
