"""What a city lays down for its money, read from `[money]` of money.toml.

Every key is optional; docs/money.md tells unit, range and default of each.

    [money]            what the card company and the platforms keep of a cleared fare
    [[money.channel]]  a payment channel that riders may agree to; absent: the wallet alone
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.core import Words
from ridecode.money.channels import WALLET, Alipay, CardAccount, WeChatPay
from ridecode.money.clearing import SHARE, Rates

CHANNELS: Final = (WeChatPay.id, Alipay.id, WALLET, CardAccount.id)
"""What is spoken here."""


class ChannelTerms(Struct, frozen=True):
    """A payment channel of the city."""

    id: str
    """One of `CHANNELS`, and party of its accounts in the ledger."""
    name: Words


class MoneyRules(Struct, frozen=True):
    """All that the pack says about money."""

    rates: Rates
    """What platforms and the card company keep of a cleared fare."""
    channels: Mapping[str, ChannelTerms]
    """By id."""


_WALLET: Final = ChannelTerms(WALLET, Words(zh="储值钱包", en="Wallet"))


def read_rules(pack: Pack) -> MoneyRules:
    """The rules of a pack; raises `PackError` with file, line and what was expected."""
    table = pack.sections.money
    service = table.integer("service_fee_per_10000", 0, least=0, most=SHARE // 2)
    clearing = table.integer("clearing_fee_per_10000", 0, least=0, most=SHARE // 2)
    channels: dict[str, ChannelTerms] = {}
    for one in table.tables("channel"):
        terms = _channel(one)
        if terms.id in channels:
            raise one.error("id", "an id that no other channel has")
        channels[terms.id] = terms
    table.done()
    return MoneyRules(Rates(service, clearing), channels or {WALLET: _WALLET})


def _channel(table: Section) -> ChannelTerms:
    terms = ChannelTerms(table.text("id"), table.words("name"))
    if terms.id not in CHANNELS:
        raise table.error("id", f"one of {', '.join(CHANNELS)}")
    table.done()
    return terms
