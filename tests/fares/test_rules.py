"""Corners of single rules that the golden tables have no ride for."""

import pytest

from ridecode.fares import NOTHING_EARLIER, Tariffs, rate
from ridecode.fares.rounding import Between, Rounding
from ridecode.fares.rules import Transfer
from ridecode.fares.scope import Scope
from ridecode.fares.shapes import flat
from tests.fares.strategies import NAME, made
from tests.fares.world import MINUTE, NOON, ride


@pytest.mark.parametrize(
    ("amount", "percent", "rounding", "share"),
    [
        (205, 90, Rounding(1, Between.HALF_UP), 185),
        (205, 90, Rounding(1, Between.DOWN), 184),
        (205, 90, Rounding(1, Between.UP), 185),
        (204, 50, Rounding(1, Between.UP), 102),
        (250, 50, Rounding(10, Between.HALF_UP), 130),
        (248, 50, Rounding(10, Between.HALF_UP), 120),
        (250, 50, Rounding(10, Between.DOWN), 120),
        (242, 50, Rounding(10, Between.UP), 130),
        (9, 95, Rounding(10, Between.HALF_UP), 9),
        (9, 1, Rounding(100, Between.UP), 9),
        (0, 95, Rounding(10, Between.UP), 0),
    ],
)
def test_a_share_is_rounded_once_and_never_above_the_amount(
    amount: int, percent: int, rounding: Rounding, share: int
) -> None:
    assert rounding.share(amount, percent) == share


@pytest.mark.parametrize(
    ("most", "amounts"),
    [
        (0, [200, 150, 150, 150, 150]),
        (1, [200, 150, 200, 150, 200]),
        (2, [200, 150, 150, 200, 150]),
    ],
)
def test_so_many_rides_in_a_row_are_discounted(most: int, amounts: list[int]) -> None:
    """Five buses, ten minutes apart, no two neighbours of one line."""
    transfer = Transfer(
        id="transfer", name=NAME, scope=Scope(("bus",)), after=("bus",), amount=50,
        window_us=90 * MINUTE, most=most,
    )  # fmt: skip
    rides = [
        ride(number, start=NOON + 10 * number * MINUTE, minutes=0, product="bus",
             line=f"b{number % 2}")
        for number in range(5)
    ]  # fmt: skip

    priced = rate(Tariffs([made(transfer, shape=flat("fare", 200))]), NOTHING_EARLIER, rides)

    assert [price.amount for price, _ in priced] == amounts
