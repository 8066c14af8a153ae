"""Whether a code was used at another gate: what is asked, and what is answered.

Three tiers know of used codes: the lane's own memory, the station's peer, and the centre. A lane
asks the station and waits 40 ms at most; a station may have a tier above it that is asked in the
same way. Where a link is lost the lane goes on with what it knows itself, at once, and tells the
tier above what it let through as soon as the link is back: two claims of one code are then found
there as evidence. The centre finds them by itself, for every tap comes there in the end.

A claim names a code by 16 bytes of a hash of account and second, which are one code's: no tier
learns an account.
"""

from hashlib import blake2b
from typing import Protocol

from msgspec import Struct

from ridecode.validator.memory import Passed


class Claim(Struct, frozen=True, array_like=True):
    """A lane is about to let a code through, or has done so."""

    code: bytes
    """16 bytes, of account and second."""
    device: str
    ts: int
    """UTC epoch microseconds."""
    until: int
    """From then on no lane would take the code any more."""


class Tier(Protocol):
    """What a lane asks before it opens."""

    def claim(self, claim: Claim) -> Claim | None:
        """The earlier claim of another device on this code; None where there is none, or nobody
        answers in time."""
        ...


def claim_of(passed: Passed, device: str) -> Claim:
    """What a lane claims for a code that it accepted."""
    name = f"{passed.account}\0{passed.made_s}".encode()
    return Claim(blake2b(name, digest_size=16).digest(), device, passed.ts, passed.until)


class Claims:
    """Who claimed which code first, for as long as codes live. For one thread at a time."""

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._held: dict[bytes, Claim] = {}
        self._latest = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, claim: Claim) -> Claim | None:
        """Note a claim; the earlier one of another device, which stands."""
        self._latest = max(self._latest, claim.ts)
        held = self._held.get(claim.code)
        if held is not None and held.until >= claim.ts:
            return held if held.device != claim.device else None
        if len(self._held) >= self._most:
            self._drop()
        self._held[claim.code] = claim
        return None

    def _drop(self) -> None:
        """Let go of what has had its time, or else of the oldest tenth."""
        live = {code: held for code, held in self._held.items() if held.until >= self._latest}
        too_many = len(live) - self._most * 9 // 10
        for code in list(live)[: max(too_many, 0)]:
            del live[code]
        self._held = live
