"""Connecting a city's channels: the merchant's keys lie in the vault, the client is made of them.

A merchant is written as a TOML file whose keys are the fields of the channel's merchant
(`WeChatMerchant`, `AlipayMerchant`, `CardAccountMerchant`); keys in PEM are texts. The card
account's has `base` beside them, the address of the card company's server.
"""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from ridecode.core import BadInputError
from ridecode.money.channels import (
    WALLET,
    Alipay,
    AlipayMerchant,
    CardAccount,
    CardAccountMerchant,
    Channel,
    HttpLink,
    Link,
    Wallet,
    WeChatMerchant,
    WeChatPay,
)
from ridecode.money.rules import MoneyRules
from ridecode.store import Vault

_WECHAT: Final = "https://api.mch.weixin.qq.com"
_ALIPAY: Final = "https://openapi.alipay.com"
_ALIPAY_BILLS: Final = "https://dwbillcenter.alipay.com"
_MERCHANTS: Final[Mapping[str, type[Struct]]] = {
    WeChatPay.id: WeChatMerchant, Alipay.id: AlipayMerchant, CardAccount.id: CardAccountMerchant,
}  # fmt: skip


def connect(vault: Vault, channel: str, text: str) -> None:
    """Keep the merchant of a channel in the vault, in place of the one before.

    Raises `BadInputError` for a channel that needs none, and for a text that no client can be made
    of.
    """
    _made(channel, text, _nowhere)
    vault.put(_secret(channel), text.encode())


def connected(
    vault: Vault, rules: MoneyRules, link: Callable[[str], Link] = HttpLink
) -> dict[str, Channel]:
    """The channels of a city that can be spoken to now, by id: the wallet, and those whose merchant
    is in the vault."""
    names = set(vault.names())
    return {
        one: Wallet() if one == WALLET else _made(one, vault.get(_secret(one)).decode(), link)
        for one in rules.channels
        if one == WALLET or _secret(one) in names
    }


def _nowhere(_: str) -> Link:
    """For a client that is made to see whether it can be."""
    return lambda *_: None


def _secret(channel: str) -> str:
    return f"channel/{channel}"


def _made(channel: str, text: str, link: Callable[[str], Link]) -> Channel:
    kind = _MERCHANTS.get(channel)
    if kind is None:
        raise BadInputError(
            f"There is no merchant of {channel!r}.", f"Name one of {', '.join(_MERCHANTS)}."
        )
    try:
        table = tomllib.loads(text)
        base = table.pop("base", "")
        merchant = msgspec.convert(_with_bytes(table, kind), kind, builtin_types=(bytes,))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInputError(
            f"This is no merchant of {channel}: {error}.", "docs/money.md has one to fill in."
        ) from error
    if isinstance(merchant, WeChatMerchant):
        return WeChatPay(merchant, link(_WECHAT))
    if isinstance(merchant, AlipayMerchant):
        return Alipay(merchant, link(_ALIPAY), link(_ALIPAY_BILLS))
    assert isinstance(merchant, CardAccountMerchant), "there are three"
    if not (isinstance(base, str) and base.startswith("https://")):
        raise BadInputError(
            "The card account's server has no address.", 'Write base = "https://…".'
        )
    return CardAccount(merchant, link(base))


def _with_bytes(table: Mapping[str, Any], kind: type[Struct]) -> dict[str, Any]:
    """Texts as bytes where a field is of bytes: TOML has none."""
    types = {one.name: one.type for one in fields(kind)}
    return {name: _as_field(value, types.get(name)) for name, value in table.items()}


def _as_field(value: Any, of: Any) -> Any:
    if of is bytes and isinstance(value, str):
        return value.encode()
    if not isinstance(value, dict):
        return value
    if of == Mapping[str, bytes]:
        return {name: _as_field(one, bytes) for name, one in value.items()}
    inner = next((one for one in (of, *get_args(of)) if _is_struct(one)), None)
    return value if inner is None else _with_bytes(value, inner)


def _is_struct(of: Any) -> bool:
    return isinstance(of, type) and issubclass(of, Struct)
