"""On seeded days with thieves, no event costs more than the printed bound."""

import pytest

from ridecode.sim import bench_exposure
from ridecode.validator import Peril


def _stay_within(city: str, days: int) -> None:
    found = bench_exposure(days=days, name=city)
    assert all(bar.kept for bar in found.bars), found
    met = {(cost.peril, cost.network) for cost in found.costs}
    for peril in (Peril.STOLEN_PHONE, Peril.CLONED_KEY, Peril.SHARED_CODE):
        name = peril.name.lower()
        assert {(name, "up"), (name, "cut")} <= met
        assert any(cost.dearest for cost in found.costs if cost.peril == name), (
            "they rode for nothing"
        )


@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_ten_days_of_thieves_stay_within_the_printed_bound(city: str) -> None:
    _stay_within(city, 10)


@pytest.mark.soak
@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_two_hundred_days_of_thieves_stay_within_the_printed_bound(city: str) -> None:
    _stay_within(city, 200)
