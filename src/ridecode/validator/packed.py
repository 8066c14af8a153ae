"""Ascending numbers in few bytes: each as its distance from the one before, in groups of 7 bits.

The first number stands for itself; every group but a number's last has its top bit set, the lowest
group first (LEB128). A million card accounts take 3 MB where a few issuers gave them out, and 7 MB
where they lie anywhere at all. There is one writing of every list, and no other is read.
"""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ridecode.core import BadInputError

Numbers: TypeAlias = npt.NDArray[np.uint64]
"""Ascending, none twice."""

_GROUPS: Final = 10
"""The most groups of a number below 2⁶⁴."""


def pack(numbers: Numbers) -> bytes:
    """The bytes of ascending numbers."""
    if not len(numbers):
        return b""
    gaps = np.diff(numbers, prepend=np.uint64(0))
    gaps[0] = numbers[0]
    groups = np.ones(len(gaps), np.int64)
    for k in range(1, _GROUPS):
        groups += gaps >= np.uint64(1 << 7 * k)
    ends = np.cumsum(groups)
    packed = np.zeros(int(ends[-1]), np.uint8)
    starts = ends - groups
    for k in range(int(groups.max())):
        there = groups > k
        group = (gaps[there] >> np.uint64(7 * k)).astype(np.uint8) & np.uint8(0x7F)
        more = (groups[there] > k + 1).astype(np.uint8) << np.uint8(7)
        packed[starts[there] + k] = group | more
    return packed.tobytes()


def unpack(packed: bytes, count: int, most: int) -> tuple[Numbers, bytes]:
    """The first `count` numbers, none above `most`, and the bytes after them.

    Raises `BadInputError` where the bytes are not the one writing of such a list.
    """
    raw: npt.NDArray[np.uint8] = np.frombuffer(packed, np.uint8)
    ends = np.flatnonzero(raw < 0x80)[:count]
    if len(ends) < count:
        raise _malformed(f"{count:,} numbers were told and {len(ends):,} are there")
    if not count:
        return np.zeros(0, np.uint64), packed
    starts = np.concatenate(([0], ends[:-1] + 1))
    groups = ends - starts + 1
    if groups.max() > _GROUPS or np.any((raw[ends] == 0) & (groups > 1)):
        raise _malformed("a number is not in its shortest form")
    if np.any((groups == _GROUPS) & (raw[ends] > 1)):
        raise _malformed("a number is above 2⁶⁴")
    numbers = np.cumsum(_gaps(raw, starts, groups), dtype=np.uint64)
    if int(numbers[-1]) > most or np.any(numbers[1:] <= numbers[:-1]):
        raise _malformed("the numbers do not ascend")
    return numbers, packed[int(ends[-1]) + 1 :]


def _gaps(
    raw: npt.NDArray[np.uint8], starts: npt.NDArray[Any], groups: npt.NDArray[Any]
) -> Numbers:
    gaps = np.zeros(len(starts), np.uint64)
    for k in range(int(groups.max())):
        there = groups > k
        group = (raw[starts[there] + k] & np.uint8(0x7F)).astype(np.uint64)
        gaps[there] |= group << np.uint64(7 * k)
    return gaps


def _malformed(why: str) -> BadInputError:
    return BadInputError(f"This is no packed list of numbers: {why}.")
