"""The keys of Alipay and of its merchant, and RSA2 by them, without a line of the client's."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ridecode.money.channels import AlipayMerchant


class Keys:
    """Alipay's own key, and what it knows of its merchant."""

    def __init__(self) -> None:
        ours, self._theirs = _made()
        self._ours = ours.public_key()
        self.merchant: Final = AlipayMerchant(
            app_id="2018000000000001",
            private_key=ours.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            alipay_public_key=self._theirs.public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            ),
            seller="fares@card-company.example",
            notify_url="https://card-company.example/alipay",
            personal_product_code="GENERAL_WITHHOLDING_P",
            sign_scene="INDUSTRY|BUS",
            card_type="SIM0001",
        )
        """What the card company was given when it became a merchant."""

    def sign(self, text: bytes) -> str:
        return b64encode(self._theirs.sign(text, PKCS1v15(), SHA256())).decode()

    def is_signed(self, told: Mapping[str, str]) -> bool:
        """Whether the merchant signed these parameters of a request."""
        rest = sorted((name, value) for name, value in told.items() if name != "sign")
        text = "&".join(f"{name}={value}" for name, value in rest).encode()
        try:
            self._ours.verify(b64decode(told["sign"]), text, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


@cache
def _made() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """The merchant's and Alipay's; made once, for that is slow."""
    return generate_private_key(65_537, 2_048), generate_private_key(65_537, 2_048)
