"""The chain of a device's taps: each reading is linked to the one before, so a gap is seen.

    link(n) = BLAKE2b-256( link(n − 1) ‖ digest of tap n ),   link(0) = 32 zero bytes

The digest covers everything that a cell keeps of a tap but its id. It is taken over the values in
the order below, never over names, and is stored for good: a new field of `Tap` may enter it only
where it differs from its default.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from msgspec import msgpack

from ridecode.core.errors import BadInputError
from ridecode.core.facts import Tap
from ridecode.core.time import MICROS

GENESIS: Final = bytes(32)
"""What stands before the first reading of a device."""
TS_END: Final = 253_370_764_800 * MICROS
"""The moment of a tap lies from 1970 to before the year 9999, so that any clock can write it."""

_packed = msgpack.Encoder().encode
# A copy of an empty hash is ready in two thirds of the time that a new one takes.
_digest, _link = blake2b(digest_size=16).copy, blake2b(digest_size=32).copy


def tap_digest(tap: Tap) -> bytes:
    """16 bytes over the body of a tap: by them a tap sent again is told from another of its id.

    Raises `BadInputError` for text that has no UTF-8 form (a lone surrogate), and for a moment that
    no clock could show again.
    """
    if not 0 <= tap.ts < TS_END:
        what = f"The tap {tap.tap_id} cannot be stored: its moment lies outside 1970 to 9998."
        raise BadInputError(what, "Mend the clock that it is from.")
    body: tuple[object, ...] = (
        tap.account, tap.ts, tap.account_type, tap.kind, tap.mode, tap.product, tap.operator,
        tap.line, tap.stop, tap.validator, tap.vehicle, tap.verdict, tap.source, tap.code,
        tap.code_time,
    )  # fmt: skip
    if tap.seq or tap.bundle:
        body = (*body, tap.seq, tap.bundle)
    try:
        return blake2b(_packed(body), digest_size=16).digest()
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadInputError(f"The tap {tap.tap_id} cannot be stored: {error}.") from error


def digests(bodies: Iterable[tuple[object, ...]]) -> list[bytes]:
    """The digests of numbered readings that stand in columns, without a `Tap` of each.

    A body has the values in the order of `tap_digest`, `seq` and `bundle` last. Raises
    `BadInputError` for text that has no UTF-8 form.
    """
    found: list[bytes] = []
    try:
        for body in bodies:
            digest = _digest()
            digest.update(_packed(body))
            found.append(digest.digest())
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadInputError(f"A tap of this batch cannot be stored: {error}.") from error
    return found


def link(before: bytes, digest: bytes) -> bytes:
    """The next link of a chain, 32 bytes."""
    return head(before, (digest,))


def head(before: bytes, digests: Iterable[bytes]) -> bytes:
    """The link after these digests, in their order."""
    for digest in digests:
        link = _link()
        link.update(before + digest)
        before = link.digest()
    return before
