"""The signer whose signatures come out the same each time."""

import pytest

from ridecode.code import KeySigner, RepeatableSigner
from ridecode.code.sm2 import ORDER, PublicKey

SCALARS = [(n).to_bytes(32, "big") for n in (1, 2, 0x33 << 200, ORDER - 2)]


@pytest.mark.parametrize("scalar", SCALARS)
def test_its_key_is_that_of_the_scalar_and_its_signatures_are_good(scalar: bytes) -> None:
    signer = RepeatableSigner(scalar)
    assert signer.public_key == KeySigner(scalar).public_key
    key = PublicKey(signer.public_key)
    for message in (b"", b"a", b"b" * 267):
        signature = signer.sign(message, b"1234567812345678")
        assert key.verify(message, signature)
        assert signature == RepeatableSigner(scalar).sign(message, b"1234567812345678")
        assert not key.verify(message + b"x", signature)


def test_no_two_messages_users_or_keys_share_a_nonce() -> None:
    """Two signatures of one nonce would tell the key: r is that of the nonce's point."""
    signers = [RepeatableSigner(scalar) for scalar in SCALARS]
    found = {
        signer.sign(message, user)
        for signer in signers for message in (b"m", b"n") for user in (b"u", b"v")
    }  # fmt: skip
    assert len({signature[:32] for signature in found}) == 16
