"""What real cards were charged in Shenzhen follows from the shipped tariff.

The file tells a row's full fare, its transfer mark and what was charged, but not the class of the
card; so a row follows where one class of the tariff gives its charge.
"""

import csv
from collections import Counter

import pytest
from msgspec.structs import replace

from ridecode.city import load_pack
from ridecode.core import MICROS
from ridecode.fares import (
    NOTHING_EARLIER,
    AccountClass,
    Earlier,
    Tariff,
    price,
    read_tariffs,
)
from ridecode.fares.shapes import flat
from ridecode.fares.tariff import plans_of
from tests.fares.world import NOON, ride
from tests.shared import shared

pytestmark = pytest.mark.shared

FARTHEST_M = {200: 4_000, 300: 8_000, 400: 12_000, 500: 18_000, 600: 24_000, 700: 32_000,
              800: 40_000}  # fmt: skip
"""How far one may ride for a full fare, from the published rule."""

CLASSES = (
    AccountClass.ORDINARY, AccountClass.STUDENT, AccountClass.SENIOR, AccountClass.TEST,
)  # fmt: skip
"""TEST stands for every card that pays the full fare."""


def taps(kind: str) -> list[tuple[int, int, bool]]:
    """Full fare, charge, and transfer mark of the rows of a kind."""
    with shared("shenzhen/taps.csv").open(encoding="utf-8", newline="") as file:
        return [
            (int(row["deal_value"]), int(row["deal_money"]), row["conn_mark"] == "1")
            for row in csv.DictReader(file)
            if row["deal_type"] == kind
        ]


def tariff() -> Tariff:
    return read_tariffs(load_pack("shenzhen")).at(NOON)


def after(product: str) -> Earlier:
    """Ten minutes after a ride of a product ended."""
    return replace(
        NOTHING_EARLIER, last_product=product, last_line="other", last_end=NOON - 600 * MICROS
    )


def test_every_metro_exit() -> None:
    shenzhen = tariff()
    classes: Counter[AccountClass | None] = Counter()
    for fare, charged, transferred in taps("地铁出站"):
        earlier = after("bus") if transferred else NOTHING_EARLIER
        found = None
        for account in CLASSES:
            one = ride(account_type=account, distance_m=FARTHEST_M[fare])
            priced, _ = price(shenzhen, earlier, one)
            assert shenzhen.full_fare(priced) == fare
            if priced.amount == charged:
                found = account
                break
        classes[found] += 1

    assert classes == {
        AccountClass.ORDINARY: 199,
        AccountClass.STUDENT: 9,
        AccountClass.SENIOR: 227,
    }


def test_every_bus_tap() -> None:
    """A bus line's fare is the row's own: the demo's lines all cost 2 yuan. No bus row bears the
    transfer mark; three were charged 0.40 yuan less than their class pays, as after a transfer."""
    reasons: Counter[tuple[AccountClass, bool] | None] = Counter()
    shenzhen = tariff()
    for fare, charged, _ in taps("巴士"):
        line = with_bus_fare(shenzhen, fare)
        found = None
        for account in CLASSES:
            for transferred in (False, True):
                earlier = after("metro") if transferred else NOTHING_EARLIER
                one = ride(product="bus", account_type=account)
                priced, _ = price(line, earlier, one)
                if found is None and priced.amount == charged:
                    found = (account, transferred)
        reasons[found] += 1

    assert reasons == {
        (AccountClass.ORDINARY, False): 143,
        (AccountClass.ORDINARY, True): 3,
        (AccountClass.TEST, False): 59,
    }


def with_bus_fare(shipped: Tariff, amount: int) -> Tariff:
    fares = tuple(
        replace(fare, shape=flat("bus", amount)) if fare.id == "bus" else fare
        for fare in shipped.fares
    )
    return replace(shipped, fares=fares, plans=plans_of(fares, shipped.rules))
