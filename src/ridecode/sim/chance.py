"""All chance of a simulated city, by counter: every draw is a pure function of key and number.

No generator is stepped, so any rider's day can be made alone, in any order and in parallel, and
whole numbers alone are used, so that every machine draws the same. A draw is SplitMix64
(Steele, Lea and Flood 2014) at position `number` of the stream `key`.
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

MILLION: Final = 1_000_000
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)


def key(*names: int | str) -> int:
    """The key of a stream, 64 bits, from the seed and whatever names the stream."""
    told = "\0".join(str(name) for name in names).encode()
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big")


def draws(stream: int, numbers: npt.NDArray[np.integer]) -> Bits:
    """64 fair bits for each number of the stream."""
    x = numbers.astype(np.uint64) * _GOLDEN
    x += np.uint64(stream)
    x ^= x >> _30
    x *= _FIRST
    x ^= x >> _27
    x *= _SECOND
    x ^= x >> _31
    return x


def draw(stream: int, number: int) -> int:
    """The same 64 bits for one number."""
    return int(draws(stream, np.array([number], dtype=np.int64))[0])


def below(bits: Bits, most: int | Ints) -> Ints:
    """Whole numbers from 0 to before `most` (below 2³¹), as good as fair."""
    factor = np.uint64(most) if isinstance(most, int) else most.astype(np.uint64)
    return (((bits >> _32) * factor) >> _32).astype(np.int64)


def happens(bits: Bits, per_million: int | Ints) -> Flags:
    """Whether something of that chance, in millionths, happens."""
    found: Flags = below(bits, MILLION) < per_million
    return found


def pick(cumulated: Ints, bits: Bits) -> Ints:
    """Indices by weight: `cumulated` are the running sums of the weights, below 2³¹ in all."""
    return np.searchsorted(cumulated, below(bits, int(cumulated[-1])), side="right")


class Rows:
    """Choice by weight where each row of a table has weights of its own."""

    def __init__(self, weights: Ints) -> None:
        """From a table of whole weights of at least 0, no row all 0."""
        sums = np.cumsum(weights, axis=1)
        self._most = sums[:, -1].copy()
        self._step = int(self._most.max()) + 1
        self._width = weights.shape[1]
        self._flat = (sums + np.arange(len(sums))[:, None] * self._step).ravel()

    def pick(self, rows: Ints, bits: Bits) -> Ints:
        """A column for each of the rows named."""
        wanted = rows * self._step + below(bits, self._most[rows])
        found: Ints = np.searchsorted(self._flat, wanted, side="right") - rows * self._width
        return found
