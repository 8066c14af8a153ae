"""`access.toml`: which issuer is believed, and what its claims mean here."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.access import Grant, Role
from ridecode.access.oidc import Settings, read_settings
from ridecode.access.oidc.settings import RoleRule, grants_of
from ridecode.core import BadInputError

GOOD = """
[oidc]
issuer = "https://login.example.cn/realms/transit"
audience = "ridecode"
claim = ["realm_access", "roles"]
[[oidc.role]]
value = "card-staff"
role = "card_company"
[[oidc.role]]
value = "metro-desk"
role = "operator"
scope = "shenzhen-metro"
[[oidc.role]]
value = "rider"
role = "rider"
scope_claim = "card_account"
"""
READ = Settings(
    "https://login.example.cn/realms/transit", "ridecode", ("realm_access", "roles"),
    (
        RoleRule("card-staff", Role.CARD_COMPANY, "", ""),
        RoleRule("metro-desk", Role.OPERATOR, "shenzhen-metro", ""),
        RoleRule("rider", Role.RIDER, "", "card_account"),
    ),
)  # fmt: skip


def _read(folder: Path, text: str) -> Settings | None:
    (folder / "access.toml").write_text(text)
    return read_settings(folder)


def test_the_example_of_the_manual_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, GOOD) == READ


def test_without_a_file_or_an_issuer_only_local_people_come_in(tmp_path: Path) -> None:
    assert read_settings(tmp_path) is None
    assert _read(tmp_path, "") is None


ODD = [
    ("= 1 =", "Invalid"),
    (GOOD.replace("https", "http"), "no https address"),
    (GOOD.replace('"ridecode"', '""'), "must not be empty"),
    (GOOD.replace('["realm_access", "roles"]', "[]"), "must not be empty"),
    (GOOD.replace("card_company", "boss"), "no role"),
    (GOOD.replace('scope = "shenzhen-metro"', ""), "holds of one operator"),
    (GOOD.replace('"shenzhen-metro"', '"*"'), "holds of one operator"),
    (GOOD.replace('"card_company"', '"card_company"\nscope = "x"'), "whole city"),
    (GOOD.replace('"card_company"', '"card_company"\nscope_claim = "x"'), "whole city"),
    (GOOD.replace("scope_claim", 'scope = "x"\nscope_claim'), "both"),
    (GOOD.replace("audience", "audiences"), "audience"),
    (GOOD + '\nsecret = "x"', "secret"),
    ("[ldap]", "ldap"),
]


@pytest.mark.parametrize(("text", "what"), ODD, ids=[what for _, what in ODD])
def test_what_is_odd_is_refused_with_its_file(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(BadInputError, match=what) as refused:
        _read(tmp_path, text)
    assert refused.value.file == str(tmp_path / "access.toml")


def test_claims_become_grants() -> None:
    held = {"realm_access": {"roles": ["rider", "metro-desk"]}, "card_account": "3104"}
    assert grants_of(READ, held) == (
        Grant(Role.OPERATOR, "shenzhen-metro"), Grant(Role.RIDER, "3104"),
    )  # fmt: skip
    assert grants_of(READ, {"realm_access": {"roles": "card-staff"}}) == (
        Grant(Role.CARD_COMPANY),
    )  # fmt: skip


@pytest.mark.parametrize("scope", [None, "", "*", 17, ["3104"], "a b", "x" * 65])
def test_a_scope_that_cannot_be_one_grants_nothing(scope: object) -> None:
    assert grants_of(READ, {"realm_access": {"roles": ["rider"]}, "card_account": scope}) == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("rider"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["realm_access", "roles", "card_account"]), inner),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["realm_access", "roles", "card_account"]), _json))
def test_whatever_the_claims_are_nobody_gets_a_role_that_is_not_named(
    claims: dict[str, object],
) -> None:
    for one in grants_of(READ, claims):
        assert one.role is Role.RIDER
        assert one.scope == claims["card_account"] != "*"
