"""Merchants lie in the vault, and the city's channels are made of them."""

from pathlib import Path

import msgspec
import pytest

from ridecode.city import load_pack
from ridecode.core import BadInputError, ConflictError, NotFoundError
from ridecode.money import agree, connect, connected, read_rules
from ridecode.money.channels import Link
from ridecode.sim.channels import (
    AlipayCounterpart,
    CardAccountCounterpart,
    WeChatCounterpart,
    honest,
)
from ridecode.store import Cell, Vault
from tests.rides.city import LATER

PACK = load_pack("shenzhen")
RULES = read_rules(PACK)


def clock() -> int:
    return LATER


def toml(merchant: msgspec.Struct, more: str = "") -> str:
    """A merchant as an operator writes it."""
    lines, tables = [more], []
    for name, value in msgspec.structs.asdict(merchant).items():
        if isinstance(value, msgspec.Struct):
            value = msgspec.structs.asdict(value)  # noqa: PLW2901 (a table of its own)
        if isinstance(value, dict):
            tables += [f"[{name}]", *(f'"{key}" = {_text(one)}' for key, one in value.items())]
        else:
            lines.append(f"{name} = {_text(value)}")
    return "\n".join([*lines, *tables])


def _text(value: object) -> str:
    return f'"""{value.decode() if isinstance(value, bytes) else value}"""'


MERCHANTS = {
    "wechat": toml(WeChatCounterpart(honest, clock).merchant),
    "alipay": toml(AlipayCounterpart(honest, clock).merchant),
    "card-account": toml(
        CardAccountCounterpart(honest, clock).merchant, 'base = "https://cards.example"'
    ),
}


def test_what_is_connected_can_be_spoken_to(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path)
    bases: list[str] = []

    def link(base: str) -> Link:
        bases.append(base)
        return lambda *_: None

    assert list(connected(vault, RULES, link)) == ["wallet"]
    for channel, text in MERCHANTS.items():
        connect(vault, channel, text)
    found = connected(Vault.open(tmp_path), RULES, link)
    assert list(found) == list(RULES.channels)
    assert all(channel.id == name for name, channel in found.items())
    assert bases == [
        "https://api.mch.weixin.qq.com", "https://openapi.alipay.com",
        "https://dwbillcenter.alipay.com", "https://cards.example",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "text", "told"),
    [
        ("paypal", "", "no merchant of 'paypal'"),
        ("wallet", "", "no merchant of 'wallet'"),
        ("wechat", "mchid = ", "no merchant of wechat"),
        ("wechat", "", "missing required field"),
        ("wechat", MERCHANTS["wechat"].replace("BEGIN PRIVATE", "BEGIN"), "key"),
        ("card-account", MERCHANTS["card-account"].replace("https:", "http:"), "no address"),
        ("card-account", toml(CardAccountCounterpart(honest, clock).merchant), "no address"),
    ],
)  # fmt: skip
def test_what_no_client_can_be_made_of_is_not_kept(
    tmp_path: Path, channel: str, text: str, told: str
) -> None:
    vault = Vault.open(tmp_path)
    with pytest.raises(BadInputError, match=told):
        connect(vault, channel, text)
    assert vault.names() == ()


def test_a_rider_agrees_to_a_channel_of_the_city(cell: Cell) -> None:
    first = agree(cell, PACK, "1", "wallet", "", "", "tencent", LATER)
    assert agree(cell, PACK, "1", "wallet", "", "", "tencent", LATER + 1) == first
    wechat = agree(cell, PACK, "1", "wechat", "c1", "u1", "tencent", LATER + 2)
    assert (wechat.agreement.contract, wechat.agreement.user) == ("c1", "u1")
    back = agree(cell, PACK, "1", "wallet", "", "", "tencent", LATER + 3)
    assert back.number > wechat.number
    with pytest.raises(ConflictError, match="let the rider sign anew"):
        agree(cell, PACK, "1", "wechat", "c1", "u1", "tencent", LATER + 4)
    with pytest.raises(NotFoundError, match="no channel 'paypal'"):
        agree(cell, PACK, "1", "paypal", "", "", "tencent", LATER)
    with pytest.raises(NotFoundError, match="no platform 'myspace'"):
        agree(cell, PACK, "1", "wallet", "", "", "myspace", LATER)
