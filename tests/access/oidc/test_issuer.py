"""Tokens of the issuer: which count, and every way in which they do not."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from ridecode.access import Grant, NotKnownError, Role, Who
from ridecode.access.oidc import Issuer, Keys, Settings
from ridecode.access.oidc.keys import keys_of
from ridecode.access.oidc.settings import RoleRule
from ridecode.core import MICROS, UnavailableError
from tests.access.oidc.provider import AUDIENCE, ISSUER, NOW, Provider

RULES = (RoleRule("card-staff", Role.CARD_COMPANY, "", ""),)
SETTINGS = Settings(ISSUER, AUDIENCE, ("groups",), RULES)
WANG = Who("oidc:wang", (Grant(Role.CARD_COMPANY),))


@pytest.fixture(scope="module")
def made() -> Provider:
    return Provider()


@pytest.fixture
def provider(made: Provider) -> Provider:
    """With the keys of the module's, which take long to make, and all else new."""
    fresh = object.__new__(Provider)
    fresh.__dict__ = made.__dict__ | {
        "keys": dict(made.keys), "shown": list(made.shown), "more": [], "down": False, "asked": [],
        "discovery": dict(made.discovery),
    }  # fmt: skip
    return fresh


@pytest.fixture
def issuer(provider: Provider) -> Issuer:
    return Issuer(SETTINGS, Keys(ISSUER, provider))


def _who(issuer: Issuer, token: str, after_s: int = 0) -> Who:
    return issuer.who(token, (NOW + after_s) * MICROS)


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
def test_a_good_token_says_who_it_is(issuer: Issuer, provider: Provider, kid: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _who(issuer, provider.token(kid)) == WANG


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_the_old_name_of_ed25519_is_good_as_well(issuer: Issuer, provider: Provider) -> None:
    assert _who(issuer, provider.token("ed", "EdDSA")) == WANG


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("several audiences, ours among them", {"aud": ["other", AUDIENCE]}),
    ("a clock a minute behind ours", {"exp": NOW - 59}),
    ("a clock a minute before ours", {"iat": NOW + 60, "nbf": NOW + 60}),
]


@pytest.mark.parametrize(("what", "changed"), GOOD, ids=[what for what, _ in GOOD])
def test_it_is_good_with(
    issuer: Issuer, provider: Provider, what: str, changed: dict[str, Any]
) -> None:
    assert _who(issuer, provider.token(**changed)) == WANG


BAD: list[tuple[str, dict[str, Any]]] = [
    ("another issuer", {"iss": "https://login.example/realms/other"}),
    ("an issuer with a slash more", {"iss": ISSUER + "/"}),
    ("issuers in a list", {"iss": [ISSUER]}),
    ("no issuer", {"iss": None}),
    ("another audience", {"aud": "other"}),
    ("other audiences", {"aud": ["other", "more"]}),
    ("no audience", {"aud": None}),
    ("an empty audience", {"aud": ""}),
    ("an end that has passed", {"exp": NOW - 60}),
    ("no end", {"exp": None}),
    ("an end that is no number", {"exp": "never"}),
    ("an end that is true", {"exp": True}),
    ("an end that is not a number", {"exp": float("nan")}),
    ("an endless end", {"exp": float("inf")}),
    ("a beginning that has not come", {"nbf": NOW + 61}),
    ("an issue that has not come", {"iat": NOW + 61}),
    ("no issue", {"iat": None}),
    ("nobody", {"sub": None}),
    ("an empty name", {"sub": ""}),
    ("a name with a line break", {"sub": "wang\nli"}),
    ("a name that is no text", {"sub": 17}),
    ("a name that is too long", {"sub": "x" * 256}),
    ("no roles", {"groups": None}),
    ("roles that mean nothing here", {"groups": ["other"]}),
    ("roles in an object", {"groups": {"card-staff": True}}),
]


