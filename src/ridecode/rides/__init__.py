"""Rides: taps matched into rides and journeys, and the stored versions of each ride's price.

In: accepted taps, the pack's matching rules and network, tariffs, the time as an argument (UTC
microseconds). Out: `match`, the pure rule; stored rides and prices with their history.
Never: a price worked out here, a refused tap in a ride, a stored version lost.
"""

from ridecode.rides.bench import bench_match
from ridecode.rides.compare import Compared, Differing, compare_charged
from ridecode.rides.matched import MatchReport, match_all
from ridecode.rides.matching import journeys, match
from ridecode.rides.rated import RateReport, rate_all
from ridecode.rides.remedy import supply
from ridecode.rides.rules import MatchingRules, read_rules
from ridecode.rides.settled import SettleReport, settle_all
from ridecode.rides.stored import (
    PriceVersion,
    RideTotals,
    RideVersion,
    latest_exceptions,
    latest_rides,
    price_versions,
    prices_of,
    ride,
    ride_versions,
    rides_of,
    totals,
)

__all__ = [
    "Compared",
    "Differing",
    "MatchReport",
    "MatchingRules",
    "PriceVersion",
    "RateReport",
    "RideTotals",
    "RideVersion",
    "SettleReport",
    "bench_match",
    "compare_charged",
    "journeys",
    "latest_exceptions",
    "latest_rides",
    "match",
    "match_all",
    "price_versions",
    "prices_of",
    "rate_all",
    "read_rules",
    "ride",
    "ride_versions",
    "rides_of",
    "settle_all",
    "supply",
    "totals",
]
