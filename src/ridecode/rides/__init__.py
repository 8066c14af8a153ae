"""Rides: taps matched into rides and journeys, and the stored versions of each ride's price.

In: accepted taps, the pack's matching rules and network, tariffs, the time as an argument (UTC
microseconds). Out: `sift` and `match`, the pure rules; stored rides, prices and taps set aside,
with their history; what other tariffs would have done.
Never: a price worked out here, a refused tap in a ride, a stored version lost.
"""

from ridecode.rides.aside import SetAside, set_aside, set_aside_of, set_aside_versions
from ridecode.rides.bench import bench_match, measured_pack
from ridecode.rides.bench_live import bench_live
from ridecode.rides.compare import Compared, Differing, compare_charged
from ridecode.rides.filled import fill_day, filled_account
from ridecode.rides.follow import Followed, Follower
from ridecode.rides.matched import MatchReport, match_all
from ridecode.rides.matching import journeys, match
from ridecode.rides.rated import RateReport, rate_all
from ridecode.rides.reach import Reach
from ridecode.rides.remedy import supply
from ridecode.rides.rules import MatchingRules, read_rules
from ridecode.rides.settled import SettleReport, settle_all
from ridecode.rides.standing import Aside, Why, sift
from ridecode.rides.stored import (
    Passage,
    PriceNow,
    PriceVersion,
    RideTotals,
    RideVersion,
    analyze_prices,
    changed_prices,
    has_changed_prices,
    latest_exceptions,
    latest_rides,
    passages_at,
    price_versions,
    priced_until,
    prices_of,
    ride,
    ride_of_tap,
    ride_versions,
    rides_of,
    totals,
)
from ridecode.rides.what_if import ProductWhatIf, WhatIf, what_if

__all__ = [
    "Aside",
    "Compared",
    "Differing",
    "Followed",
    "Follower",
    "MatchReport",
    "MatchingRules",
    "Passage",
    "PriceNow",
    "PriceVersion",
    "ProductWhatIf",
    "RateReport",
    "Reach",
    "RideTotals",
    "RideVersion",
    "SetAside",
    "SettleReport",
    "WhatIf",
    "Why",
    "analyze_prices",
    "bench_live",
    "bench_match",
    "changed_prices",
    "compare_charged",
    "fill_day",
    "filled_account",
    "has_changed_prices",
    "journeys",
    "latest_exceptions",
    "latest_rides",
    "match",
    "match_all",
    "measured_pack",
    "passages_at",
    "price_versions",
    "priced_until",
    "prices_of",
    "rate_all",
    "read_rules",
    "ride",
    "ride_of_tap",
    "ride_versions",
    "rides_of",
    "set_aside",
    "set_aside_of",
    "set_aside_versions",
    "settle_all",
    "sift",
    "supply",
    "totals",
    "what_if",
]
