"""Signatures and seals of WeChat Pay, against vectors that another implementation made."""

import datetime
import json
import re
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.money.channels import ForgedError, Paid, WeChatMerchant, WeChatPay
from ridecode.money.channels.wechat.signing import Signing
from ridecode.money.channels.wechat.signup import signature
from ridecode.sim.channels.wechat import keys

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "wechat_vectors.json").read_text(encoding="utf-8")
)
"""Made with another implementation, see its comment; its keys guard nothing."""
CALLBACK: dict[str, Any] = VECTORS["callback"]
AT = int(CALLBACK["headers"]["wechatpay-timestamp"]) * 1_000_000
MERCHANT = WeChatMerchant(
    mchid="1900000109", appid="wx1", serial="5157F09EFDC096DE15EBE81A47057A72",
    private_key=VECTORS["merchant_private_key"].encode(),
    api_v3_key=VECTORS["api_v3_key"].encode(),
    platform_keys={
        CALLBACK["headers"]["wechatpay-serial"]: VECTORS["platform_public_key"].encode()
    },
    notify_url="https://a.example/",
)  # fmt: skip
CLIENT = WeChatPay(MERCHANT, lambda *_: None)


@pytest.mark.parametrize("case", VECTORS["requests"], ids=lambda case: case["method"])
def test_a_request_is_signed_to_the_letter_of_the_vector(case: dict[str, Any]) -> None:
    found = Signing(MERCHANT).authorization(
        case["method"], case["target"], case["body"].encode(), case["timestamp"] * 1_000_000,
        case["nonce"],
    )  # fmt: skip
    assert found == case["authorization"]


def test_the_callback_of_the_vector_is_heard() -> None:
    said = CLIENT.hear(CALLBACK["headers"], CALLBACK["body"].encode(), AT)
    opened = json.loads(CALLBACK["opened"])
    assert said
    assert said.order_id.hex == opened["out_trade_no"]
    assert said.fact == Paid(opened["transaction_id"], 300, is_advanced=True)


def test_the_vector_of_the_apiv2() -> None:
    """The example that stands in WeChat Pay's own 签名算法."""
    told = {
        "appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "device_info": "1000", "body": "test",
        "nonce_str": "ibuaiVcKdpRxkhJA", "empty": "",
    }  # fmt: skip
    key = b"192006250b4c09247ec02edce69f6a2d"
    assert signature(told, key) == "9A0A8659F005D6984697E2CA0A9CF3B7"


def test_every_request_is_signed_anew() -> None:
    asked: list[str] = []
    channel = WeChatPay(
        MERCHANT, lambda _m, _t, headers, _b: asked.append(headers["Authorization"])
    )
    channel.agreement("c", AT)
    channel.agreement("c", AT)
    nonces = {re.search(r'nonce_str="([0-9a-f]{32})"', one).group(1) for one in asked}  # type: ignore[union-attr]
    assert len(nonces) == 2


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    now = datetime.datetime(2018, 9, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now,
                                   now + datetime.timedelta(days=365))  # fmt: skip
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def test_the_platform_signs_with_a_certificate_or_with_a_key_and_while_it_changes_with_both() -> (
    None
):
    key = rsa.generate_private_key(65_537, 2_048)
    both = {**MERCHANT.platform_keys, "7": _certificate(key)}
    changing = WeChatPay(msgspec.structs.replace(MERCHANT, platform_keys=both), lambda *_: None)
    headers, body = CALLBACK["headers"], CALLBACK["body"].encode()
    assert changing.hear(headers, body, AT)
    stamp, nonce = headers["wechatpay-timestamp"], headers["wechatpay-nonce"]
    signed = key.sign(f"{stamp}\n{nonce}\n".encode() + body + b"\n", padding.PKCS1v15(), SHA256())
    by_certificate = headers | {
        "wechatpay-serial": "7", "wechatpay-signature": b64encode(signed).decode(),
    }  # fmt: skip
    assert changing.hear(by_certificate, body, AT)
    with pytest.raises(ForgedError):
        CLIENT.hear(by_certificate, body, AT)


def test_no_log_has_a_key() -> None:
    merchant = keys.merchant()
    assert f"{merchant} {merchant.plan!r}" == "WeChatMerchant('1900000109') WeChatPlan('72803')"


