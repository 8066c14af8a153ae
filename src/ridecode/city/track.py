"""How long the track between two neighbouring stops is, by a stated rule.

An operator charges by kilometres of track between station centres. The rule, in this order:

1. **Published metres stand.** Where a pack gives `track_m`, nothing else is asked.
2. **A drawn track, made whole.** Where a map gives a polyline for the segment, its length is that
   of the polyline plus the straight gaps from its two ends to the two stations (`drawn_m`). Such
   polylines often begin or end far short of their stations; straight is the least that the
   missing track can be. The sum is never below the great circle between the stations.
3. **No track known.** The great circle between the stations times `DETOUR`.

The published length of a whole line is *not* used to stretch its segments: it counts the tail
tracks behind the last stations. docs/city-packs.md scores the rule on published distances.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from msgspec import Struct

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

DETOUR = 1.04
"""Track over great circle between neighbouring stations, where no track is known: published
lengths over great circles are 1.041 on 144 segments of one network and 1.046 on 95 of another
(docs/city-packs.md)."""

Position = tuple[float, float]
"""Latitude and longitude in degrees, WGS-84."""


def great_circle_m(a: Position, b: Position) -> float:
    """Metres between two positions on the sphere (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half_lat = (lat_b - lat_a) / 2
    half_lon = radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))


def drawn_m(a: Position, b: Position, polyline: Sequence[Position]) -> int:
    """Metres of the segment from station `a` to `b` by rules 2 and 3; at least 1.

    A polyline that ends short of its stations is to be handed over with the stations at its ends.
    """
    straight = great_circle_m(a, b)
    if not polyline:
        return max(1, round(straight * DETOUR))
    length = sum(great_circle_m(p, q) for p, q in pairwise(polyline))
    return max(1, round(max(straight, length)))


def undrawn_m(places: Sequence[Position]) -> tuple[int, ...]:
    """Metres of each segment of a line of which only the stations are known (rule 3)."""
    return tuple(drawn_m(a, b, ()) for a, b in pairwise(places))


class Score(Struct, frozen=True):
    """How far a rule is from published distances, in metres a segment."""

    segments: int
    bias: float
    """Mean of rule minus published."""
    mean_error: float
    """Mean of the absolute differences."""
    worst: int
    ratio: float
    """Sum of the rule over sum of the published."""


def score(pairs: Iterable[tuple[int, int]]) -> Score:
    """The score of (by the rule, published) lengths in metres; at least one pair is needed."""
    both = list(pairs)
    errors = [rule - published for rule, published in both]
    return Score(
        segments=len(both),
        bias=sum(errors) / len(both),
        mean_error=sum(map(abs, errors)) / len(both),
        worst=max(map(abs, errors)),
        ratio=sum(rule for rule, _ in both) / sum(published for _, published in both),
    )
