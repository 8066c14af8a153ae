"""A signer that makes the same signature of the same message each time.

The nonce follows from key and message, as RFC 6979 has it, with keyed BLAKE2b in the place of
HMAC: whoever does not know the key cannot foresee it, and no two messages share one. Simulated
cities and documents need it; a phone signs with fresh nonces.
"""

from hashlib import blake2b

from ridecode.code.sm2 import ORDER, PublicKey, _digest, _library, _multiply


class RepeatableSigner:
    """Signs with a scalar of 32 bytes; `KeySigner` refuses what is none."""

    __slots__ = ("_d", "_inverse", "_scalar", "_xy", "public_key")

    def __init__(self, scalar: bytes) -> None:
        self.public_key = _multiply(_library(), scalar)
        self._scalar = scalar
        self._d = int.from_bytes(scalar, "big")
        self._inverse = pow(1 + self._d, -1, ORDER)
        self._xy = PublicKey(self.public_key).xy

    def sign(self, message: bytes, user_id: bytes) -> bytes:
        """r ‖ s, 64 bytes (GB/T 32918.2 §6.1)."""
        digest = _digest(_library(), self._xy, message, user_id)
        e, turn = int.from_bytes(digest, "big"), 0
        while True:
            k = self._nonce(digest, turn)
            point = _multiply(_library(), k.to_bytes(32, "big"))
            r = (e + int.from_bytes(point[1:], "big")) % ORDER
            s = self._inverse * (k - r * self._d) % ORDER
            if r and s and r + k != ORDER:
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
            turn += 1

    def _nonce(self, digest: bytes, turn: int) -> int:
        wide = blake2b(digest + bytes((turn,)), key=self._scalar, digest_size=64).digest()
        return int.from_bytes(wide, "big") % (ORDER - 1) + 1
