"""Rides: taps matched into rides and journeys, and the stored versions of each ride's price.

In: accepted taps, the pack's matching rules and network, tariffs, the time as an argument (UTC
microseconds). Out: `match`, the pure rule; stored rides and prices with their history.
Never: a price worked out here, a refused tap in a ride, a stored version lost.
"""

from ridecode.rides.matched import MatchReport, match_all
from ridecode.rides.matching import journeys, match
from ridecode.rides.rated import RateReport, rate_all
from ridecode.rides.rules import MatchingRules, read_rules

__all__ = [
    "MatchReport",
    "MatchingRules",
    "RateReport",
    "journeys",
    "match",
    "match_all",
    "rate_all",
    "read_rules",
]
