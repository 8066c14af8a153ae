"""Who holds a private key and signs with it, so that no other code ever sees the key.

An issuer's key belongs in a hardware module in service. Those that speak SM2 talk SDF
(GM/T 0018), none of which could be tried here: this protocol is the seam for one.
"""

from typing import Protocol

from ridecode.code.sm2 import PrivateKey, new_scalar


class Signer(Protocol):
    """Signs with a key that it keeps."""

    @property
    def public_key(self) -> bytes:
        """The compressed point, 33 bytes."""
        ...

    def sign(self, message: bytes, user_id: bytes) -> bytes:
        """r ‖ s, 64 bytes, over the message for an SM2 user id."""
        ...


class KeySigner:
    """A signer whose key is in this process's memory: phones, tests, file vaults."""

    def __init__(self, scalar: bytes) -> None:
        """From the 32 bytes of a private scalar; BadInputError where it is none."""
        self._key = PrivateKey(scalar)

    @staticmethod
    def new_scalar() -> bytes:
        """A fresh private scalar from the system's generator, for whoever must keep it."""
        return new_scalar()

    @property
    def public_key(self) -> bytes:
        return self._key.public.compressed

    def sign(self, message: bytes, user_id: bytes) -> bytes:
        return self._key.sign(message, user_id)
