"""What an itinerary costs by GTFS-Fares v1: the cheapest fares that cover its legs.

A fare covers legs in a row where its rules are for the zone of the first entry and that of the last
exit, for every route on the way, and for as many transfers, within its time from the first
departure to the last. Zones to be contained are exactly those that are passed.
"""

from collections.abc import Sequence

from msgspec import Struct

from ridecode.core import MICROS, RefusedError
from ridecode.fares.gtfs.facts import FaresV1, FareV1, Leg, Places


class Covered(Struct, frozen=True):
    """Legs in a row, by index, `to` exclusive, and the fare that covers them; None where none."""

    since: int
    to: int
    fare: FareV1 | None


def cheapest(
    fares: FaresV1, places: Places, legs: Sequence[Leg], rider: str = ""
) -> tuple[Covered, ...]:
    """The fares for an itinerary: as few legs without fare as can be, then the least amount, then
    the fewest fares. Refuses where a fare that cannot be told might cover a leg."""
    best: list[tuple[tuple[int, int, int], tuple[Covered, ...]]] = [((0, 0, 0), ())]
    for to in range(1, len(legs) + 1):
        options = []
        for since in range(to):
            (bare, amount, count), before = best[since]
            run = legs[since:to]
            if to - since == 1:
                options.append(((bare + 1, amount, count), (*before, Covered(since, to, None))))
            for fare in fares.fares:
                if covers(fare, fares, places, run, rider):
                    options.append(
                        ((bare, amount + fare.amount, count + 1),
                         (*before, Covered(since, to, fare)))
                    )  # fmt: skip
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def covers(fare: FareV1, fares: FaresV1, places: Places, legs: Sequence[Leg], rider: str) -> bool:
    if fare.riders and rider not in fare.riders:
        return False
    if fare.transfers is not None and len(legs) - 1 > fare.transfers:
        return False
    long = legs[-1].departs - legs[0].departs
    if len(legs) > 1 and fare.duration_s is not None and long > fare.duration_s * MICROS:
        return False
    routes = [leg.route for leg in legs]
    if any(route not in places.routes for route in routes):
        return False
    if fare.agency and any(places.agencies[route] not in ("", fare.agency) for route in routes):
        return False
    passed = frozenset(fares.zones.get(stop, "") for leg in legs for stop in leg.stops)
    ends = fares.zones.get(legs[0].stops[0], ""), fares.zones.get(legs[-1].stops[-1], "")
    if not ruled(fare, ends, routes, passed):
        return False
    if fare.refused:
        raise RefusedError(f"The fare of such a ride is refused: {fare.refused}.")
    return True


def ruled(
    fare: FareV1, ends: tuple[str, str], routes: Sequence[str], passed: frozenset[str] | None
) -> bool:
    """Whether the rules of a fare are for these zones and routes; `passed` None: any way."""
    if not fare.rules:
        return True
    met = [
        rule
        for rule in fare.rules
        if rule.origin in ("", ends[0])
        and rule.destination in ("", ends[1])
        and (not rule.contains or passed is None or rule.contains == passed)
    ]
    return all(any(rule.route in ("", route) for rule in met) for route in routes)
