"""Who said it: Ed25519 (RFC 8032) over a context and a SHA-256 digest.

The context keeps a signature of one thing from ever passing for one of another. Private keys come
in as arguments: they lie in the vault.
"""

from collections.abc import Iterable
from enum import Enum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ridecode.core import BadInputError, day_name
from ridecode.money.clearing.fields import record
from ridecode.money.clearing.layout import SIGNATURE


class Said(Enum):
    """What is signed; the value is the context."""

    SETTLEMENT = b"ridecode settlement 1\n"
    ANSWER = b"ridecode answer 1\n"
    SEAL = b"ridecode day seal 1\n"


def new_key() -> bytes:
    """A new private key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> bytes:
    """The 32 bytes by which others check what a private key signed."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """By which a file names its key: the first 16 hexadecimal digits of SHA-256 of the key."""
    return sha256(public).hexdigest()[:16]


def signature_line(private: bytes, said: Said, digest: bytes) -> bytes:
    """A line S over the SHA-256 of all that stands before it."""
    signed = Ed25519PrivateKey.from_private_bytes(private).sign(said.value + digest)
    return f"S,{key_id(public_key(private))},{signed.hex()}\n".encode()


def is_signed(public: bytes, said: Said, digest: bytes, signature: bytes) -> bool:
    """Whether the holder of the key said this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said.value + digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal_signature_name(day: int) -> str:
    """The file beside a day's seal, as seal-2018-09-01.json.sig."""
    return f"seal-{day_name(day)}.json.sig"


def sign_seal(private: bytes, seal: bytes) -> bytes:
    """The signature file of a seal file: one line S."""
    return signature_line(private, Said.SEAL, sha256(seal).digest())


def seal_signer(seal: bytes, signature: bytes, keys: Iterable[bytes]) -> str | None:
    """Id of the key, one of `keys`, that signed a seal file; None where none of them did.

    Raises `BadInputError` where the signature file is none.
    """
    found = _SIGNATURE.whole.fullmatch(signature.decode("latin-1"))
    if found is None:
        raise BadInputError("This is no signature of a seal.", "It is one line: S, key, signature.")
    named, signed = found.groups()
    for public in keys:
        if key_id(public) == named and is_signed(
            public, Said.SEAL, sha256(seal).digest(), bytes.fromhex(signed)
        ):
            return str(named)
    return None


_SIGNATURE = record(0, SIGNATURE)
