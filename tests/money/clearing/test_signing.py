"""Who signed it, and what: a signature of one thing is none of another."""

import pytest

from ridecode.core import BadInputError
from ridecode.money.clearing import (
    key_id,
    new_key,
    public_key,
    seal_signature_name,
    seal_signer,
    sign_seal,
)
from ridecode.money.clearing.signing import Said, is_signed, signature_line
from tests.money.clearing.paper import CITY, COMPANY, DAY, KEYS, STRANGER

SEAL = b'{"format": "ridecode seal 1"}\n'
OWN = public_key(CITY)


def test_a_key_is_named_by_its_digest() -> None:
    """SHA-256 of the public key of 32 bytes 01, as openssl makes it."""
    assert OWN.hex() == "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
    assert key_id(OWN) == "34750f98bd59fcfc"
    assert len({new_key() for _ in range(5)}) == 5


def test_a_seal_is_signed_beside_it() -> None:
    assert seal_signature_name(DAY) == "seal-2018-09-01.json.sig"
    signature = sign_seal(CITY, SEAL)
    assert seal_signer(SEAL, signature, KEYS) == key_id(OWN)
    assert seal_signer(SEAL + b" ", signature, KEYS) is None
    assert seal_signer(SEAL, sign_seal(STRANGER, SEAL), KEYS) is None
    assert seal_signer(SEAL, signature, ()) is None


@pytest.mark.parametrize("signature", [b"", b"\xff", sign_seal(CITY, SEAL) * 2, b"S,00,00\n"])
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(BadInputError, match="no signature of a seal"):
        seal_signer(SEAL, signature, KEYS)


@pytest.mark.parametrize("said", Said)
def test_what_is_signed_as_one_thing_is_none_of_the_others(said: Said) -> None:
    digest = bytes(32)
    signature = bytes.fromhex(signature_line(COMPANY, said, digest).decode().strip().split(",")[2])
    held = [one for one in Said if is_signed(public_key(COMPANY), one, digest, signature)]
    assert held == [said]
    assert not is_signed(OWN, said, digest, signature)
    assert not is_signed(b"no key", said, digest, signature)
