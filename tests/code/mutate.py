"""Bytes that are nearly right: what a scanner, a bug or an attacker may hand to the reader."""

from random import Random
from typing import Final

from tests.code.cases import GROUP_ORDER, ONES

_EDGES: Final = (0, 1, 0x7F, 0x80, 0xFF)
_NUMBERS: Final = (0, 1, 2, GROUP_ORDER - 1, GROUP_ORDER, GROUP_ORDER + 1, 2**256 - 1)


def mutated(data: bytes, others: list[bytes], dice: Random) -> bytes:
    """One to four changes of kinds that know nothing of the fields."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = dice.choice(_CHANGES)(data, others, dice)
    return data


def _flip(data: bytes, _others: list[bytes], dice: Random) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _edge(data: bytes, _others: list[bytes], dice: Random) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[dice.randrange(len(changed))] = dice.choice(_EDGES)
    return bytes(changed)


def _run(data: bytes, _others: list[bytes], dice: Random) -> bytes:
    """A stretch of 1 to 8 bytes written over, of random ones or all alike."""
    at, length = dice.randrange(len(data) + 1), dice.randrange(1, 9)
    by = dice.choice((dice.randbytes(length), bytes((dice.choice(_EDGES),)) * length))
    return (data[:at] + by + data[at + length :])[: len(data)]


def _cut(data: bytes, _others: list[bytes], dice: Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return dice.choice((data[:at], data[at:], data[:at] + data[at + 1 :]))


def _longer(data: bytes, _others: list[bytes], dice: Random) -> bytes:
    more, at = dice.randbytes(dice.choice((1, 2, 32))), dice.randrange(len(data) + 1)
    return dice.choice((data + more, data[:at] + more + data[at:]))


def _spliced(data: bytes, others: list[bytes], dice: Random) -> bytes:
    """The head of one and the tail of another, cut at the same place."""
    other = dice.choice(others)
    at = dice.randrange(min(len(data), len(other)) + 1)
    return data[:at] + other[at:]


def _length_mended(data: bytes, _others: list[bytes], _dice: Random) -> bytes:
    """Field 2 set to what it has to be, so that the fields behind it are looked at."""
    return data[:1] + (len(data) - 3).to_bytes(2, "big") + data[3:] if len(data) > 3 else data


_CHANGES: Final = (_flip, _flip, _edge, _run, _cut, _longer, _spliced, _length_mended)


def signature(good: bytes, dice: Random) -> bytes:
    """r ‖ s that is not the good one: near it, at the edges of the range, or anywhere."""
    kind = dice.randrange(5)
    if kind == 0:
        made = good[32:] + good[:32]
    elif kind == 1:
        made = b"".join(dice.choice(_NUMBERS).to_bytes(32, "big") for _ in range(2))
    elif kind == 2:
        r = int.from_bytes(good[:32], "big")
        made = good[:32] + (GROUP_ORDER - r).to_bytes(32, "big")
    elif kind == 3:
        made = dice.randbytes(64)
    else:
        made = _flip(good, [], dice)
    return made if made != good else ONES