_EC = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@pytest.mark.parametrize(
    ("changed", "what"),
    [({"private_key": b"no key"}, "private key"), ({"private_key": _EC}, "private key"),
     ({"platform_keys": {"9": b"no key"}}, "key 9"),
     ({"platform_keys": {"9": MERCHANT.private_key}}, "key 9"),
     ({"platform_keys": {"9": b"-----BEGIN CERTIFICATE-----\nx"}}, "key 9"),
     ({"api_v3_key": b"short"}, "32 bytes"), ({"notify_url": "http://a.example/"}, "https")],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_at_once(changed: dict[str, Any], what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        WeChatPay(msgspec.structs.replace(MERCHANT, **changed), lambda *_: None)


def heard(headers: dict[str, str], body: bytes, now: int = AT) -> bool:
    """Whether it is heard; nothing but the two errors may come of it."""
    try:
        return CLIENT.hear(headers, body, now) is not None
    except (ForgedError, BadInputError):
        return False


TEXTS = st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF), max_size=40)
NAMES = st.sampled_from(sorted(CALLBACK["headers"]))


@given(name=NAMES, value=TEXTS)
@example(name="wechatpay-timestamp", value="٣")
@example(name="wechatpay-timestamp", value="-1")
@example(name="wechatpay-timestamp", value="9" * 40)
@example(name="wechatpay-signature", value="é")
@example(name="wechatpay-nonce", value="\ud800")
@example(name="wechatpay-signature", value="")
def test_no_other_header_makes_it_heard(name: str, value: str) -> None:
    changed = CALLBACK["headers"] | {name: value}
    same = name in ("wechatpay-signature-type",) or value == CALLBACK["headers"][name]
    assert heard(changed, CALLBACK["body"].encode()) == same


@given(at=st.integers(0, len(CALLBACK["body"].encode()) - 1), flip=st.integers(1, 255))
def test_no_other_body_is_heard(at: int, flip: int) -> None:
    body = bytearray(CALLBACK["body"].encode())
    body[at] ^= flip
    assert not heard(CALLBACK["headers"], bytes(body))


@given(body=st.binary(max_size=120), whose=st.sampled_from(["platform", "stranger"]))
@example(body=b"", whose="platform")
@example(body=b"null", whose="platform")
@example(body=b'{"x":' + b"[" * 100_000, whose="platform")
@example(body=b"\xff\xfe", whose="platform")
@example(body=b'{"event_type":"TRANSACTION.SUCCESS"}', whose="platform")
def test_signed_noise_is_bad_input_and_unsigned_noise_forged(body: bytes, whose: str) -> None:
    headers = keys.signed(body, AT, whose)
    channel = WeChatPay(keys.merchant(), lambda *_: None)
    with pytest.raises(BadInputError if whose == "platform" else ForgedError):
        channel.hear(headers, body, AT)


SEALS = st.fixed_dictionaries(
    {
        "algorithm": st.sampled_from(["AEAD_AES_256_GCM", "AEAD_SM4_GCM"]),
        "ciphertext": st.text(max_size=40) | st.binary(max_size=40).map(
            lambda raw: b64encode(raw).decode()
        ),
        "nonce": st.text(max_size=20),
    },
    optional={"associated_data": st.text(max_size=12)},
)  # fmt: skip


@given(resource=SEALS)
@example(resource={"algorithm": "AEAD_AES_256_GCM", "ciphertext": "", "nonce": ""})
def test_a_seal_that_opens_nothing_is_bad_input(resource: dict[str, str]) -> None:
    body = msgspec.json.encode({"event_type": "TRANSACTION.SUCCESS", "resource": resource})
    channel = WeChatPay(keys.merchant(), lambda *_: None)
    with pytest.raises(BadInputError):
        channel.hear(keys.signed(body, AT, "platform"), body, AT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["out_trade_no", "trade_state", "amount", "total", "transaction_id",
                         "out_refund_no", "refund_status", "refund"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(event=st.sampled_from(["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "X"]), told=JSON)
def test_whatever_stands_in_a_seal_nothing_but_bad_input_comes_of_it(
    event: str, told: object
) -> None:
    one = keys.callback(event, told, AT)
    channel = WeChatPay(keys.merchant(), lambda *_: None)
    try:
        assert channel.hear(one.headers, one.body, AT) is None
    except BadInputError as error:
        assert event != "X"
        assert error.remedy


def test_a_signature_of_its_own_length_and_no_other_is_read() -> None:
    signed = b64decode(CALLBACK["headers"]["wechatpay-signature"])
    longer = CALLBACK["headers"] | {"wechatpay-signature": b64encode(signed + b"\0").decode()}
    assert not heard(longer, CALLBACK["body"].encode())
