"""Alipay's side: it takes nothing that the real one would not, and knows who owes."""

from urllib.parse import urlencode

import pytest
from msgspec import json

from ridecode.money.channels import AgreementState, Alipay, Debtor, Paid, Refused
from ridecode.money.channels.alipay.signing import Rsa2, sorted_text
from ridecode.sim.channels import AlipayCounterpart, Mischief
from tests.money.channels.kit import NOT_SIGNED
from tests.money.channels.test_alipay import AGREED, ASK, MERCHANT, NOW, NUMBER, Gateway


def counterpart(*wrong: Mischief | None) -> tuple[Alipay, AlipayCounterpart]:
    plan = iter(wrong)
    other = AlipayCounterpart(lambda _: next(plan), lambda: NOW)
    return Alipay(other.merchant, other, other), other


def test_the_counterpart_refuses_what_the_merchant_did_not_sign() -> None:
    _, other = counterpart()
    stranger = Alipay(MERCHANT, other, other)
    other.sign(AGREED.contract, AGREED.user)
    assert stranger.charge([ASK], NOW) == [NOT_SIGNED]
    assert other.truth() == {}


@pytest.mark.parametrize("field", ["amount", "subject", "actual_order_time", "card_type", "new"])
def test_the_counterpart_takes_no_row_that_alipay_would_not(field: str) -> None:
    _, other = counterpart()
    merchant = other.merchant
    gateway = Gateway(None)
    Alipay(merchant, gateway, gateway).charge([ASK], NOW)
    told = {name: value for name, value in gateway.asked[0].items() if name != "sign"}
    content = json.decode(told["biz_content"])
    content["trade_list"][0] |= {field: "/="} if field != "card_type" else {field: None}
    told["biz_content"] = json.encode(content).decode()
    rsa2 = Rsa2(merchant.private_key, merchant.alipay_public_key)
    told["sign"] = rsa2.sign(sorted_text(told))
    body = urlencode({"biz_content": told.pop("biz_content")}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    said = other("POST", f"/gateway.do?{urlencode(told)}", headers, body)
    assert said is not None
    assert b"INVALID_PARAMETER" in said.body


def test_a_debtor_is_on_the_list_until_the_trade_is_paid() -> None:
    channel, other = counterpart(Mischief.REFUSED)
    other.sign(AGREED.contract, AGREED.user)
    assert channel.charge([ASK], NOW) == [Refused("BUYER_BALANCE_NOT_ENOUGH")]
    assert list(channel.debtors(NOW)) == [Debtor(AGREED.user, "")]
    other.repay(NUMBER)
    assert list(channel.debtors(NOW)) == []
    (told,) = other.told()
    said = channel.hear(told.headers, told.body, NOW)
    assert said is not None
    assert isinstance(said.fact, Paid)


def test_an_agreement_that_was_ended_is_ended_at_the_counterpart() -> None:
    channel, other = counterpart()
    other.sign("c", AGREED.user)
    assert channel.agreement("c", NOW) is AgreementState.STANDS
    assert channel.end_agreement("c", NOW)
    assert channel.agreement("c", NOW) is AgreementState.ENDED
    assert channel.end_agreement("c", NOW)
