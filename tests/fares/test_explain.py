"""The words of a price, whole, in both languages."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ridecode.city import load_pack
from ridecode.core import Line, Price, RefusedError, Ride, RideState
from ridecode.fares import (
    NOTHING_EARLIER,
    Earlier,
    Money,
    Tariff,
    explain,
    price,
    rate,
    read_tariffs,
)
from ridecode.fares.money import say_km
from ridecode.fares.rules import pays
from tests.fares.test_golden import accounts, pack_of
from tests.fares.world import FLAT, MINUTE, NOON, head, ride, tariffs


def told(tariff: Tariff, one: Ride, earlier: Earlier = NOTHING_EARLIER) -> list[tuple[str, str]]:
    priced, _ = price(tariff, earlier, one)
    return [(line.words.zh, line.words.en) for line in explain(tariff, priced, one)]


def test_the_ride_of_the_sketch() -> None:
    """22.4 km after a bus, as a rider reads it."""
    tariff = read_tariffs(load_pack("shenzhen")).at(NOON)
    bus = replace(
        NOTHING_EARLIER, last_product="bus", last_line="sz-b-m390", last_end=NOON - 23 * MINUTE
    )

    assert told(tariff, ride(distance_m=22_400), bus) == [
        ("地铁票价：起步价，4 公里以内", "Metro fare: base fare, up to 4 km"),
        ("4–12 公里，每 4 公里 ¥1.00：计 2 段", "4–12 km, ¥1.00 each 4 km: 2 begun"),
        (
            "12–24 公里，每 6 公里 ¥1.00：行至 22.4 公里，计 2 段",
            "12–24 km, ¥1.00 each 6 km: 2 begun to 22.4 km",
        ),
        ("乘车码优惠：95 折", "Ride code discount: 95 % of the fare"),
        (
            "公交换乘地铁优惠：距上次乘车 23 分钟，90 分钟内换乘",
            "Transfer from bus to metro: 23 min after the last ride, within 90 min",
        ),
    ]


def test_each_kind_of_line() -> None:
    tariff = read_tariffs(load_pack("shenzhen")).at(NOON)

    assert told(tariff, ride(distance_m=30_000, account_type=4))[-1] == (
        "24 公里以上，每 8 公里 ¥1.00：行至 30 公里，计 1 段",
        "above 24 km, ¥1.00 each 8 km: 1 begun to 30 km",
    )
    assert told(tariff, ride(account_type=2))[-1] == (
        "乘车码优惠：学生 5 折", "Ride code discount: student, 50 % of the fare",
    )  # fmt: skip
    assert told(tariff, ride(account_type=3))[-1] == (
        "乘车码优惠：老人免费", "Ride code discount: senior, free",
    )  # fmt: skip
    assert told(tariff, ride(product="bus")) == [
        ("公交票价：一票制", "Bus fare: one fare for any distance"),
        (
            "公交刷码优惠：¥3.00 以内 8 折，¥3.00–¥6.00 部分 75 折，¥6.00 以上部分 65 折",
            "Bus discount: 80 % up to ¥3.00, 75 % of ¥3.00–¥6.00, 65 % above ¥6.00",
        ),
    ]
    assert told(tariff, ride(state=RideState.MISSING_EXIT)) == [
        (
            "地铁票价：缺少进站或出站记录，按最高票价",
            "Metro fare: entry or exit is missing, the maximum fare",
        )
    ]
    assert told(tariff, ride(state=RideState.OVERTIME))[-1] == (
        "地铁超时：停留超过时限，补交 ¥14.00",
        "Metro overtime: stayed beyond the time allowed, ¥14.00 more",
    )


@pytest.mark.parametrize(
    ("table", "account", "at", "zh", "en"),
    [
        ("matrix", 0, 0, "地铁票价：按起点站和终点站", "Metro fare: by entry and exit station"),
        ("matrix", 1, 0, "地铁票价：同站进出，15 分钟以内",
         "Metro fare: in and out at one station within 15 min"),
        ("day-cap", 0, 3, "日封顶：当日封顶 ¥10.00，此前已付 ¥9.99",
         "Daily cap: a day costs at most ¥10.00, ¥9.99 was paid before"),
        ("hangzhou", 0, 4, "累计优惠：本月此前已付 ¥51.79，本次 7 折",
         "Monthly discount: ¥51.79 paid this month before, this ride 70 % of the fare"),
        ("week-cap", 0, 11, "周封顶：每周封顶 ¥27.50，本周此前已付 ¥27.50",
         "Weekly cap: a week costs at most ¥27.50, ¥27.50 was paid before"),
        ("zone", 1, 1, "区间票价：1 区至 3 区", "Zone fare: zone 1 to 3"),
        ("stage", 0, 2, "区间分段票价：5 段", "Fare by stations: 5 stages"),
        ("onward", 0, 1, "全程连续计费：距上次乘车 10 分钟，此前已计 ¥1.78",
         "The whole way is one fare: 10 min after the last ride, ¥1.78 was asked for before"),
        ("onward", 14, 1, "换乘补差价：距上次乘车 10 分钟，此前已计 ¥2.00",
         "Only what is more is asked for: 10 min after the last ride, ¥2.00 was asked for before"),
        ("peak", 0, 2, "早鸟票价：3.249–4.249 公里", "Early fare: 3.249–4.249 km"),
        ("beijing", 1, 4, "地铁票价：6–12 公里", "Metro fare: 6–12 km"),
    ],
)  # fmt: skip
def test_lines_of_the_golden_tables(
    table: str, account: int, at: int, zh: str, en: str, tmp_path: Path
) -> None:
    pack = pack_of(table, tmp_path)
    versions = read_tariffs(pack)
    rides = [row.ride for row in accounts(table, pack)[account]]
    priced, _ = list(rate(versions, NOTHING_EARLIER, rides))[at]

    lines = explain(versions.at(rides[at].start_ts), priced, rides[at])

    assert (zh, en) in [(line.words.zh, line.words.en) for line in lines]


def test_a_price_of_another_version_is_not_explained_by_this_one(tmp_path: Path) -> None:
    tariff = tariffs(tmp_path, head() + FLAT).at(NOON)

    with pytest.raises(RefusedError, match="of tariff other, not first"):
        explain(tariff, Price(ride().ride_id, "other", 0, ()), ride())


def test_a_line_of_a_rule_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    tariff = tariffs(tmp_path, head() + FLAT).at(NOON)
    old = Price(ride().ride_id, "first", -5, (Line("gone", -5),))

    with pytest.raises(RefusedError, match="Tariff first has no rule gone any more"):
        explain(tariff, old, ride())


@pytest.mark.parametrize(
    ("percent", "zh"), [(0, "免费"), (5, "0.5 折"), (50, "5 折"), (75, "75 折"), (100, "全价")]
)
def test_percentages_as_riders_say_them(percent: int, zh: str) -> None:
    assert pays(percent).zh == zh


def test_amounts_and_kilometres() -> None:
    yuan, yen = Money("CNY", 2, "¥"), Money("JPY", 0, "¥")

    assert [yuan.say(n) for n in (0, 5, 530, -40)] == ["¥0.00", "¥0.05", "¥5.30", "−¥0.40"]
    assert yen.say(178) == "¥178"
    assert [say_km(n) for n in (0, 850, 4_000, 22_400)] == ["0", "0.85", "4", "22.4"]
