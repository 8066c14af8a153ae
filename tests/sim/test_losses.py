"""On seeded days with thieves, no event costs more than the printed bound."""

from collections import Counter

import pytest

from ridecode.city import load_pack
from ridecode.fares import read_tariffs
from ridecode.sim import Attack, Loss, Rates, SimCity, losses
from ridecode.sim.phones import GRANTED_S
from ridecode.sim.readings import VALIDITY_S
from ridecode.sim.thieves import DENY_S, SEEN_S, SUSPICIOUS
from ridecode.validator import Assumed, Peril, exposure
from tests.sim.world import DAY

RATES = Rates(
    reader_offline=300_000, station_offline=300_000,
    thieves={
        Attack.STOLEN_PHONE: 250_000, Attack.CLONED_KEY: 120_000, Attack.SCREENSHOT: 60_000,
        Attack.RELAY: 60_000,
    },
)  # fmt: skip
"""A third of all riders is robbed each day."""
ASSUMED = Assumed(
    authorised_s=GRANTED_S,
    validity_s=VALIDITY_S,
    limit=2_000,
    owed_most=2_000,
    clones=SUSPICIOUS,
    top_speed_kmh=140,
    deny_s=DENY_S,
    seen_s=SEEN_S,
)


def _held(name: str, days: range) -> tuple[list[Loss], Counter[tuple[Peril, bool]]]:
    """All losses of those days: every day has chances of its own."""
    pack = load_pack(name)
    city = SimCity(pack=pack, riders=120, seed=11, rates=RATES)
    tariff = read_tariffs(pack).at(1_767_225_600_000_000)
    bounds = {one.peril: one for one in exposure(pack, tariff, ASSUMED).bounds}
    found: list[Loss] = []
    seen: Counter[tuple[Peril, bool]] = Counter()
    for day in days:
        for loss in losses(city, DAY + day, tariff):
            bound = bounds[loss.peril]
            most = bound.offline if loss.offline else bound.online
            assert most is None or loss.amount <= most, (day, loss, bound)
            seen[loss.peril, loss.offline] += 1
            found.append(loss)
    return found, seen


def _is_telling(found: list[Loss], seen: Counter[tuple[Peril, bool]]) -> None:
    """Every peril has happened and cost something, with a network and without."""
    for peril in (Peril.STOLEN_PHONE, Peril.CLONED_KEY, Peril.SHARED_CODE):
        assert seen[peril, False]
        assert seen[peril, True]
        assert any(loss.amount for loss in found if loss.peril is peril)
    assert any(not loss.rides for loss in found), "some phones are reported in time"


@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_ten_days_of_thieves_stay_within_the_printed_bound(city: str) -> None:
    _is_telling(*_held(city, range(10)))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_two_hundred_days_of_thieves_stay_within_the_printed_bound(city: str) -> None:
    _is_telling(*_held(city, range(200)))
