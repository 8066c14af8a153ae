"""Rides: taps matched into rides and journeys, and the stored versions of each ride's price.

In: accepted taps, the pack's matching rules and network, the time as an argument (UTC
microseconds). Out: `match`, the pure rule; stored rides and prices with their history.
Never: a price worked out here, a refused tap in a ride, a stored version lost.
"""

from ridecode.rides.matching import journeys, match
from ridecode.rides.rules import MatchingRules, read_rules

__all__ = ["MatchingRules", "journeys", "match", "read_rules"]
