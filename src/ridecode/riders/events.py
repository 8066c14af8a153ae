"""What other rooms tell on the log, read as frozen values. Bodies are msgpack.

    debts            [[identity or account, "owed" or "repaid", amount, ts], …]
    taps.set_aside   [[tap id of 16 bytes, account, why, ts], …]

Of quarantined taps none counts against a rider: what is wrong with them is the device's doing, or
their code did not pass, and anybody can write another's account into a code that does not pass.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeVar
from uuid import UUID

from msgspec import DecodeError, ValidationError, msgpack

from ridecode.core import BadInputError

DEBTS: Final = "debts"
SET_ASIDE: Final = "taps.set_aside"
COPIED: Final = frozenset({1, 2})
"""`rides` says: the same code at a second reader, or the account at two places at once. Both are
taps of codes that were good, so somebody holds the rider's key or a picture of a code. What one
reader tells twice is the reader's doing, and counts against nobody."""

_BIGINT = 2**63
_NAME_MOST = 64

T = TypeVar("T")


class Debt(NamedTuple):
    """One entry; what is repaid has an amount below 0."""

    who: str
    amount: int
    ts: int


class Suspicion(NamedTuple):
    """One tap that points to a copied key."""

    tap_id: UUID
    account: str
    reason: int
    ts: int


_debts = msgpack.Decoder(list[tuple[str, Literal["owed", "repaid"], int, int]]).decode
_suspicions = msgpack.Decoder(list[tuple[bytes, str, int, int]]).decode


def read_debts(body: bytes) -> list[Debt]:
    """Raises `BadInputError` for what is no body of `debts`."""
    read = []
    for who, what, amount, ts in _read(_debts, DEBTS, body):
        if not (0 < len(who) <= _NAME_MOST and "\0" not in who):
            raise _bad(DEBTS, "a debtor has a name of up to 64 characters")
        if not (0 < amount < _BIGINT and 0 <= ts < _BIGINT):
            raise _bad(DEBTS, "amounts and moments are above 0 and below 2⁶³")
        read.append(Debt(who, amount if what == "owed" else -amount, ts))
    return read


def read_suspicions(body: bytes) -> list[Suspicion]:
    """Those that point to a copied key; `BadInputError` for what is no body of `taps.set_aside`."""
    read = []
    for tap_id, account, reason, ts in _read(_suspicions, SET_ASIDE, body):
        if len(tap_id) != 16 or not 0 <= ts < _BIGINT or "\0" in account:
            raise _bad(SET_ASIDE, "a tap has an id of 16 bytes, an account and a moment")
        if reason in COPIED and account:
            read.append(Suspicion(UUID(bytes=tap_id), account, reason, ts))
    return read


def _read(decode: Callable[[bytes], list[Any]], topic: str, body: bytes) -> list[Any]:
    try:
        return decode(body)
    except (ValidationError, DecodeError, UnicodeDecodeError) as error:
        raise _bad(topic, str(error)) from error


def _bad(topic: str, why: str) -> BadInputError:
    return BadInputError(f"This is no body of the topic {topic}: {why}.", "Mend who wrote it.")
