"""The issuer's public keys: fetched by HTTPS, kept, and fetched again when it has others.

1. The discovery document must name the configured issuer, and its keys by https
   (OpenID Connect Discovery 1.0 §4.3).
2. Keys are kept for an hour. Where they cannot be had anew, the old ones count for a day.
3. A key that is not among them is looked for once more, at most every 30 seconds: so a rotation is
   followed, and nobody makes us ask by inventing key ids.
4. Only public signature keys of RSA (from 2,048 bits), P-256 and Ed25519 are kept.
"""

import ssl
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final, TypeAlias, TypeVar

import httpx2
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from msgspec import Struct

from ridecode.core import MICROS, UnavailableError

Key: TypeAlias = RSAKey | ECKey | OKPKey
Fetch: TypeAlias = Callable[[str], bytes]
"""The body at an https address; `UnavailableError` where it cannot be had."""

KEPT: Final = 3_600 * MICROS
KEPT_AT_MOST: Final = 24 * KEPT
ASKED_EVERY: Final = 30 * MICROS
RSA_LEAST: Final = 2_048
_BODY_MOST: Final = 1 << 20
_PATIENCE_S: Final = 5.0


_Told = TypeVar("_Told")


class _Discovery(Struct):
    issuer: str
    jwks_uri: str


class _KeySet(Struct):
    keys: list[dict[str, Any]]


def https(address: str) -> bytes:
    """Fetch, with the machine's own roots of trust (SSL_CERT_FILE names others), no redirect."""
    try:
        with (
            httpx2.Client(
                verify=ssl.create_default_context(), timeout=_PATIENCE_S, follow_redirects=False
            ) as client,
            client.stream("GET", address) as answer,
        ):
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _BODY_MOST:
                    raise _lost(address, "it answers with more than 1 MiB")
    except httpx2.HTTPError as error:
        raise _lost(address, str(error) or type(error).__name__) from error
    if answer.status_code != 200:
        raise _lost(address, f"it answers {answer.status_code}")
    return body


class Keys:
    """One issuer's keys; for any thread."""

    def __init__(self, issuer: str, fetch: Fetch = https) -> None:
        self._issuer, self._fetch = issuer, fetch
        self._lock = Lock()
        self._keys: Mapping[str, Key] = {}
        self._fetched = self._asked = -(2**62)

    def get(self, kid: str, now: int) -> Key | None:
        """The key of that id; None where the issuer has none. `UnavailableError` where nothing is
        known of its keys. `now` is UTC epoch microseconds."""
        with self._lock:
            if now - self._fetched >= KEPT or kid not in self._keys:
                self._ask(now)
            if now - self._fetched >= KEPT_AT_MOST:
                raise _lost(self._issuer, "its keys cannot be had")
            return self._keys.get(kid)

    def _ask(self, now: int) -> None:
        if now - self._asked < ASKED_EVERY:
            return
        self._asked = now
        try:
            self._keys = keys_of(self._issuer, self._fetch)
        except UnavailableError:
            # What is known counts on; `get` says for how long.
            return
        self._fetched = now


def keys_of(issuer: str, fetch: Fetch) -> dict[str, Key]:
    """All keys that an issuer shows now, by their ids."""
    found = _decoded(
        issuer, fetch(issuer.rstrip("/") + "/.well-known/openid-configuration"), _Discovery
    )
    if found.issuer != issuer:
        raise _lost(issuer, f"it calls itself {found.issuer!r}")
    if not found.jwks_uri.startswith("https://"):
        raise _lost(issuer, f"its keys are at {found.jwks_uri!r}")
    shown = _decoded(issuer, fetch(found.jwks_uri), _KeySet)
    keys = ((one.get("kid"), _key(one)) for one in shown.keys)
    return {kid: key for kid, key in keys if isinstance(kid, str) and key is not None}


def _key(told: dict[str, Any]) -> Key | None:
    """None for what is no key that a token may be signed with: an issuer may show others too."""
    if told.get("use", "sig") != "sig" or "d" in told:
        return None
    try:
        match told.get("kty"), told.get("crv"):
            case "RSA", _:
                key = RSAKey.import_key(told)
                return key if key.public_key.key_size >= RSA_LEAST else None
            case "EC", "P-256":
                return ECKey.import_key(told)
            case "OKP", "Ed25519":
                return OKPKey.import_key(told)
            case _:
                return None
    except (JoseError, ValueError, TypeError):
        return None


def _decoded(issuer: str, body: bytes, kind: type[_Told]) -> _Told:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _lost(issuer, f"it answers oddly: {error}") from error


def _lost(where: str, why: str) -> UnavailableError:
    return UnavailableError(
        f"{where} is of no use now: {why}.", "See that the issuer runs and is reachable from here."
    )
