"""A Merkle tree over the lines of a file: one hash by which a whole day is known.

The tree is that of RFC 6962 §2.1 with SHA-256: a leaf is hashed behind a zero byte, two nodes
behind a one, and the left half is the largest power of two below the number of leaves.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256().digest()
"""The root over nothing."""


class Tree:
    """Takes lines one by one; holds 32 bytes for each power of two of them and nothing else."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: list[bytes] = []
        """The complete trees so far that wait for a right neighbour, the largest first: one for
        each bit of the count."""

    def extend(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            node, count = sha256(b"\0" + line).digest(), self.count
            while count & 1:
                node = sha256(b"\1" + self._waiting.pop() + node).digest()
                count >>= 1
            self._waiting.append(node)
            self.count += 1

    def root(self) -> bytes:
        """32 bytes over all lines so far."""
        if not self._waiting:
            return EMPTY
        *left, node = self._waiting
        for one in reversed(left):
            node = sha256(b"\1" + one + node).digest()
        return node