@pytest.mark.parametrize(("what", "changed"), BAD, ids=[what for what, _ in BAD])
def test_it_does_not_count_with(
    issuer: Issuer, provider: Provider, what: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(NotKnownError):
        _who(issuer, provider.token(**changed))


def _by_another(provider: Provider) -> str:
    other = object.__new__(Provider)
    other.__dict__ = provider.__dict__ | {"keys": {"ec": ECKey.generate_key("P-256")}}
    return other.token("ec")


def _renamed(token: str, other: str) -> str:
    return ".".join([other.split(".")[0], *token.split(".")[1:]])


def _claims_of(token: str, other: str) -> str:
    head, _, signature = token.split(".")
    return ".".join([head, other.split(".")[1], signature])


def _hidden(provider: Provider) -> str:
    provider.add("hidden")
    return provider.token("hidden")


FORGED: list[tuple[str, Callable[[Provider], str]]] = [
    ("unsigned", Provider.unsigned),
    ("signed with the public key as a secret", Provider.mac_by_public_key),
    ("by another key of that id", _by_another),
    ("with an algorithm of another key", lambda one: _renamed(one.token("ec"), one.token("rsa"))),
    ("by RS512", lambda one: one.token("rsa", "RS512")),
    ("by PS256", lambda one: one.token("rsa", "PS256")),
    ("with claims of another token", lambda one: _claims_of(one.token(), one.token(sub="li"))),
    ("without a signature", lambda one: one.token().rpartition(".")[0] + "."),
    ("cut short", lambda one: one.token()[:-8]),
    ("of a key that is not shown", _hidden),
    ("very long", lambda one: one.token(x="x" * 20_000)),
    ("no token at all", lambda _: "a.b.c"),
    ("nothing but dots", lambda _: ".."),
    ("no ASCII", lambda _: "é.é.é"),
]


@pytest.mark.parametrize(("what", "forge"), FORGED, ids=[what for what, _ in FORGED])
def test_a_forged_token_does_not_count(
    issuer: Issuer, provider: Provider, what: str, forge: Callable[[Provider], str]
) -> None:
    with pytest.raises(NotKnownError):
        _who(issuer, forge(provider))


_slow = [HealthCheck.function_scoped_fixture]


@settings(suppress_health_check=_slow)
@given(token=st.text(max_size=60) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}"))
def test_whatever_comes_is_refused_by_name(issuer: Issuer, token: str) -> None:
    with pytest.raises(NotKnownError):
        _who(issuer, token)


@settings(suppress_health_check=_slow)
@given(data=st.data())
def test_a_token_with_one_character_changed_does_not_count(
    issuer: Issuer, provider: Provider, data: st.DataObject
) -> None:
    token = provider.token("rsa")
    # The last character holds bits that no byte has.
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("Aa0_").filter(lambda one: one != token[at]))
    with pytest.raises(NotKnownError):
        _who(issuer, token[:at] + other + token[at + 1 :])


def test_keys_are_asked_for_once_and_kept(issuer: Issuer, provider: Provider) -> None:
    for after_s in (0, 100, 200):
        _who(issuer, provider.token("ec"), after_s)
    assert len(provider.asked) == 2


def test_after_an_hour_they_are_asked_for_again(issuer: Issuer, provider: Provider) -> None:
    _who(issuer, provider.token("ec"))
    _who(issuer, provider.token("ec", iat=NOW + 3_600, exp=NOW + 4_000), 3_600)
    assert len(provider.asked) == 4


def test_a_rotation_is_followed(issuer: Issuer, provider: Provider) -> None:
    old = provider.token("ec")
    assert _who(issuer, old) == WANG
    provider.add("new")
    provider.shown = ["new"]
    assert _who(issuer, provider.token("new"), 31) == WANG
    with pytest.raises(NotKnownError):
        _who(issuer, old, 62)


def test_invented_key_ids_make_us_ask_twice_a_minute_at_most(
    issuer: Issuer, provider: Provider
) -> None:
    _who(issuer, provider.token("ec"))
    hidden = _hidden(provider)
    for after_s in range(60):
        with pytest.raises(NotKnownError):
            _who(issuer, hidden, after_s)
    assert len(provider.asked) == 4


def test_while_the_issuer_is_down_its_keys_count_for_a_day(
    issuer: Issuer, provider: Provider
) -> None:
    _who(issuer, provider.token("ec"))
    provider.down = True
    day = 86_400
    assert _who(issuer, provider.token("ec", exp=NOW + 2 * day), day - 1) == WANG
    with pytest.raises(UnavailableError):
        _who(issuer, provider.token("ec", exp=NOW + 2 * day), day)


def test_an_issuer_that_was_never_reached_is_no_judgement_on_a_token(
    issuer: Issuer, provider: Provider
) -> None:
    provider.down = True
    with pytest.raises(UnavailableError):
        _who(issuer, provider.token("ec"))
    provider.down = False
    assert _who(issuer, provider.token("ec"), 30) == WANG


ODD_DISCOVERY: list[dict[str, Any]] = [
    {"issuer": "https://login.example/realms/other", "jwks_uri": ISSUER + "/certs"},
    {"issuer": ISSUER, "jwks_uri": "http://login.example/realms/transit/certs"},
    {"issuer": ISSUER},
    {"issuer": ISSUER, "jwks_uri": 17},
]


@pytest.mark.parametrize("told", ODD_DISCOVERY)
def test_an_issuer_that_describes_itself_oddly_is_of_no_use(
    issuer: Issuer, provider: Provider, told: dict[str, Any]
) -> None:
    provider.discovery = told
    with pytest.raises(UnavailableError):
        _who(issuer, provider.token("ec"))


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_keys_that_no_token_may_be_signed_with_are_left_out(
    issuer: Issuer, provider: Provider
) -> None:
    weak, secret = RSAKey.generate_key(1_024), OctKey.generate_key(256)
    curve = ECKey.generate_key("P-384")
    provider.more = [
        {**weak.as_dict(private=False), "kid": "weak"},
        {**secret.as_dict(private=True), "kid": "secret"},
        {**curve.as_dict(private=False), "kid": "p384"},
        {**provider.keys["ec"].as_dict(private=False), "kid": "for-encryption", "use": "enc"},
        {**provider.keys["ec"].as_dict(private=True), "kid": "private"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "no-point"},
        {"kty": "XYZ", "kid": "unknown"},
        {**provider.keys["ec"].as_dict(private=False), "kid": 17},
        {},
    ]
    assert _who(issuer, provider.token("ec")) == WANG
    assert set(keys_of(ISSUER, provider)) == {"rsa", "ec", "ed"}
