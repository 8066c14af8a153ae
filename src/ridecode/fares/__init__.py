"""Fares: what a ride costs and why, by tariffs that are data.

In: a city pack's tariff sections, or a GTFS feed with fares; a ride, and what the account's earlier
rides of the day, week, month and journey left. Out: `Price` with lines that sum to it, what the
ride leaves to the next, and the words for each line. Never: a float, a clock, a database, a rule of
one city in code.
"""

from ridecode.fares.bench import bench_prices
from ridecode.fares.earlier import NOTHING_EARLIER, Earlier
from ridecode.fares.explain import ExplainedLine, explain
from ridecode.fares.gtfs import Choices, Imported, import_gtfs
from ridecode.fares.money import Money
from ridecode.fares.rating import Difference, differences, price, rate
from ridecode.fares.reading import read_tariffs
from ridecode.fares.scope import AccountClass
from ridecode.fares.tap_fare import tap_fare
from ridecode.fares.tariff import Tariff, Tariffs

__all__ = [
    "NOTHING_EARLIER",
    "AccountClass",
    "Choices",
    "Difference",
    "Earlier",
    "ExplainedLine",
    "Imported",
    "Money",
    "Tariff",
    "Tariffs",
    "bench_prices",
    "differences",
    "explain",
    "import_gtfs",
    "price",
    "rate",
    "read_tariffs",
    "tap_fare",
]
