"""How much one person can ride for, at most, in a time: the dearest ride, and the dearest hour.

Every pair of stops of a product is a ride that takes at least its shortest way at the city's top
speed, and a pause before the next one. Nobody, however he mixes rides, spends more in an hour than
with the one whose fare is highest for its time. Fares are full fares, of the tariff at one moment.
"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from ridecode.city import Line, Pack
from ridecode.core import MICROS, Ride, RideState, TapKind
from ridecode.fares import NOTHING_EARLIER, Tariff, price, tap_fare
from ridecode.validator.rules import Rules

_NOBODY = UUID(int=0)


class Riding(Struct, frozen=True):
    """Of one person; amounts in the currency's smallest unit."""

    ride_most: int
    """The dearest single ride."""
    hour_most: int
    """What an hour of rides one after another costs at most, beyond its first ride."""

    def costs(self, seconds: int) -> int:
        """At most, of all rides that begin within so many seconds."""
        return self.ride_most - self.hour_most * seconds // -3_600


def riding(
    pack: Pack, tariff: Tariff, rules: Rules, *, limit: int, top_speed_kmh: int, pause_s: int
) -> Riding:
    """The bound of a city. `limit` is the highest field 9, which counts where it is asked."""
    ride_most = hour_most = 0
    for ride, metres in _rides(pack, rules, tariff.valid_from):
        fare = tariff.full_fare(price(tariff, NOTHING_EARLIER, ride)[0])
        if _limited(tariff, rules, ride):
            fare = min(fare, limit)
        ride_most = max(ride_most, fare)
        # 3 km at 60 km/h last 180 s: metres times 3,600 by km/h are milliseconds.
        lasts_ms = metres * 3_600 // top_speed_kmh + pause_s * 1_000
        hour_most = max(hour_most, -(fare * -3_600_000 // lasts_ms))
    return Riding(ride_most, hour_most)


def _rides(pack: Pack, rules: Rules, at: int) -> Iterator[tuple[Ride, int]]:
    """Every kind of ride, and how many metres it leads at least."""
    for line in pack.lines.values():
        if (line.product, TapKind.SINGLE) in rules.places:
            yield from ((_ride(pack, line, stop, "", at), 0) for stop in line.stops)
        else:
            yield from _through_gates(pack, line, at)


def _through_gates(pack: Pack, line: Line, at: int) -> Iterator[tuple[Ride, int]]:
    """Between a line's stops and all others of its product; and from each without a tap at its
    end, to wherever the way is shortest."""
    stops = {stop for other in pack.lines.values() if other.product == line.product
             for stop in other.stops}  # fmt: skip
    for origin in line.stops:
        ways = {
            target: metres
            for target in stops
            if (metres := pack.network.distance_m(origin, target, line.product))
        }
        yield from ((_ride(pack, line, origin, to, at, ways[to]), ways[to]) for to in ways)
        left_out = replace(_ride(pack, line, origin, "", at), state=RideState.MISSING_EXIT)
        yield left_out, min(ways.values(), default=0)


def _ride(
    pack: Pack, line: Line, origin: str, target: str, at: int, metres: int | None = None
) -> Ride:
    ends = at + 1_800 * MICROS
    return Ride(
        ride_id=_NOBODY, city=pack.id, account="", account_type=1, mode=line.mode,
        product=line.product, operator=line.operator, line=line.id, entry_tap=_NOBODY,
        exit_tap=_NOBODY if target else None, entry_stop=origin, exit_stop=target, entry_ts=at,
        exit_ts=ends if target else at, distance_m=metres, state=RideState.COMPLETE,
        journey_id=_NOBODY, leg=0,
    )  # fmt: skip


def _limited(tariff: Tariff, rules: Rules, ride: Ride) -> bool:
    """Whether readers ask that field 9 covers what a ride from there can cost."""
    if rules.at(ride.product, TapKind.ENTRY).fare_most is not None:
        return True
    single = (ride.product, TapKind.SINGLE) in rules.places
    return single and tap_fare(tariff, ride.product, ride.line) is not None
