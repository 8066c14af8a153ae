"""The card accounts that may not ride: exact, and small enough for a reader.

Each account is a number below 10¹⁹, multiplied by an odd constant modulo 2⁶⁴ and so spread evenly
whatever accounts an issuer gives out. The top bits choose a bucket of about eight; the lower 48 lie
in it, in order, as 32 and 16. Before that, one bit out of eight for each account tells most riders
apart who are not denied: a set bit decides nothing. A million accounts take 7.6 MB. A set of the
same numbers takes 70 MB; a Bloom filter alone would refuse riders who owe nothing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import numpy as np

from ridecode.core import BadInputError
from ridecode.validator.packed import Numbers, pack, unpack

DIGITS: Final = 19
"""A card account's digits: the largest of them is below 2⁶⁴."""
NUMBER_MOST: Final = 10**DIGITS - 1
MAGIC: Final = b"ridecode deny 1\n"
COUNT_MOST: Final = 50_000_000
"""Accounts of one list: nothing longer is read."""

_MIX: Final = 0x9E3779B97F4A7C15
"""2⁶⁴ over the golden ratio, odd: neighbours in number come to lie far apart."""
_UNMIX: Final = pow(_MIX, -1, 1 << 64)
_MASK: Final = (1 << 64) - 1
_BITS: Final = range(16, 23)
"""How many bits may choose the bucket: at least 16, so that 48 tell what lies in it."""


class DenyList:
    """An unchanging set of card accounts, of whatever issuer."""

    __slots__ = ("_bit_of", "_bits", "_high", "_low", "_shift", "_starts")

    def __init__(self, accounts: Iterable[str] = ()) -> None:
        """From accounts of 19 digits in any order; BadInputError for anything else."""
        numbers = np.sort(_numbers_of(list(accounts)))
        self._fill(numbers[np.flatnonzero(np.diff(numbers, prepend=~numbers[:1]))])

    @staticmethod
    def of(numbers: Numbers) -> "DenyList":
        """From ascending numbers up to `NUMBER_MOST`, none twice."""
        made = DenyList.__new__(DenyList)
        made._fill(numbers)
        return made

    @staticmethod
    def read(file: bytes) -> "DenyList":
        """From a full file; `BadInputError` where it is none."""
        if not file.startswith(MAGIC) or len(file) < len(MAGIC) + 4:
            raise BadInputError("This is no deny list: it does not begin as one.")
        count = int.from_bytes(file[len(MAGIC) :][:4], "big")
        if count > COUNT_MOST:
            raise BadInputError(f"A deny list has at most {COUNT_MOST:,} accounts.")
        numbers, rest = unpack(file[len(MAGIC) + 4 :], count, NUMBER_MOST)
        if rest:
            raise BadInputError("This is no deny list: bytes follow its last account.")
        return DenyList.of(numbers)

    def _fill(self, numbers: Numbers) -> None:
        bits = min(max(len(numbers).bit_length() - 3, _BITS[0]), _BITS[-1])
        self._shift = 64 - bits
        mixed = np.sort(numbers * np.uint64(_MIX))
        buckets = np.arange((1 << bits) + 1, dtype=np.uint64)
        starts = np.searchsorted(mixed >> np.uint64(self._shift), buckets)
        # Of the array module, because it hands single numbers to Python faster than NumPy does.
        self._starts = array("I", starts.astype(np.uint32).tobytes())
        self._high = array("I", (mixed >> np.uint64(16)).astype(np.uint32).tobytes())
        self._low = array("H", mixed.astype(np.uint16).tobytes())
        self._bit_of = (1 << max(len(numbers).bit_length() + 3, 10)) - 1
        maybe = np.zeros(self._bit_of + 1, np.uint8)
        maybe[(numbers & np.uint64(self._bit_of)).astype(np.int64)] = 1
        self._bits = np.packbits(maybe, bitorder="little").tobytes()

    def __contains__(self, account: str) -> bool:
        """Whether that account of 19 digits is denied."""
        number = int(account)
        bit = number & self._bit_of
        if not self._bits[bit >> 3] >> (bit & 7) & 1:
            return False
        mixed = number * _MIX & _MASK
        bucket = mixed >> self._shift
        starts, high = self._starts, self._high
        end = starts[bucket + 1]
        key = mixed >> 16 & 0xFFFFFFFF
        at = bisect_left(high, key, starts[bucket], end)
        while at < end and high[at] == key:
            if self._low[at] == mixed & 0xFFFF:
                return True
            at += 1
        return False

    def __len__(self) -> int:
        return len(self._low)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, DenyList)
            and self._low == other._low
            and self._high == other._high
            and self._starts == other._starts
        )

    def __hash__(self) -> int:
        return hash((self._high.tobytes(), self._low.tobytes()))

    def numbers(self) -> Numbers:
        """All accounts as numbers, ascending."""
        starts = np.frombuffer(self._starts, np.uint32).astype(np.int64)
        buckets = np.arange(len(starts) - 1, dtype=np.uint64)
        bucket = np.repeat(buckets, starts[1:] - starts[:-1])
        # The lowest bits of the bucket are told twice, as the highest of the 48.
        high = np.frombuffer(self._high, np.uint32).astype(np.uint64) << np.uint64(16)
        mixed = bucket << np.uint64(self._shift) | high | np.frombuffer(self._low, np.uint16)
        return np.sort(mixed * np.uint64(_UNMIX))

    def digest(self) -> bytes:
        """SHA-256 over all accounts as numbers of 8 bytes, big-endian, ascending."""
        return sha256(self.numbers().astype(">u8").tobytes()).digest()

    def to_bytes(self) -> bytes:
        """The full file: magic, count in 4 bytes, packed numbers."""
        return MAGIC + len(self).to_bytes(4, "big") + pack(self.numbers())

    @property
    def size_bytes(self) -> int:
        """What the entries take in memory."""
        parts = self._starts, self._high, self._low
        return len(self._bits) + sum(len(part) * part.itemsize for part in parts)


def _numbers_of(accounts: list[str]) -> Numbers:
    """Of accounts in their order: digit by digit, all of them at once."""
    for account in accounts:
        if len(account) != DIGITS:
            raise _no_account(account)
    text = "".join(accounts)
    if accounts and not (text.isascii() and text.isdecimal()):
        raise _no_account(next(one for one in accounts if not (one.isascii() and one.isdecimal())))
    digits = np.frombuffer(text.encode(), np.uint8).reshape(-1, DIGITS) - np.uint8(ord("0"))
    numbers = np.zeros(len(accounts), np.uint64)
    for column in digits.T:
        numbers = numbers * np.uint64(10) + column
    return numbers


def _no_account(account: str) -> BadInputError:
    return BadInputError(f"A card account has {DIGITS} digits, not {account!r}.")
