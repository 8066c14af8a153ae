"""RSA2 (SHA256withRSA) as Alipay's open platform has it: over text as it stands, never as parsed.

Of a request and of a notification the parameters are signed, sorted by name, as `a=1&b=2`. Of an
answer one member of its JSON object is, by the bytes that came: written anew, with another blank or
another escape, the signature would not hold.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from msgspec import MsgspecError, Raw, json

from ridecode.core import BadInputError

_BITS_LEAST: Final = 2_048
"""What Alipay asks of an RSA2 key."""


class Rsa2:
    """The key with which we sign, and Alipay's, by which it is checked."""

    def __init__(self, private_key: bytes, alipay_public_key: bytes) -> None:
        """Both PEM; `BadInputError` for what is no RSA key of 2,048 bits or more."""
        self._private, self._public = _private(private_key), _public(alipay_public_key)

    def sign(self, text: bytes) -> str:
        """In base64."""
        return b64encode(self._private.sign(text, PKCS1v15(), SHA256())).decode()

    def holds(self, text: bytes, signature: str) -> bool:
        """Whether Alipay signed just this."""
        try:
            self._public.verify(b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def sorted_text(parameters: Mapping[str, str]) -> bytes:
    """What is signed of parameters: none of them encoded, `sign` not among them."""
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters)).encode()


def signed_member(body: bytes, name: str) -> tuple[bytes, str] | None:
    """The bytes of an answer's member that its signature is over, and the signature.

    The member is called by `name`, or `error_response` where the gateway itself refused. None for
    what is no such answer. The bytes are not checked here, and the name is not signed: whoever
    reads them looks whether they speak of what was asked.
    """
    try:
        members = json.decode(body, type=dict[str, Raw])
        node = members[name] if name in members else members["error_response"]
        return bytes(node), json.decode(members["sign"], type=str)
    except (MsgspecError, KeyError, UnicodeDecodeError, RecursionError):
        return None


def _private(pem: bytes) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise BadInputError("The private key for Alipay is no PEM.", _REMEDY) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS_LEAST:
        raise BadInputError("The private key for Alipay is no RSA key of 2,048 bits.", _REMEDY)
    return key


def _public(pem: bytes) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise BadInputError("Alipay's public key is no PEM.", _REMEDY) from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _BITS_LEAST:
        raise BadInputError("Alipay's public key is no RSA key of 2,048 bits.", _REMEDY)
    return key


_REMEDY: Final = "Give the key as PEM, with its lines BEGIN and END."
