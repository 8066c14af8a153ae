"""A rider agrees to a channel outside the wallet: nothing is signed but what the channel says."""

import pytest

from ridecode.city import load_pack
from ridecode.core import BadInputError, RefusedError, UnavailableError
from ridecode.money import agree
from ridecode.money.channels import Answer, Channel, Signed, Wallet, WeChatPay, agreements
from ridecode.sim.channels import WeChatCounterpart, honest
from ridecode.sim.channels.wechat import keys
from ridecode.store import Cell
from tests.money.channels import rig_wechat
from tests.money.channels.kit import MORNING, Entry
from tests.money.channels.rigs import every_channel, with_a_server

PACK = load_pack("shenzhen")


def _agree(cell: Cell, channel: Channel, contract: str = "c1", user: str = "u1") -> Signed:
    return agree(cell, PACK, "1", channel.id, contract, user, "", MORNING, channel)


def _signed(cell: Cell) -> Signed | None:
    with cell.connection() as conn:
        return agreements(conn, ["1"]).get("1")


@every_channel
def test_a_contract_is_signed_where_its_channel_says_that_it_stands(
    cell: Cell, entry: Entry
) -> None:
    rig = entry.rig(honest)
    with pytest.raises(RefusedError, match="the contract c1: ENDED"):
        _agree(cell, rig.channel)
    assert _signed(cell) is None
    rig.counterpart.sign("c1", "u1")
    assert _agree(cell, rig.channel) == _signed(cell)


@with_a_server
def test_while_the_channel_says_nothing_nobody_agrees(cell: Cell, entry: Entry) -> None:
    channel, stranger = entry.with_a_stranger()
    with pytest.raises(UnavailableError, match="Try again"):
        _agree(cell, channel)
    stranger.answer = Answer(200, {}, b"{}")
    with pytest.raises(UnavailableError, match=r"does not bear its signature \(NOT_SIGNED\)"):
        _agree(cell, channel)
    assert _signed(cell) is None


def test_what_its_channel_says_of_a_mistake_of_ours_is_told(cell: Cell) -> None:
    trouble = keys.answer(403, {"code": "NO_AUTH"}, MORNING)
    channel = WeChatPay(keys.merchant(), lambda *_: trouble)
    with pytest.raises(UnavailableError, match=r"refuses the request .*\(OUR_MISTAKE NO_AUTH\)"):
        _agree(cell, channel)


def test_whom_the_channel_has_blocked_does_not_agree(cell: Cell) -> None:
    rig = rig_wechat.ENTRY.rig(honest)
    assert isinstance(rig.counterpart, WeChatCounterpart)
    rig.counterpart.sign("c1", "u1")
    rig.counterpart.block("c1", "ACCOUNT_FROZEN")
    with pytest.raises(RefusedError, match="BLOCKED"):
        _agree(cell, rig.channel)


@every_channel
@pytest.mark.parametrize(("contract", "user"), [("", "u1"), ("c1", ""), ("", "")])
def test_nobody_is_charged_without_a_contract_and_a_user(
    cell: Cell, entry: Entry, contract: str, user: str
) -> None:
    """Every charge would be a mistake of ours, and the rider ride free."""
    with pytest.raises(BadInputError, match="Name both"):
        _agree(cell, entry.rig(honest).channel, contract, user)
    with pytest.raises(BadInputError, match="Name both"):
        agree(cell, PACK, "1", entry.name, contract, user, "", MORNING)


def test_a_wallet_has_neither(cell: Cell) -> None:
    assert _agree(cell, Wallet(), "", "") == _signed(cell)
