"""An OIDC issuer of our own for tests: real keys, real signatures, and every way to misbehave."""

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ridecode.access.oidc.keys import Key
from ridecode.core import UnavailableError

ISSUER = "https://login.example/realms/transit"
AUDIENCE = "ridecode"
NOW = 1_535_724_890
"""UTC seconds."""


class Provider:
    """Answers as `keys.Fetch` does; `shown` is what its key set holds now."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {
            "rsa": RSAKey.generate_key(2048),
            "ec": ECKey.generate_key("P-256"),
            "ed": OKPKey.generate_key("Ed25519"),
        }
        self.shown = list(self.keys)
        self.more: list[dict[str, Any]] = []
        """Entries of the key set that are no key of ours."""
        self.discovery: dict[str, Any] = {"issuer": ISSUER, "jwks_uri": ISSUER + "/certs"}
        self.down = False
        self.asked: list[str] = []

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        if self.down:
            raise UnavailableError("The issuer is down.", "Wait.")
        if address == ISSUER + "/.well-known/openid-configuration":
            return json.dumps(self.discovery).encode()
        assert address == ISSUER + "/certs"
        shown = [
            {**self.keys[kid].as_dict(private=False), "kid": kid, "use": "sig"}
            for kid in self.shown
        ]
        return json.dumps({"keys": shown + self.more}).encode()

    def add(self, kid: str) -> None:
        """A new key, not shown yet."""
        self.keys[kid] = ECKey.generate_key("P-256")

    def token(self, kid: str = "rsa", alg: str = "", **changed: Any) -> str:
        """A good token, but for the claims that are changed; None leaves one out."""
        algs = {"rsa": "RS256", "ed": "Ed25519"}
        header = {"alg": alg or algs.get(kid, "ES256"), "kid": kid}
        return jwt.encode(
            header, claims(**changed), self.keys[kid],
            algorithms=["RS256", "RS512", "PS256", "ES256", "EdDSA", "Ed25519"],
        )  # fmt: skip

    def unsigned(self, **changed: Any) -> str:
        """`alg: none`."""
        return f"{_packed({'alg': 'none', 'kid': 'rsa'})}.{_packed(claims(**changed))}."

    def mac_by_public_key(self) -> str:
        """HS256, with the public key that everybody can read as the secret."""
        signed = f"{_packed({'alg': 'HS256', 'kid': 'rsa'})}.{_packed(claims())}"
        secret = self.keys["rsa"].as_pem(private=False)
        return f"{signed}.{_text(hmac.digest(secret, signed.encode(), sha256))}"


def claims(**changed: Any) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "wang", "iat": NOW, "exp": NOW + 300,
        "groups": ["card-staff"],
    } | changed  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _packed(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
