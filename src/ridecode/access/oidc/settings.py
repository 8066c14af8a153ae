"""What `access.toml` in the data folder says of the one OIDC issuer that is believed.

[oidc]
issuer = "https://login.example.cn/realms/transit"
audience = "ridecode"
claim = ["realm_access", "roles"]     # where in a token the roles stand
[[oidc.role]]
value = "metro-desk"                  # who has this value …
role = "operator"                     # … has this role
scope = "city-metro"                  # of this operator; or scope_claim: of whom that claim names
"""

import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ridecode.access.people import granted
from ridecode.access.roles import Grant, Role
from ridecode.core import BadInputError

FILE: Final = "access.toml"


class _Rule(Struct, frozen=True, forbid_unknown_fields=True):
    value: str
    role: str
    scope: str = ""
    scope_claim: str = ""


class _Oidc(Struct, frozen=True, forbid_unknown_fields=True):
    issuer: str
    audience: str
    claim: list[str]
    role: list[_Rule]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    oidc: _Oidc | None = None


class RoleRule(Struct, frozen=True):
    """Who has this value in the claim has this role."""

    value: str
    role: Role
    scope: str
    scope_claim: str
    """The claim that names the scope; empty where `scope` does."""


class Settings(Struct, frozen=True):
    """The one issuer, and what its claims mean here."""

    issuer: str
    audience: str
    claim: tuple[str, ...]
    rules: tuple[RoleRule, ...]


def read_settings(data: Path) -> Settings | None:
    """The data folder's; None where it names no issuer. `BadInputError` for anything odd in it."""
    path = data / FILE
    if not path.exists():
        return None
    try:
        told = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).oidc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise _odd(path, str(error)) from error
    if told is None:
        return None
    if not told.issuer.startswith("https://"):
        raise _odd(path, f"{told.issuer!r} is no https address")
    if not told.audience or not told.claim:
        raise _odd(path, "audience and claim must not be empty")
    rules = tuple(_rule(path, one) for one in told.role)
    return Settings(told.issuer, told.audience, tuple(told.claim), rules)


def _rule(path: Path, told: _Rule) -> RoleRule:
    role = {one.name.lower(): one for one in Role}.get(told.role)
    if role is None:
        raise _odd(path, f"{told.role!r} is no role")
    if told.scope and told.scope_claim:
        raise _odd(path, f"{told.value!r} has both scope and scope_claim")
    if not told.scope_claim:
        try:
            granted(role, told.scope)
        except BadInputError as error:
            raise _odd(path, error.what) from error
    elif not role.scope:
        raise _odd(path, f"{told.role} is a role of the whole city")
    return RoleRule(told.value, role, told.scope, told.scope_claim)


def grants_of(settings: Settings, claims: dict[str, Any]) -> tuple[Grant, ...]:
    """What the claims of a verified token grant, in the order of the settings."""
    held = _values(claims, settings.claim)
    found: list[Grant] = []
    for rule in settings.rules:
        if rule.value not in held:
            continue
        scope = claims.get(rule.scope_claim) if rule.scope_claim else rule.scope
        # A scope that cannot be one, as "*" or a number, grants nothing.
        if isinstance(scope, str):
            try:
                found.append(granted(rule.role, scope))
            except BadInputError:
                continue
    return tuple(dict.fromkeys(found))


def _values(claims: dict[str, Any], path: tuple[str, ...]) -> frozenset[str]:
    held: Any = claims
    for name in path:
        held = held.get(name) if isinstance(held, dict) else None
    values = held if isinstance(held, list) else [held]
    return frozenset(one for one in values if isinstance(one, str))


def _odd(path: Path, what: str) -> BadInputError:
    return BadInputError(f"{what.rstrip('.')}.", "See docs/access.md.", file=str(path))
