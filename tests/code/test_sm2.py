"""SM2 against the standard's printed example, against plain integers and against GmSSL."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import gmssl_pyx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.code import KeySigner, library_version
from ridecode.code.sm2 import CHOICE, ORDER, PrivateKey, PublicKey, new_scalar, sm3
from ridecode.core import BadInputError
from tests.code import paper_sm2
from tests.code.cases_sm2 import EXAMPLE_KEY, EXAMPLE_MESSAGE, EXAMPLE_SIGNATURE
from tests.code.forge import OFF_CURVE
from tests.vectors.test_vectors import gmssl_verify

SCALAR = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
ID = b"1234567812345678"


def test_the_example_of_the_standard_verifies() -> None:
    """GB/T 32918.5-2017 A.2."""
    key = PublicKey(EXAMPLE_KEY)
    assert key.verify(EXAMPLE_MESSAGE, EXAMPLE_SIGNATURE)
    assert not key.verify(EXAMPLE_MESSAGE, EXAMPLE_SIGNATURE, b"")


def test_plain_integers_reproduce_the_example() -> None:
    """So that what is compared with them below is compared with the standard."""
    assert paper_sm2.octets(*paper_sm2.public(SCALAR)) == EXAMPLE_KEY
    made = paper_sm2.sign_with(SCALAR, EXAMPLE_MESSAGE, ID, NONCE)
    assert made == EXAMPLE_SIGNATURE
    assert paper_sm2.verify(paper_sm2.public(SCALAR), EXAMPLE_MESSAGE, EXAMPLE_SIGNATURE, ID)


def test_the_scalar_of_the_example_has_its_point() -> None:
    key = PrivateKey(SCALAR).public
    assert key.xy == EXAMPLE_KEY
    assert key.compressed == b"\x03" + EXAMPLE_KEY[:32]
    assert PublicKey(key.compressed).xy == EXAMPLE_KEY


def test_sm3_of_the_standard() -> None:
    """GB/T 32905 A.1."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"x" * 300) == hashlib.new("sm3", b"x" * 300).digest()


@settings(max_examples=25)
@given(scalar=st.integers(1, ORDER - 2), message=st.binary(max_size=400),
       user_id=st.binary(min_size=1, max_size=16))  # fmt: skip
def test_three_implementations_verify_what_is_signed_here(
    scalar: int, message: bytes, user_id: bytes
) -> None:
    signer = KeySigner(scalar.to_bytes(32, "big"))
    signature = signer.sign(message, user_id)
    point = paper_sm2.public(scalar.to_bytes(32, "big"))
    assert paper_sm2.octets(*point) == PublicKey(signer.public_key).xy
    assert paper_sm2.verify(point, message, signature, user_id)
    assert gmssl_verify(signer.public_key, message, signature, user_id)
    assert PublicKey(signer.public_key).verify(message, signature, user_id)


@settings(max_examples=25)
@given(message=st.binary(max_size=400), user_id=st.binary(max_size=16))
def test_what_plain_integers_sign_verifies_here(message: bytes, user_id: bytes) -> None:
    signature = paper_sm2.sign(SCALAR, message, user_id)
    key = PublicKey(EXAMPLE_KEY)
    assert key.verify(message, signature, user_id)
    assert not key.verify(message + b"\x00", signature, user_id)


def test_what_gmssl_signs_verifies_here() -> None:
    public, private = gmssl_pyx.sm2_key_generate()
    encoded = gmssl_pyx.sm2_sign(private, public, b"message", signer_id=ID)
    r_length = encoded[3]
    r, s = encoded[4 : 4 + r_length], encoded[6 + r_length :]
    raw = b"".join(int.from_bytes(part, "big").to_bytes(32, "big") for part in (r, s))
    assert PublicKey(bytes(public)[-64:]).verify(b"message", raw, ID)


@pytest.mark.parametrize(
    "point",
    [
        b"", b"\x00", bytes(33), bytes(64), OFF_CURVE, b"\x02" + b"\xff" * 32, b"\xff" * 64,
        b"\x04" + EXAMPLE_KEY, b"\x04" + EXAMPLE_KEY[:32], EXAMPLE_KEY[:63],
        EXAMPLE_KEY[:63] + b"\x14", EXAMPLE_KEY[32:] + EXAMPLE_KEY[:32],
    ],
    ids=lambda point: f"{len(point)}-{point[:2].hex()}",
)  # fmt: skip
def test_what_is_no_point_is_no_key(point: bytes) -> None:
    with pytest.raises(BadInputError, match="not a point"):
        PublicKey(point)


@pytest.mark.parametrize("value", [0, ORDER - 1, ORDER, 2**256 - 1])
def test_scalars_out_of_range_are_refused(value: int) -> None:
    with pytest.raises(BadInputError, match="from 1 to n"):
        PrivateKey(value.to_bytes(32, "big"))


@pytest.mark.parametrize("value", [1, 2, ORDER - 2])
def test_scalars_at_the_edges_sign(value: int) -> None:
    key = PrivateKey(value.to_bytes(32, "big"))
    assert key.public.verify(b"message", key.sign(b"message"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_scalar_has_32_bytes(length: int) -> None:
    with pytest.raises(BadInputError, match="32 bytes"):
        KeySigner(b"\x01" * length)


def test_new_scalars_are_good_and_new() -> None:
    made = {new_scalar() for _ in range(50)}
    assert len(made) == 50
    assert all(1 <= int.from_bytes(scalar, "big") <= ORDER - 2 for scalar in made)


def test_each_signature_has_a_nonce_of_its_own() -> None:
    signer = KeySigner(SCALAR)
    assert len({signer.sign(b"message", ID)[:32] for _ in range(50)}) == 50


def test_a_key_shows_no_secret() -> None:
    signer = KeySigner(SCALAR)
    assert SCALAR.hex() not in f"{signer!r} {vars(signer)!r}"


def test_a_key_may_be_shared_among_threads() -> None:
    key, signer = PublicKey(EXAMPLE_KEY), KeySigner(SCALAR)

    def work(number: int) -> bool:
        message = b"%d" % number
        signature = signer.sign(message, ID)
        return key.verify(message, signature) and not key.verify(b"another", signature)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(400)))


def test_the_library_says_who_it_is() -> None:
    assert library_version().startswith("OpenSSL ")


def _with_library(path: str) -> subprocess.CompletedProcess[str]:
    program = "from ridecode.code import library_version; print(library_version())"
    return subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {CHOICE: path}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/nowhere/libcrypto.so", "libc.so.6"])
def test_without_a_library_the_error_says_what_to_install(path: str) -> None:
    ran = _with_library(path)
    assert ran.returncode == 1
    assert "UnavailableError: No OpenSSL with SM2 was found" in ran.stderr
    assert CHOICE in ran.stderr
