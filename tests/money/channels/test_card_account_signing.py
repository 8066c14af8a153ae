"""What card accounts sign, by the worked example of the manual, and what does not hold."""

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.money.channels.card_account.signing import Checker, Signer, signed_text

PAGE = Path(__file__).resolve().parents[3] / "docs/channels-card-account.md"


def keys_of(seed: bytes) -> tuple[bytes, bytes]:
    """Private and public, PEM."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), public


PRIVATE, PUBLIC = keys_of(bytes(range(32)))
SIGNER, CHECKER = Signer("k1", PRIVATE), Checker({"k1": PUBLIC})


def test_the_worked_example_of_the_manual_is_true() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sent, answered = re.findall(r"```http\n(.*?)\n```", text, re.DOTALL)
    texts = re.findall(r"```text\n(.*?)\n```", text, re.DOTALL)
    seeds = [bytes.fromhex(one) for one in re.findall(r"`([0-9a-f]{64})` as its seed", text)]

    head, _, body = sent.partition("\n\n")
    method, target = head.split(" ")[:2]
    headers = dict(line.split(": ", 1) for line in head.split("\n")[1:])
    assert (
        signed_text(method, target, headers["card-account-time"], body=body.encode())
        == (texts[0] + "\n").encode()
    )
    ours = Signer(headers["card-account-key"], keys_of(seeds[0])[0])
    made = ours.headers(method, target, int(headers["card-account-time"]), body.encode())
    assert {name: headers[name] for name in made} == made
    json.loads(body)

    head, _, body = answered.partition("\n\n")
    told = dict(line.split(": ", 1) for line in head.split("\n")[1:])
    signature = headers["card-account-signature"]
    assert (
        signed_text("200", signature, told["card-account-time"], body=body.encode())
        == (texts[1] + "\n").encode()
    )
    theirs = Checker({told["card-account-key"]: keys_of(seeds[1])[1]})
    assert theirs.holds("200", signature, told, body.encode())


LINES = st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=20)


@given(LINES, LINES, st.integers(0, 10**10), st.binary(max_size=60))
def test_what_is_signed_holds(first: str, second: str, time_s: int, body: bytes) -> None:
    assert CHECKER.holds(first, second, SIGNER.headers(first, second, time_s, body), body)


HEADERS = SIGNER.headers("POST", "/v1/charges", 1_535_932_800, b"{}")


@pytest.mark.parametrize(
    ("first", "second", "other", "body"),
    [
        ("GET", "/v1/charges", {}, b"{}"),
        ("POST", "/v1/charges/query", {}, b"{}"),
        ("POST", "/v1/charges", {}, b"{} "),
        ("POST", "/v1/charges", {"card-account-time": "1535932801"}, b"{}"),
        ("POST", "/v1/charges", {"card-account-key": "k2"}, b"{}"),
        ("POST", "/v1/charges", {"card-account-key": ""}, b"{}"),
        ("POST", "/v1/charges", {"card-account-signature": ""}, b"{}"),
        ("POST", "/v1/charges", {"card-account-signature": "AAAA"}, b"{}"),
        ("POST", "/v1/charges", {"card-account-signature": "中"}, b"{}"),
        ("POST", "/v1/charges",
         {"card-account-signature": HEADERS["card-account-signature"] + "\n"}, b"{}"),
        ("POST\n/v1/charges", "", {}, b"{}"),
    ],
)  # fmt: skip
def test_what_was_not_signed_does_not_hold(
    first: str, second: str, other: dict[str, str], body: bytes
) -> None:
    assert CHECKER.holds("POST", "/v1/charges", HEADERS, b"{}")
    assert not CHECKER.holds(first, second, {**HEADERS, **other}, body)


@given(st.dictionaries(st.sampled_from(sorted(HEADERS)), st.text(max_size=90)), st.binary())
def test_noise_does_not_hold(headers: dict[str, str], body: bytes) -> None:
    assert not CHECKER.holds("POST", "/v1/charges", headers, body)


def test_an_old_key_holds_beside_a_new_one() -> None:
    new = keys_of(bytes(32))
    both = Checker({"k1": PUBLIC, "k2": new[1]})
    for signer in (SIGNER, Signer("k2", new[0])):
        assert both.holds("GET", "/", signer.headers("GET", "/", 1, b""), b"")


RSA = generate_private_key(65_537, 2_048)


@pytest.mark.parametrize(
    "pem",
    [b"", PUBLIC, RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())],
    ids=["none", "the other half", "another kind"],
)
def test_a_private_key_that_is_none_is_told(pem: bytes) -> None:
    with pytest.raises(BadInputError, match="private key"):
        Signer("k1", pem)


@pytest.mark.parametrize(
    "pem",
    [b"", PRIVATE, RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)],
    ids=["none", "the other half", "another kind"],
)
def test_a_public_key_that_is_none_is_told(pem: bytes) -> None:
    with pytest.raises(BadInputError, match="public key"):
        Checker({"k1": pem})
