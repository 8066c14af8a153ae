"""What a pack says of its money."""

import pytest
from msgspec.structs import replace

from ridecode.city import Pack, PackError, load_pack, parse_toml
from ridecode.core import Words
from ridecode.money import ChannelTerms, MoneyRules, read_rules
from ridecode.money.clearing import Rates
from tests.rides.city import pack


def with_money(text: str) -> Pack:
    of = pack()
    section = parse_toml(text, "money.toml").table("money")
    return replace(of, sections=replace(of.sections, money=section))


def test_a_pack_without_money_has_the_wallet_and_no_fees() -> None:
    terms = ChannelTerms("wallet", Words(zh="储值钱包", en="Wallet"))
    assert read_rules(pack()) == MoneyRules(Rates(0, 0), {"wallet": terms})


def test_the_packs_of_the_house_are_read() -> None:
    rules = read_rules(load_pack("shenzhen"))
    assert list(rules.channels) == ["wechat", "alipay", "wallet", "card-account"]
    assert rules.rates == Rates(service=50, clearing=30)


_CHANNEL = '[[money.channel]]\nid = "{}"\nname = {{ zh = "渠", en = "c" }}\n'


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("[money]\nservice_fee_per_10000 = -1\n", 2, "0 to 5"),
        ("[money]\nclearing_fee_per_10000 = 5_001\n", 2, "0 to 5"),
        ("[money]\nfee = 1\n", 2, "fee"),
        ("[money]\n" + _CHANNEL.format("paypal"), 3, "one of wechat"),
        ("[money]\n" + _CHANNEL.format("wechat") * 2, 6, "no other channel"),
        ("[money]\n" + _CHANNEL.format("wechat") + "speaks = 1\n", 5, "speaks"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, expected: str) -> None:
    with pytest.raises(PackError, match=expected) as told:
        read_rules(with_money(text))
    assert told.value.line == line
