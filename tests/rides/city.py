"""A small city with stored taps: its pack, with transfer, day cap and monthly tier all on."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from msgspec.structs import replace

from ridecode.city import Pack, load_pack
from ridecode.core import MICROS, Tap, from_iso
from ridecode.fares import Tariffs, read_tariffs
from ridecode.rides import MatchReport, RateReport, match_all, rate_all, settle_all
from ridecode.store import Cell
from ridecode.taps import record
from tests.city.tiny import NETWORK, PACK, write
from tests.rides.taps import tap

MIDNIGHT = from_iso("2018-08-27T00:00:00+08:00")
"""A Monday; the month changes within the week."""
DAY = 86_400 * MICROS
LATER = MIDNIGHT + 30 * DAY
"""A `now` by which nothing is open any more."""

_BUS = """
[[product]]
id = "bus"
name = { zh = "公交", en = "Bus" }
mode = "bus"
"""

_MATCHING = """\
[matching]
pair_within_s = 14_400
overtime_s = 10_800
remedy_within_s = 86_400
top_speed_kmh = 30
clocks_apart_s = 30

[[matching.transfer]]
from = "metro"
to = "bus"
within_s = 5_400

[[matching.transfer]]
from = "bus"
to = "metro"
within_s = 3_600

[[matching.transfer]]
from = "bus"
to = "bus"
within_s = 1_800
"""

# Metro: 2 yuan to 1 km, 3 yuan beyond. Cap and tier are low, so that a week reaches them.
_TARIFF = """\
[[tariff]]
id = "first"
from = 2018-01-01T00:00:00+08:00
source = { zh = "测试", en = "for tests" }

[[tariff.fare]]
id = "metro"
name = { zh = "地铁", en = "Metro" }
products = ["metro"]
shape = "distance"
bands = [{ to_m = 1200, fare = 200 }, { each_m = 10_000, adds = 100 }]
maximum = 700

[[tariff.fare]]
id = "bus"
name = { zh = "公交", en = "Bus" }
products = ["bus"]
shape = "flat"
amount = 200

[[tariff.rule]]
id = "tier"
kind = "month_tier"
name = { zh = "月累计", en = "Monthly tier" }
products = ["metro", "bus"]
tiers = [{ from = 0, percent = 100 }, { from = 1500, percent = 80 }, { from = 3000, percent = 50 }]

[[tariff.rule]]
id = "change"
kind = "transfer"
name = { zh = "换乘", en = "Transfer" }
products = ["bus", "metro"]
after = ["metro", "bus"]
window_min = 60
amount = 40

[[tariff.rule]]
id = "cap"
kind = "day_cap"
name = { zh = "日封顶", en = "Day cap" }
products = ["metro", "bus"]
amount = 800
"""


@cache
def pack(tariff: str = _TARIFF, matching: str = _MATCHING, money: str | None = None) -> Pack:
    """metro: a –1,120 m– b –1,130 m– c; buses wherever they go."""
    with TemporaryDirectory() as folder:
        files = {"pack": PACK + _BUS, "network": NETWORK, "tariff": tariff, "matching": matching,
                 "money": money}  # fmt: skip
        return load_pack(write(Path(folder), **files))


@cache
def tariffs() -> Tariffs:
    return read_tariffs(pack())


def tariffs_with(was: str, becomes: str) -> Tariffs:
    """The tariff with one figure changed."""
    assert was in _TARIFF
    return read_tariffs(pack(_TARIFF.replace(was, becomes)))


def city_taps(cell: Cell, texts: str, account: str = "1", first: int = 1) -> list[Tap]:
    """Taps of the cell, by the city's clock from Monday's midnight on, numbered from `first`."""
    return [
        replace(made, city=cell.city, account=account, ts=made.ts + MIDNIGHT)
        for number, text in enumerate(texts.split(","), first)
        for made in [tap(number, text)]
    ]


def matched(cell: Cell, now: int = LATER) -> MatchReport:
    return match_all(cell, pack(), now, _silent)


def rated(cell: Cell, by: Tariffs | None = None, now: int = LATER) -> RateReport:
    return rate_all(cell, by or tariffs(), now, _silent)


def in_one_pass(cell: Cell, now: int = LATER) -> tuple[MatchReport, RateReport]:
    """Match and rate."""
    report = settle_all(cell, pack(), tariffs(), now, _silent)
    return report.matched, report.rated


def settled(cell: Cell, taps: Iterable[Tap]) -> tuple[MatchReport, RateReport]:
    """Record, match, rate."""
    record(cell, list(taps))
    return matched(cell), rated(cell)


def settled_in_one_pass(cell: Cell, taps: Iterable[Tap]) -> tuple[MatchReport, RateReport]:
    """Record, then match and rate."""
    record(cell, list(taps))
    return in_one_pass(cell)


def rows(cell: Cell, table: str, without: str = "version, as_of, pass") -> list[tuple[object, ...]]:
    """All rows of a table in order, without columns that tell when and how often it was written."""
    left = [name.strip() for name in without.split(",")]
    with psycopg.connect(cell.dsn) as conn:
        found = conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
        assert found.description is not None
        kept = [at for at, column in enumerate(found.description) if column.name not in left]
        return [tuple(repr(row[at]) for at in kept) for row in found]


def emptied(cell: Cell) -> None:
    """The cell as it was made; a few rows are sooner deleted than tables cut."""
    tables = ("taps", "tap_conflicts", "rides", "ride_history", "prices", "price_history",
              "set_aside", "set_aside_history", "ride_marks", "log", "log_topics")  # fmt: skip
    with psycopg.connect(cell.dsn) as conn, conn.pipeline():
        for table in tables:
            conn.execute(f"DELETE FROM {table}")


def _silent(_done: int, _total: int) -> None:
    """Nobody looks."""
