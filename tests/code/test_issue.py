"""Makers of certificates and codes: refusals by name, and what comes out passes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.code import (
    Certificate,
    Grant,
    KeySigner,
    RideCode,
    Root,
    Verifier,
    authorise,
    make_certificate,
    make_root,
    make_test_root,
    parse,
    present,
    v1,
)
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError, Verdict
from tests.code import forge
from tests.code.forge import MADE, OFF_CURVE

CA, ISSUER, RIDER = (KeySigner(scalar) for scalar in (forge.CA, forge.ISSUER, forge.RIDER))
ROOT = Root.parse(make_root(CA, 1, "1240"))


def certificate(**changes: Any) -> bytes:
    given: dict[str, Any] = {
        "issuer": "01011000",
        "issuer_key": ISSUER.public_key,
        "expiry": "1230",
        "serial": 7,
    }
    return make_certificate(CA, ROOT, **(given | changes))


GRANT = Grant(
    payment_account="0000000000000001", card_account="3105170000000000001", platform="00000001",
    account_type=1, limit_fen=2_000, user_key=RIDER.public_key, until_s=MADE + 86_400,
    validity_s=60,
)  # fmt: skip
AUTHORISATION = authorise(GRANT, certificate(), ISSUER)


def test_what_is_made_here_is_what_the_table_says() -> None:
    """The forge builds by the table alone; all but the signatures must agree with it."""
    made = present(AUTHORISATION, RIDER, MADE)
    forged = forge.build({
        "item_7": b"\x00\x00\x07", "field_11": (MADE + 86_400).to_bytes(4, "big"),
    })  # fmt: skip
    assert made[:56] == forged[:56]
    assert made[120:199] == forged[120:199]
    assert made[263:268] == forged[263:268]


@settings(max_examples=60)
@given(
    version=st.integers(0x80, 0xFF),
    payment=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=16,
                    max_size=16),
    card=st.integers(0, 10**19 - 1),
    platform=st.binary(min_size=4, max_size=4),
    account_type=st.integers(1, 255),
    limit=st.integers(0, 2**24 - 1),
    ahead_s=st.integers(0, 10**8),
    validity_s=st.integers(1, 1_200),
    custom=st.binary(max_size=32),
)  # fmt: skip
def test_any_grant_comes_back_from_its_code(
    version: int, payment: str, card: int, platform: bytes, account_type: int, limit: int,
    ahead_s: int, validity_s: int, custom: bytes,
) -> None:  # fmt: skip
    grant = Grant(
        payment_account=payment, card_account=f"{card:019}", platform=platform.hex(),
        account_type=account_type, limit_fen=limit, user_key=RIDER.public_key,
        until_s=MADE + ahead_s, validity_s=validity_s, custom=custom, version=version,
    )  # fmt: skip
    code = present(authorise(grant, certificate(version=version), ISSUER), RIDER, MADE)
    read = parse(code)
    assert isinstance(read, RideCode)
    for name in grant.__struct_fields__:
        told = "authorised_until_s" if name == "until_s" else name
        assert getattr(read, told) == getattr(grant, name)
    assert read.authorisation == code[:-69]
    assert Verifier([ROOT]).verify(code, MADE).verdict is Verdict.ACCEPTED


def test_a_test_root_is_marked_and_a_root_is_not() -> None:
    assert Root.parse(make_test_root(CA, 0, "0130")).is_test
    assert not ROOT.is_test


def test_the_serial_and_issuer_stand_in_the_certificate() -> None:
    read = Certificate.parse(certificate(serial=0xABCDEF))
    assert (read.serial, read.issuer) == (0xABCDEF, "01011000")


Make = Callable[[], object]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: make_root(CA, 256, "1240"), "root index is 0 to 255"),
        (lambda: make_root(CA, -1, "1240"), "root index is 0 to 255"),
        (lambda: make_root(CA, 1, "1340"), "month from 01 to 12"),
        (lambda: make_root(CA, 1, "124"), "4 digits"),
        (lambda: make_root(CA, 1, "1240", b"\x01"), "service id has 4 bytes"),
        (lambda: certificate(issuer="0101100"), "issuer number has 8 digits"),
        (lambda: certificate(issuer="0101100a"), "issuer number has 8 digits"),
        (lambda: certificate(issuer="０１０１１０００"), "issuer number has 8 digits"),
        (lambda: certificate(expiry="0030"), "month from 01 to 12"),
        (lambda: certificate(serial=2**24), "serial is 0 to 16777215"),
        (lambda: certificate(issuer_key=OFF_CURVE), "not a point"),
        (lambda: certificate(issuer_key=bytes(64)), "33 bytes, not 64"),
        (lambda: make_certificate(ISSUER, ROOT, issuer="01011000", issuer_key=b"", expiry="1230",
                                  serial=1), "root's key"),
    ],
)  # fmt: skip
def test_roots_and_certificates_that_cannot_be_made(make: Make, what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        make()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"payment_account": "0" * 15}, "payment account has 16"),
        ({"payment_account": "0" * 15 + "元"}, "payment account has 16"),
        ({"payment_account": "0" * 15 + "\x7f"}, "payment account has 16"),
        ({"card_account": "3" * 18}, "card account has 19 digits"),
        ({"card_account": "3" * 18 + "f"}, "card account has 19 digits"),
        ({"platform": "0000001"}, "8 hexadecimal digits"),
        ({"platform": "0000000g"}, "8 hexadecimal digits"),
        ({"account_type": 0}, "Account type 0"),
        ({"account_type": 256}, "account type is 0 to 255"),
        ({"limit_fen": 2**24}, "limit in fen is 0 to 16777215"),
        ({"limit_fen": -1}, "limit in fen"),
        ({"user_key": OFF_CURVE}, "not a point"),
        ({"user_key": b""}, "33 bytes, not 0"),
        ({"until_s": 2**32}, "end of authorisation"),
        ({"validity_s": 0}, "1 to 1200 seconds"),
        ({"validity_s": 1_201}, "1 to 1200 seconds"),
        ({"custom": bytes(33)}, "at most 32 bytes"),
        ({"version": 0x7F}, "128 to 255, not 127"),
        ({"version": 0x100}, "128 to 255, not 256"),
    ],
)
def test_what_no_issuer_grants(change: dict[str, Any], what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        authorise(replace(GRANT, **change), certificate(), ISSUER)


def test_only_the_certified_key_authorises() -> None:
    with pytest.raises(BadInputError, match="does not hold the certificate's key"):
        authorise(GRANT, certificate(), RIDER)
    with pytest.raises(BadInputError, match="not a certificate"):
        authorise(GRANT, certificate()[:-1], ISSUER)


def _changed(at: int, by: bytes) -> bytes:
    return AUTHORISATION[:at] + by + AUTHORISATION[at + len(by) :]


@pytest.mark.parametrize(
    ("authorisation", "what"),
    [
        (b"", "fields 1 to 15"),
        (AUTHORISATION[:-1], "fields 1 to 15"),
        (AUTHORISATION + bytes(33), "fields 1 to 15"),
        (AUTHORISATION + b"\x00", "LENGTH_MISMATCH"),
        (_changed(0, b"\x7f"), "VERSION_UNKNOWN"),
        (_changed(3, b"\x21"), "CERTIFICATE_MALFORMED"),
        (_changed(197, b"\x01"), "CUSTOM_FIELD_LENGTH"),
        (_changed(154, b"\x00"), "ACCOUNT_TYPE_UNKNOWN"),
        (_changed(158, KeySigner(forge.OTHER).public_key), "another phone's key"),
    ],
)
def test_a_phone_signs_nothing_that_no_reader_would_take(authorisation: bytes, what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        present(authorisation, RIDER, MADE)


@pytest.mark.parametrize("now_s", [-1, 2**32])
def test_a_phone_whose_clock_is_mad_makes_no_code(now_s: int) -> None:
    with pytest.raises(BadInputError, match="time is 0 to"):
        present(AUTHORISATION, RIDER, now_s)


# --- the older form -----------------------------------------------------------------------------


def v1_authorisation(**changes: Any) -> bytes:
    given: dict[str, Any] = {"key_id": "00000007", "card_account": "3105170000000000001",
             "user_key": RIDER.public_key, "until_s": MADE + 60, "validity_s": 60}  # fmt: skip
    return v1.authorise(ISSUER, **(given | changes))


def test_a_v1_code_is_made_and_accepted() -> None:
    code = v1.present(v1_authorisation(), RIDER, MADE)
    key = v1.Key("00000007", "01011000", PublicKey(ISSUER.public_key))
    assert Verifier([], v1_keys=[key]).verify(code, MADE).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"key_id": "7"}, "8 hexadecimal digits"),
        ({"card_account": "1"}, "19 digits"),
        ({"user_key": OFF_CURVE}, "not a point"),
        ({"until_s": -1}, "end of authorisation"),
        ({"validity_s": 2**16}, "validity"),
    ],
)
def test_what_no_v1_issuer_grants(change: dict[str, Any], what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        v1_authorisation(**change)


@pytest.mark.parametrize(("at", "by"), [(0, b"\x41"), (3, b"\x02"), (43, b"\x10")])
def test_a_phone_signs_no_malformed_v1_authorisation(at: int, by: bytes) -> None:
    good = v1_authorisation()
    with pytest.raises(BadInputError, match="malformed"):
        v1.present(good[:at] + by + good[at + 1 :], RIDER, MADE)


def test_a_v1_authorisation_is_one_phones() -> None:
    with pytest.raises(BadInputError, match="this phone's key"):
        v1.present(v1_authorisation(), ISSUER, MADE)
    with pytest.raises(BadInputError, match="this phone's key"):
        v1.present(v1_authorisation()[:-1], RIDER, MADE)


def test_a_v1_key_id_names_one_key_and_one_issuer() -> None:
    key = v1.Key("00000007", "01011000", PublicKey(forge.ISSUER_POINT))
    assert v1.by_id([key, key]) == {"00000007": key}
    for other, told in (
        (v1.Key("00000007", "01011000", PublicKey(forge.RIDER_POINT)), "Two V1 keys have the id"),
        (v1.Key("00000007", "02215840", key.public_key), "listed for two issuers"),
    ):
        with pytest.raises(BadInputError, match=told):
            v1.by_id([key, other])
