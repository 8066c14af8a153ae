"""How long the track between two neighbouring stops is, by a stated rule.

1. Where the pack gives metres (`track_m`), they stand.
2. Elsewhere a segment is the great circle between its stops times `DETOUR`.
3. Where the pack gives the line's published length (`length_km`), the segments of rule 2 are
   scaled together so that they sum to it; no segment falls below its great circle.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


DETOUR = 1.1
"""Track length over great circle between neighbouring metro stations, where nothing is known."""

Position = tuple[float, float]
"""Latitude and longitude in degrees, WGS-84."""


def line_track_m(
    places: Sequence[Position], given: Sequence[int], published_m: int
) -> tuple[int, ...]:
    """Metres of each segment of a line whose stops lie at `places`, by the rule above.

    `given` is empty or has one length a segment; `published_m` is 0 where it is not known.
    """
    if given:
        return tuple(given)
    straight = [great_circle_m(a, b) for a, b in pairwise(places)]
    detour = published_m / sum(straight) if published_m else DETOUR
    return tuple(max(1, round(metres * max(1.0, detour))) for metres in straight)


def great_circle_m(a: Position, b: Position) -> float:
    """Metres between two (lat, lon) positions in degrees, on the sphere (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half_lat = (lat_b - lat_a) / 2
    half_lon = radians(b[1] - a[1]) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))
