"""The digest of a tap's body: by it a tap that is sent again is told from another of the same id.

It is taken over the values in the order below, never over names, and is stored for good: a new
field of `Tap` may enter it only where it differs from its default.
"""

from hashlib import blake2b

from msgspec import json, msgpack

from ridecode.core import BadInputError, Tap
from ridecode.taps.facts import TS_END, Charged, UnknownNames

_packed = msgpack.Encoder().encode


def digest(tap: Tap) -> bytes:
    """16 bytes over everything that a cell keeps of the tap but its id.

    Raises `BadInputError` for text that has no UTF-8 form (a lone surrogate), and for a moment that
    no clock could show again.
    """
    if not 0 <= tap.ts < TS_END:
        what = f"The tap {tap.tap_id} cannot be stored: its moment lies outside 1970 to 9998."
        raise BadInputError(what, "Mend the clock that it is from.")
    body = (
        tap.account, tap.ts, tap.account_type, tap.kind, tap.mode, tap.product, tap.operator,
        tap.line, tap.stop, tap.validator, tap.vehicle, tap.verdict, tap.source, tap.code,
        tap.code_time,
    )  # fmt: skip
    try:
        return blake2b(_packed(body), digest_size=16).digest()
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadInputError(f"The tap {tap.tap_id} cannot be stored: {error}.") from error


def telling(tap: Tap, charged: Charged | None, unknown: UnknownNames | None) -> str:
    """All that was told, as JSON, to be kept as evidence; a NUL is written as its escape."""
    return json.encode({"tap": tap, "charged": charged, "unknown": unknown}).decode()


def digest_of(told: str) -> bytes:
    """16 bytes over a whole telling."""
    return blake2b(told.encode(), digest_size=16).digest()
