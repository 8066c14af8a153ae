"""The keys on WeChat Pay's side, and what it signs, checks and seals with them.

Written apart from the client's own signing, so that the two cannot be wrong together. RSA keys are
made once in a process; nothing that happens depends on them.
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ridecode.core import MICROS
from ridecode.money.channels import Answer, WeChatMerchant, WeChatPlan
from ridecode.sim.channels.counterpart import Told

PLATFORM_KEY: Final = "PUB_KEY_ID_0114232134912410000000000000"
_API_KEY: Final = b"a key of thirty-two bytes, no mo"
_WINDOW_S: Final = 300
_AUTHORIZATION: Final = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="([^"]*)",nonce_str="([^"]{1,32})",signature="([^"]*)",'
    r'timestamp="(\d{1,12})",serial_no="([^"]*)"'
)


@cache
def _key(whose: str) -> rsa.RSAPrivateKey:
    """One key each in a process: to make one takes as long as a hundred requests."""
    assert whose in ("merchant", "platform", "stranger")
    return rsa.generate_private_key(65_537, 2_048)


@cache
def merchant() -> WeChatMerchant:
    """What the card company has of its WeChat Pay."""
    return WeChatMerchant(
        mchid="1900000109", appid="wxd678efh567hg6787", serial="5157F09EFDC096DE15EBE81A47057A72",
        private_key=_key("merchant").private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ),
        api_v3_key=_API_KEY,
        platform_keys={
            PLATFORM_KEY: _key("platform").public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            )
        },
        notify_url="https://card-company.example/callbacks/wechat",
        plan=WeChatPlan(
            plan_id="72803", api_v2_key=b"192006250b4c09247ec02edce69f6a2d",
            notify_url="https://card-company.example/agreements/wechat",
        ),
    )  # fmt: skip


def is_signed(method: str, target: str, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """Whether the merchant made just this request, and lately."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if not found:
        return False
    mchid, nonce, signature, stamp, serial = found.groups()
    ours = merchant()
    if (mchid, serial) != (ours.mchid, ours.serial):
        return False
    if abs(now // MICROS - int(stamp)) > _WINDOW_S:
        return False
    told = b"".join(
        part + b"\n" for part in (method.encode(), target.encode(), stamp.encode(),
                                  nonce.encode(), body)
    )  # fmt: skip
    try:
        _key("merchant").public_key().verify(
            b64decode(signature), told, padding.PKCS1v15(), SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def answer(status: int, told: object, now: int, whose: str = "platform") -> Answer:
    """A signed answer; in a stranger's hand where it is forged."""
    body = msgspec.json.encode(told)
    return Answer(status, signed(body, now, whose), body)


def callback(event: str, told: object, now: int, whose: str = "platform") -> Told:
    """What is told by itself, sealed with the APIv3 key and signed; the worst stranger has that key
    and only lacks the platform's own."""
    kind = event.partition(".")[0].lower()
    nonce = secrets.token_hex(6)
    sealed = AESGCM(_API_KEY).encrypt(nonce.encode(), msgspec.json.encode(told), kind.encode())
    body = msgspec.json.encode(
        {
            "id": secrets.token_hex(16),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": event,
            "resource": {
                "original_type": kind,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": b64encode(sealed).decode(),
                "associated_data": kind,
                "nonce": nonce,
            },
        }
    )
    return Told(signed(body, now, whose), body)


def signed(body: bytes, now: int, whose: str) -> dict[str, str]:
    stamp, nonce = str(now // MICROS), secrets.token_hex(16)
    told = b"".join(part + b"\n" for part in (stamp.encode(), nonce.encode(), body))
    signature = _key(whose).sign(told, padding.PKCS1v15(), SHA256())
    return {
        "content-type": "application/json",
        "wechatpay-timestamp": stamp,
        "wechatpay-nonce": nonce,
        "wechatpay-serial": PLATFORM_KEY,
        "wechatpay-signature": b64encode(signature).decode(),
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }
