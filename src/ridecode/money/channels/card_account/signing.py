"""Ed25519 over requests and answers of the card account: `docs/channels-card-account.md`.

A request is signed with where it goes, an answer with the request that it is of: so no answer can
be given to another question. Bodies are signed by the SHA-256 of their bytes, never as parsed.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from ridecode.core import BadInputError

KEY: Final = "card-account-key"
"""Header: which key signed; so are the two after it."""
TIME: Final = "card-account-time"
SIGNATURE: Final = "card-account-signature"


def signed_text(*parts: str, body: bytes) -> bytes:
    """What is signed: each part, and the hash of the body in hexadecimal, on a line of its own."""
    return "".join(f"{part}\n" for part in (*parts, sha256(body).hexdigest())).encode()


class Signer:
    """One side's own key."""

    def __init__(self, key_id: str, private_key: bytes) -> None:
        """`private_key`: PEM; `BadInputError` for what is no Ed25519 key."""
        try:
            key = load_pem_private_key(private_key, None)
        except (ValueError, TypeError) as error:
            raise BadInputError("The private key for card accounts is no PEM.", _REMEDY) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadInputError("The private key for card accounts is not of Ed25519.", _REMEDY)
        self._key_id, self._key = key_id, key

    def headers(self, first: str, second: str, time_s: int, body: bytes) -> dict[str, str]:
        """Of a request by its method and target; of an answer by its status and the signature of
        its request."""
        signature = self._key.sign(signed_text(first, second, str(time_s), body=body))
        return {
            KEY: self._key_id,
            TIME: str(time_s),
            SIGNATURE: b64encode(signature).decode(),
        }


class Checker:
    """The keys of the other side, by their ids: an old one beside a new one while they change."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """PEM; `BadInputError` for what is no Ed25519 key."""
        self._keys = {key_id: _public(pem) for key_id, pem in keys.items()}

    def holds(self, first: str, second: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the other side signed just this; the names of headers are in small letters."""
        key = self._keys.get(headers.get(KEY, ""))
        if key is None:
            return False
        text = signed_text(first, second, headers.get(TIME, ""), body=body)
        try:
            key.verify(b64decode(headers.get(SIGNATURE, ""), validate=True), text)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise BadInputError("The card account's public key is no PEM.", _REMEDY) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadInputError("The card account's public key is not of Ed25519.", _REMEDY)
    return key


_REMEDY: Final = "Give the key as PEM, with its lines BEGIN and END."
