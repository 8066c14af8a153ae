"""Tokens of the one configured issuer (OpenID Connect, JWT): who signed them, for whom, until when.

1. Signed by RS256, ES256 or EdDSA with a key that the issuer shows; no other algorithm, whatever
   the token's own header asks for, and nothing symmetric.
2. `iss` is the issuer and `aud` names us; `exp` has not passed and is there; `nbf` and `iat` have
   come. A minute is allowed for clocks that differ.
3. `sub` is who it is; the roles follow from the settings. Nobody without a role comes in.
"""

from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, KeyBase
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from ridecode.access.errors import NotKnownError
from ridecode.access.oidc.keys import Keys
from ridecode.access.oidc.settings import Settings, grants_of
from ridecode.access.people import FOREIGN
from ridecode.access.roles import Who
from ridecode.core import MICROS

SKEW_S: Final = 60
TOKEN_MOST: Final = 16_384
"""Characters."""
SUB_MOST: Final = 255
"""OpenID Connect Core 1.0 §2."""
_ED25519: Final = JWSRegistry.algorithms["Ed25519"]


class _Algorithms(JWSRegistry):
    """These alone exist. `EdDSA` is what issuers still call Ed25519, which RFC 9864 names."""

    algorithms = {  # noqa: RUF012 (the library's own declaration)
        "RS256": JWSRegistry.algorithms["RS256"],
        "ES256": JWSRegistry.algorithms["ES256"],
        "EdDSA": _ED25519,
        "Ed25519": _ED25519,
    }


_REGISTRY: Final = _Algorithms(
    # RFC 7515 §4: what a header says beyond is ignored, unless it is marked critical.
    algorithms=list(_Algorithms.algorithms), strict_check_header=False
)  # fmt: skip


class Issuer:
    """Who people are by the issuer's word; for any thread."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings, self._keys = settings, keys

    def who(self, token: str, now: int) -> Who:
        """Whose token it is, and what he may. `NotKnownError` where it does not count,
        `UnavailableError` where the issuer's keys cannot be had. `now`: UTC epoch microseconds."""
        claims = self._claims(token, now)
        sub = claims["sub"]
        if not (0 < len(sub) <= SUB_MOST and sub.isprintable()):
            raise _refused()
        grants = grants_of(self._settings, claims)
        if not grants:
            raise NotKnownError("The issuer gives you no role here.", presented=True)
        return Who(FOREIGN + sub, grants)

    def _claims(self, token: str, now: int) -> dict[str, Any]:
        def key(told: GuestProtocol) -> KeyBase:
            kid = told.headers().get("kid")
            found = self._keys.get(kid, now) if isinstance(kid, str) else None
            if found is None:
                raise _refused()
            return found

        if len(token) > TOKEN_MOST:
            raise _refused()
        rules = JWTClaimsRegistry(
            now=now // MICROS, leeway=SKEW_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True}, sub={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            claims = jwt.decode(token, key, registry=_REGISTRY).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _refused() from error
        return claims


def _refused() -> NotKnownError:
    return NotKnownError("This token does not count, or not any more.", presented=True)
