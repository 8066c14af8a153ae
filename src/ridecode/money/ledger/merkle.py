"""A Merkle tree over the lines of a file: one hash by which a whole day is known.

The tree is that of RFC 6962 §2.1 with SHA-256: a leaf is hashed behind a zero byte, two nodes
behind a one, and the left half is the largest power of two below the number of leaves.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256().digest()
"""The root over nothing."""


def leaf(line: bytes) -> bytes:
    """The hash of one line."""
    return sha256(b"\0" + line).digest()


def root(lines: Iterable[bytes]) -> bytes:
    """The root over all of them, in 32 bytes for each power of two: nothing else is held."""
    # Of each size the complete tree that waits for its right neighbour, as a binary counter.
    waiting: list[bytes | None] = []
    for line in lines:
        node, level = sha256(b"\0" + line).digest(), 0
        while level < len(waiting) and (left := waiting[level]) is not None:
            node = sha256(b"\1" + left + node).digest()
            waiting[level] = None
            level += 1
        if level == len(waiting):
            waiting.append(None)
        waiting[level] = node
    found: bytes | None = None
    for left in waiting:
        if left is not None:
            found = left if found is None else sha256(b"\1" + left + found).digest()
    return EMPTY if found is None else found


def path(leaves: Sequence[bytes], at: int) -> list[bytes]:
    """The nodes that lead from one of these leaf hashes to the root, the lowest first."""
    if len(leaves) <= 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if at < half:
        return [*path(leaves[:half], at), _over(leaves[half:])]
    return [*path(leaves[half:], at - half), _over(leaves[:half])]


def leads(hashed: bytes, at: int, count: int, nodes: Sequence[bytes]) -> bytes:
    """The root that the leaf at a place among so many leads to by its path (RFC 9162 §2.1.3.2).

    Raises `ValueError` for a path that is none.
    """
    place, last = at, count - 1
    for node in nodes:
        if last == 0:
            raise ValueError("the path is too long")
        if place % 2 or place == last:
            hashed = sha256(b"\1" + node + hashed).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            hashed = sha256(b"\1" + hashed + node).digest()
        place, last = place // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return hashed


def _over(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + _over(leaves[:half]) + _over(leaves[half:])).digest()
