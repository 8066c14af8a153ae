"""Who owes and rides on, or comes again under another name."""

from itertools import product
from typing import Final

import pytest

from ridecode.core import Verdict
from ridecode.riders import OwingError, enrol
from ridecode.validator import Peril
from tests.attacks.city import LUOHU, RULES, SHENZHEN, bounds
from tests.attacks.world import Road
from tests.riders.world import SZT, asked

OWED: Final = bounds().assumed.owed_most


@pytest.mark.parametrize(
    ("issuer", "platform"), list(product(SHENZHEN.issuers, SHENZHEN.platforms))
)
def test_a_debtor_who_enrols_anew(road: Road, issuer: str, platform: str) -> None:
    """With whatever issuer, on whatever platform: the identity is the same."""
    rider = road.rider(1, SZT, "tencent")
    road.owes(rider.account, OWED)
    road.settle()
    if (issuer, platform) != (SZT, "tencent"):
        with pytest.raises(OwingError):
            enrol(road.cell, RULES, asked(1, issuer=issuer, platform=platform), road.now)
    with pytest.raises(OwingError):
        road.authorised(rider.account, rider.signer.public_key)
    assert road.rider(2, issuer, platform, number=2).account != rider.account


def test_a_debtor_who_rides_on(road: Road) -> None:
    """The codes in the phone pass until the deny list is there, 60 s after it is known."""
    accounts = [road.rider(1, SZT, platform, n) for n, platform in enumerate(SHENZHEN.platforms)]
    gates = [road.gate(f"in-{n}", LUOHU) for n in range(2)]
    road.owes(accounts[0].account, OWED)
    road.settle()
    assert [gates[0].read(one.code(road.now)) for one in accounts] == 3 * [Verdict.ACCEPTED]
    road.wait(bounds().assumed.deny_s)
    road.publish()
    assert [gates[1].read(one.code(road.now)) for one in accounts] == 3 * [Verdict.DENIED]
    for one in accounts:
        with pytest.raises(OwingError):
            road.authorised(one.account, one.signer.public_key)
    (bound,) = (one for one in bounds().bounds if one.peril is Peril.DEBT)
    assert bound.online_s == bounds().assumed.charge_s + bounds().assumed.deny_s
    assert OWED + bounds().riding.ride_most <= bound.online


def test_a_debtor_who_has_paid_rides_again(road: Road) -> None:
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    road.owes(rider.account, OWED)
    road.settle()
    road.publish()
    assert gate.read(rider.code(road.now)) is Verdict.DENIED
    road.owes(rider.account, -OWED)
    road.settle()
    road.publish()
    assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED
