"""Ids: UUIDv7, made where the fact is born, so that sending a fact again is harmless.

Time-ordered ids keep the newest rows of an index together (RFC 9562 §5.7).
"""

from functools import lru_cache
from hashlib import blake2b
from uuid import UUID, SafeUUID
from zlib import crc32

import uuid_utils

from ridecode.core.time import HOUR

_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_RANDOM_BITS = ((1 << 12) - 1) << 64 | (1 << 62) - 1


def new_id(ts: int | None = None) -> UUID:
    """A new UUIDv7, of now or of the moment `ts` (UTC epoch microseconds)."""
    if ts is None:
        return UUID(bytes=uuid_utils.uuid7().bytes)
    return UUID(bytes=uuid_utils.uuid7(nanoseconds=ts * 1_000).bytes)


def derived_id(ts: int, fact: bytes) -> UUID:
    """The UUIDv7 of a fact that happened at `ts` (UTC epoch microseconds, 0 to 8.9 × 10¹⁸).

    In place of randomness stand 74 bits of a hash of `fact`: the same fact read again, from a file
    or by a pure function, gets the same id.
    """
    hashed = _NOTHING.copy()
    hashed.update(fact)
    digest = int.from_bytes(hashed.digest(), "big")
    # As UUID(int=…) makes it, which takes five times as long to see that nothing else was given.
    made = object.__new__(UUID)
    _set_int(made, ts // 1_000 << 80 | _VERSION_AND_VARIANT | digest & _RANDOM_BITS)
    _set_is_safe(made, _UNKNOWN)
    return made


_NOTHING = blake2b(digest_size=16)
# To look up a member of an enumeration in its class takes as long as the rest.
_UNKNOWN = SafeUUID.unknown
_set_int, _set_is_safe = vars(UUID)["int"].__set__, vars(UUID)["is_safe"].__set__


def moment_of(id_: UUID) -> int:
    """The moment of an id, in UTC epoch microseconds, to the millisecond: for another beside it."""
    return (id_.int >> 80) * 1_000


def moment_near(ts: int, account: str) -> int:
    """A moment in the hour of `ts` that an account has to itself and, more or less, in the order of
    accounts; UTC epoch microseconds. For `derived_id` of what is written account by account.

    By their own moments each such id would be of another page of its index, of which a day of ten
    million rides has a gigabyte. So those of an hour go up as the accounts do: written by account
    they touch a page for each hour of the day, and written as the day goes on those of one hour.
    RFC 9562 §6.1 lets a timestamp be altered.
    """
    return ts - ts % HOUR + _place(account)


@lru_cache(1 << 10)
def _place(account: str) -> int:
    """Microseconds into an hour. Who asks for one ride of an account asks for the next."""
    tail = account[-9:]
    number = int(tail) if tail.isdecimal() else crc32(account.encode())
    return number * 1_000 % HOUR


def first_id(ts: int) -> UUID:
    """No id of the moment `ts` or later is smaller, and every one of an earlier millisecond is: so
    what happened in a span is found by id, without a further index."""
    return UUID(int=ts // 1_000 << 80)
