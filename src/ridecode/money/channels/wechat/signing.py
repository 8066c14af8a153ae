"""Who speaks to whom at WeChat Pay (微信支付): signatures both ways, and sealed callbacks.

A request bears the merchant's RSA signature over five lines, an answer and a callback the
platform's over three, WECHATPAY2-SHA256-RSA2048; what a callback carries is sealed with the APIv3
key, AES-256-GCM. Source: the rules of the APIv3, 签名生成, 签名验证 and 回调报文解密.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from msgspec import Struct

from ridecode.core import MICROS, BadInputError
from ridecode.money.channels.contract import ForgedError

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
WINDOW_S: Final = 300
"""What was signed longer ago, or further ahead, is somebody's copy."""
_API_KEY_BYTES: Final = 32


class WeChatPlan(Struct, frozen=True, kw_only=True):
    """How users agree to be charged (签约), which has a form in the APIv2 alone."""

    plan_id: str
    """Template of the agreement (协议模板), which WeChat Pay gives."""
    api_v2_key: bytes
    notify_url: str
    """Where WeChat Pay tells of an agreement, in XML: no address of the APIv3's callbacks."""

    def __repr__(self) -> str:
        return f"WeChatPlan({self.plan_id!r})"


class WeChatMerchant(Struct, frozen=True, kw_only=True):
    """The city's card company as WeChat Pay knows it (商户), and the keys of both."""

    mchid: str
    appid: str
    serial: str
    """Of the merchant's certificate."""
    private_key: bytes
    """PEM, without a passphrase."""
    api_v3_key: bytes
    """32 bytes."""
    platform_keys: Mapping[str, bytes]
    """PEM of a certificate by its serial, or of a public key by its id (PUB_KEY_ID_…); while the
    platform changes its keys, both."""
    notify_url: str
    """Where callbacks go; https alone."""
    sub_mchid: str = ""
    """In the partner form (服务商) the card company's own number; `mchid` is the partner's."""
    sub_appid: str = ""
    plan: WeChatPlan | None = None
    """None where nobody signs up by us."""

    def __repr__(self) -> str:
        """Without its keys, so that no log has them."""
        return f"WeChatMerchant({self.mchid!r})"


class Signing:
    """The keys of a merchant, read once."""

    def __init__(self, merchant: WeChatMerchant) -> None:
        """Raises `BadInputError` for a key that is none."""
        self._merchant = merchant
        if len(merchant.api_v3_key) != _API_KEY_BYTES:
            raise BadInputError("The APIv3 key has not 32 bytes.", "Set it as 商户平台 shows it.")
        self._private = _private(merchant.private_key)
        self._platform = {
            serial: _public(serial, pem) for serial, pem in merchant.platform_keys.items()
        }
        self._box = AESGCM(merchant.api_v3_key)

    def authorization(self, method: str, target: str, body: bytes, now: int, nonce: str) -> str:
        """The header of a request that is made at `now` (UTC epoch microseconds); `nonce` is used
        once, and has at most 32 characters."""
        stamp = str(now // MICROS)
        told = f"{method}\n{target}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        signature = b64encode(self._private.sign(told, PKCS1v15(), SHA256())).decode()
        return (
            f'{SCHEME} mchid="{self._merchant.mchid}",nonce_str="{nonce}",'
            f'signature="{signature}",timestamp="{stamp}",serial_no="{self._merchant.serial}"'
        )

    def check(self, headers: Mapping[str, str], body: bytes, now: int) -> None:
        """Raise `ForgedError` unless the platform signed just that, within the window of `now`."""
        stamp, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise _forged("bears no time of WeChat Pay's")
        if abs(now // MICROS - int(stamp)) > WINDOW_S:
            raise _forged(f"was signed more than {WINDOW_S} s from now")
        key = self._platform.get(headers.get("wechatpay-serial", ""))
        if key is None:
            raise _forged("names a key that is not among the platform's")
        try:
            signature = b64decode(headers.get("wechatpay-signature", ""), validate=True)
            told = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
            key.verify(signature, told, PKCS1v15(), SHA256())
        except (InvalidSignature, NotBase64, ValueError) as error:
            raise _forged("does not bear WeChat Pay's signature") from error

    def opened(self, nonce: str, associated: str, sealed: str) -> bytes:
        """What a callback carries; raises `BadInputError` where the APIv3 key does not open it."""
        try:
            return self._box.decrypt(
                nonce.encode(), b64decode(sealed, validate=True), associated.encode()
            )
        except (InvalidTag, NotBase64, ValueError) as error:
            raise BadInputError(
                "The APIv3 key does not open a callback of WeChat Pay's.",
                "Set the key that 商户平台 shows now.",
            ) from error


@cache
def _private(pem: bytes) -> RSAPrivateKey:
    """To read one takes a sixth of a second, for its primes are checked, and each thread has a
    client of its own."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key("The merchant's private key") from error
    if not isinstance(key, RSAPrivateKey):
        raise _no_key("The merchant's private key")
    return key


def _public(serial: str, pem: bytes) -> RSAPublicKey:
    is_certificate = b"BEGIN CERTIFICATE" in pem
    try:
        key = (
            load_pem_x509_certificate(pem).public_key()
            if is_certificate else load_pem_public_key(pem)
        )  # fmt: skip
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(f"The platform's key {serial}") from error
    if not isinstance(key, RSAPublicKey):
        raise _no_key(f"The platform's key {serial}")
    return key


def _no_key(which: str) -> BadInputError:
    return BadInputError(f"{which} is no RSA key in PEM.", "Set it as 商户平台 gave it.")


def _forged(what: str) -> ForgedError:
    return ForgedError(f"A message {what}.", "Believe nothing of it; ask for the order instead.")
