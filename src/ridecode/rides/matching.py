"""The one rule that makes rides of taps, and journeys of rides. Pure: no clock, no I/O.

Per product there is at most one entry that waits for its exit:

1.  A single tap is a ride of its own and disturbs no entry that waits.
2.  An entry waits for an exit of its product.
3.  An entry that finds another one waiting makes that one a MISSING_EXIT.
4.  An exit takes the entry that waits, if it comes at most `pair_within` after it: a ride,
    OVERTIME if it lasted longer than `overtime`.
5.  Where it comes later, the entry is a MISSING_EXIT and the exit a MISSING_ENTRY.
6.  An exit that finds no entry waiting is a MISSING_ENTRY.
7.  An entry that waits at the end of the taps is OPEN as long as `now` is at most `pair_within`
    after it, then a MISSING_EXIT.
8.  A ride of which both taps are there, but no way on the network leads from stop to stop, is an
    UNKNOWN_STOP, whatever its duration: nobody can tell its price yet.

So every accepted tap is in exactly one ride. Then, in order of (start, ride id):

9.  A ride continues the journey of the ride before it if the pack allows a transfer from the one's
    product to the other's and the start is at most that transfer's window after the end. Within
    one product the lines must differ as well.
10. The start of a MISSING_ENTRY and the end of a MISSING_EXIT or OPEN ride are not known, so no
    transfer is counted from or to there.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from ridecode.city import Network
from ridecode.core import Journey, Ride, RideState, Tap, TapKind
from ridecode.rides.rules import MatchingRules

_COMPLETE, _OPEN = RideState.COMPLETE, RideState.OPEN
_MISSING_EXIT, _MISSING_ENTRY = RideState.MISSING_EXIT, RideState.MISSING_ENTRY
_OVERTIME, _UNKNOWN_STOP = RideState.OVERTIME, RideState.UNKNOWN_STOP
_END_UNKNOWN = (_MISSING_EXIT, _OPEN)
_SINGLE, _ENTRY = TapKind.SINGLE, TapKind.ENTRY


_Pair = tuple[int, Tap, Tap | None, Tap | None, RideState, int | None]
"""The taps of one ride: the place of the first among all, by which pairs sort; that tap; entry,
exit, state, and metres between their stops."""


def match(
    taps: Sequence[Tap], rules: MatchingRules, network: Network, now: int
) -> tuple[Ride, ...]:
    """The rides of one account's accepted taps, given in order of (ts, tap_id), in order of
    (start, ride id). `now` is UTC epoch microseconds and decides rule 7 alone.
    """
    rides: list[Ride] = []
    before: Ride | None = None
    for pair in _pairs(taps, rules, network, now):
        before = _ride(pair, before, rules)
        rides.append(before)
    return tuple(rides)


def journeys(rides: Iterable[Ride]) -> tuple[Journey, ...]:
    """The journeys of matched rides, in the order of their first rides."""
    legs: dict[UUID, list[Ride]] = {}
    for ride in rides:
        legs.setdefault(ride.journey_id, []).append(ride)
    return tuple(
        Journey(
            journey_id=journey_id,
            rides=tuple(ride.ride_id for ride in chained),
            started=chained[0].start_ts,
            ended=max(ride.end_ts for ride in chained),
        )
        for journey_id, chained in legs.items()
    )


def _pairs(taps: Sequence[Tap], rules: MatchingRules, network: Network, now: int) -> list[_Pair]:
    """Rules 1 to 8: which taps belong together, in the order of their first taps."""
    pairs: list[_Pair] = []
    waiting: dict[str, tuple[int, Tap]] = {}
    for at, tap in enumerate(taps):
        if tap.kind is _SINGLE:
            pairs.append((at, tap, tap, None, _COMPLETE, None))
            continue
        entry_at, entry = waiting.pop(tap.product, _NOBODY)
        if tap.kind is _ENTRY:
            waiting[tap.product] = at, tap
        elif entry is not None and tap.ts - entry.ts <= rules.pair_within:
            metres = network.distance_m(entry.stop, tap.stop, tap.product)
            state = _closed(tap.ts - entry.ts, metres, rules)
            pairs.append((entry_at, entry, entry, tap, state, metres))
            continue
        else:
            pairs.append((at, tap, None, tap, _MISSING_ENTRY, None))
        if entry is not None:
            pairs.append((entry_at, entry, entry, None, _MISSING_EXIT, None))
    for entry_at, entry in waiting.values():
        state = _OPEN if now - entry.ts <= rules.pair_within else _MISSING_EXIT
        pairs.append((entry_at, entry, entry, None, state, None))
    pairs.sort()
    return pairs


_NOBODY: tuple[int, None] = (-1, None)


def _closed(took: int, metres: int | None, rules: MatchingRules) -> RideState:
    if metres is None:
        return _UNKNOWN_STOP
    return _OVERTIME if took > rules.overtime else _COMPLETE


def _ride(pair: _Pair, before: Ride | None, rules: MatchingRules) -> Ride:
    _, first, entry, exit_, state, distance_m = pair
    missing = state is _MISSING_EXIT or state is _MISSING_ENTRY
    journey_id, leg = first.tap_id, 0
    if before is not None and _continues(before, first, state, rules):
        journey_id, leg = before.journey_id, before.leg + 1
    return Ride(
        ride_id=first.tap_id,
        city=first.city,
        account=first.account,
        account_type=first.account_type,
        mode=first.mode,
        product=first.product,
        operator=first.operator,
        line=first.line,
        entry_tap=entry.tap_id if entry is not None else None,
        exit_tap=exit_.tap_id if exit_ is not None else None,
        entry_stop=entry.stop if entry is not None else "",
        exit_stop=exit_.stop if exit_ is not None else "",
        entry_ts=entry.ts if entry is not None else None,
        exit_ts=first.ts if first.kind is _SINGLE else exit_.ts if exit_ is not None else None,
        distance_m=distance_m,
        state=state,
        journey_id=journey_id,
        leg=leg,
        remedy_until=first.ts + rules.remedy_within if missing else None,
    )


def _continues(before: Ride, first: Tap, state: RideState, rules: MatchingRules) -> bool:
    """Rules 9 and 10."""
    window = rules.transfers.get((before.product, first.product))
    if window is None or state is _MISSING_ENTRY or before.state in _END_UNKNOWN:
        return False
    if before.product == first.product and before.line == first.line:
        return False
    return 0 <= first.ts - before.end_ts <= window
