"""SM2 by the book, in plain integers: slow, and not fit for secrets, but the same each time.

Written from GB/T 32918.2 §6 and §7 for the test vectors, which must come out byte for byte
whenever they are made again: the nonce is SM3 of key, digest and a counter.
"""

import hashlib
from functools import cache
from typing import Final

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None
"""Affine; None is the point at infinity."""


def add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    over, under = (3 * x1 * x1 + A, 2 * y1) if left == right else (y2 - y1, x2 - x1)
    slope = over * pow(under, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def octets(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


@cache
def public(scalar: bytes) -> tuple[int, int]:
    found = times(int.from_bytes(scalar, "big"), G)
    assert found is not None
    return found


def decompress(encoded: bytes) -> tuple[int, int]:
    """The point of 02/03 ‖ X; ValueError where there is none."""
    x = int.from_bytes(encoded[1:], "big")
    y = pow(x * x * x + A * x + B, (P + 1) // 4, P)
    if x >= P or y * y % P != (x * x * x + A * x + B) % P:
        raise ValueError(f"no point has X = {x:x}")
    return x, y if y & 1 == encoded[0] & 1 else P - y


def digest(key: tuple[int, int], message: bytes, user_id: bytes) -> int:
    about = (8 * len(user_id)).to_bytes(2, "big") + user_id + octets(A, B, *G, *key)
    return int.from_bytes(sm3(sm3(about) + message), "big")


def sign_with(scalar: bytes, message: bytes, user_id: bytes, nonce: int) -> bytes | None:
    """r ‖ s for a given nonce, None where the standard asks for another one."""
    d = int.from_bytes(scalar, "big")
    e = digest(public(scalar), message, user_id)
    at = times(nonce, G)
    assert at is not None
    r = (e + at[0]) % N
    s = pow(1 + d, -1, N) * (nonce - r * d) % N
    return None if r == 0 or r + nonce == N or s == 0 else octets(r, s)


def sign(scalar: bytes, message: bytes, user_id: bytes) -> bytes:
    e = octets(digest(public(scalar), message, user_id))
    for counter in range(8):
        nonce = int.from_bytes(sm3(scalar + e + bytes((counter,))), "big")
        made = sign_with(scalar, message, user_id, nonce) if 0 < nonce < N else None
        if made is not None:
            return made
    raise AssertionError("eight nonces in a row out of range")


def verify(key: tuple[int, int], message: bytes, signature: bytes, user_id: bytes) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    at = add(times(s, G), times(t, key))
    return at is not None and (digest(key, message, user_id) + at[0]) % N == r
