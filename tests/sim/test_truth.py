"""The truth stands apart, and what the road makes of the taps can be held against it."""

from collections import defaultdict
from uuid import UUID

import numpy as np

from ridecode.core import RideState, Tap, TapKind, Verdict
from ridecode.rides import match
from ridecode.rides.rules import read_rules
from ridecode.sim import FOREIGN, Attack, Fault, Kind, Purpose, TrueRide, Truth, taps
from tests.sim.world import DAY, SATURDAY, city, flat, wild_pair

_Found = tuple[str, str, str, int, int]


def _order(tap: Tap) -> tuple[int, UUID]:
    return tap.ts, tap.tap_id


def _true(ride: TrueRide) -> _Found:
    return ride.account, ride.origin, ride.target, ride.begin, ride.end


def test_matching_finds_the_rides_that_were() -> None:
    """Every ride through gates without a fault, and no other: rides.match against the truth."""
    here = city()
    by_account: dict[str, list[Tap]] = defaultdict(list)
    for tap in flat(taps(here, DAY)):
        if tap.verdict.accepted:
            by_account[tap.account].append(tap)
    rules, network = read_rules(here.pack), here.pack.network
    found = [
        ride
        for some in by_account.values()
        for ride in match(
            sorted(some, key=lambda tap: (tap.ts, tap.tap_id)), rules, network, 1 << 60
        )
    ]
    told = [ride for part in Truth(here, DAY).told() for ride in part.rides]
    through_gates = [ride for ride in told if not ride.line]
    whole = [ride for ride in through_gates if ride.fault not in (Fault.DEAD_BATTERY, Fault.LET_IN)]
    complete = {
        (ride.account, ride.entry_stop, ride.exit_stop, ride.entry_ts, ride.exit_ts)
        for ride in found
        if ride.state is RideState.COMPLETE and ride.product == "metro"
    }
    assert complete == {_true(ride) for ride in whole}
    assert len(complete) > 500
    missing = [ride for ride in found if ride.state.is_exception]
    assert len(missing) == len(through_gates) - len(whole)
    singles = sum(ride.product == "bus" for ride in found)
    assert singles == sum(1 + ride.party for ride in told if ride.product == "bus")


def test_a_riders_days_are_told_alone() -> None:
    here, _ = wild_pair()
    together = [ride for part in Truth(here, DAY).told() for ride in part.rides]
    wanted = {3, 4, 250, FOREIGN | 20, FOREIGN | 21}
    alone = Truth(here, DAY).of(wanted)
    assert sorted(alone.rides, key=_true) == sorted(
        (ride for ride in together if ride.rider in wanted), key=_true
    )


def test_nobody_is_in_two_cities_on_one_day() -> None:
    here, there = wild_pair()
    for day in (DAY, SATURDAY):
        own = {r.rider for part in Truth(here, day).told() for r in part.rides}
        beside = {r.rider for part in Truth(there, day).told() for r in part.rides}
        visiting_there = {rider & ~FOREIGN for rider in beside if rider & FOREIGN}
        visiting_here = {rider & ~FOREIGN for rider in own if rider & FOREIGN}
        assert visiting_there
        assert visiting_here
        assert not visiting_there & own
        assert not visiting_here & beside


def test_a_visitor_rides_on_the_account_of_home() -> None:
    here, there = wild_pair()
    told = [ride for part in Truth(here, DAY).told() for ride in part.rides]
    visitors = [ride for ride in told if ride.rider & FOREIGN]
    assert all(ride.account.startswith(there.home.iin) for ride in visitors)
    assert all(ride.kind is Kind.TOURIST for ride in visitors)
    assert all(there.account(ride.rider & ~FOREIGN) == ride.account for ride in visitors)
    assert all(here.rider(ride.account) == ride.rider for ride in told)


def test_riders_do_what_their_kind_does() -> None:
    told = [r for part in Truth(city(3_000), DAY).told() for r in part.rides if not r.line]
    by_kind: dict[Kind, set[Purpose]] = defaultdict(set)
    for ride in told:
        by_kind[ride.kind].add(ride.purpose)
    assert Purpose.WORK in by_kind[Kind.COMMUTER]
    assert Purpose.SCHOOL in by_kind[Kind.STUDENT]
    assert by_kind[Kind.TOURIST] == {Purpose.SIGHTS, Purpose.HOME}
    assert set(by_kind) == set(Kind)
    hours = [
        (ride.begin - city(3_000).midnight(DAY)) // 3_600_000_000
        for ride in told
        if ride.kind is Kind.NIGHT_WORKER and ride.purpose is Purpose.WORK
    ]
    assert min(hours) >= 18


def test_rides_of_one_rider_follow_one_another() -> None:
    last: dict[int, int] = {}
    for part in Truth(city(), DAY).told():
        for ride in sorted(part.rides, key=lambda ride: ride.begin):
            assert ride.begin < ride.end
            assert ride.begin > last.get(ride.rider, 0)
            last[ride.rider] = ride.end


def test_misdeeds_are_told_with_who_suffers_them() -> None:
    here, _ = wild_pair()
    parts = list(Truth(here, DAY).told())
    deeds = [deed for part in parts for deed in part.misdeeds]
    assert {deed.attack for deed in deeds} == {attack for attack in Attack if attack.of_riders}
    tapped = {(tap.ts, tap.validator) for tap in flat(taps(here, DAY))}
    assert all((deed.ts, deed.validator) in tapped for deed in deeds)
    reports = {(one.rider, one.why): one for part in parts for one in part.reports}
    stolen = [deed for deed in deeds if deed.attack is Attack.STOLEN_PHONE]
    assert {(deed.victim, deed.attack) for deed in stolen} <= set(reports)
    knew = 0
    for deed in stolen:
        first = min(one.denied_from for one in reports.values() if one.rider == deed.victim)
        assert deed.ts >= first or deed.verdict.accepted
        knew += not deed.verdict.accepted
    assert 0 < knew < len(stolen)


def test_a_revoked_account_passes_nowhere_that_has_heard_of_it() -> None:
    """Not for its own rider either; the truth says that the ride was paid otherwise."""
    here, _ = wild_pair()
    parts = list(Truth(here, DAY).told())
    denied: dict[str, int] = {}
    for one in (one for part in parts for one in part.reports):
        account = here.account(one.rider)
        denied[account] = min(denied.get(account, one.denied_from), one.denied_from)
    last_cut = max(outage.end for outage in Truth(here, DAY).offline())
    late = [tap for tap in flat(taps(here, DAY)) if tap.ts >= denied.get(tap.account, last_cut + 1)]
    assert sum(tap.verdict is Verdict.DENIED for tap in late) > len(late) // 2
    revoked = [r for part in parts for r in part.rides if r.fault is Fault.REVOKED]
    assert revoked
    assert all(ride.end >= denied[ride.account] for ride in revoked)


def test_singles_and_exits_are_where_the_truth_says() -> None:
    here = city()
    told = {(r.account, r.begin): r for part in Truth(here, DAY).told() for r in part.rides}
    for tap in flat(taps(here, DAY)):
        ride = told.get((tap.account, tap.ts))
        if ride is not None and tap.kind is TapKind.SINGLE:
            assert (tap.line, tap.stop) == (ride.line, ride.origin)


def test_outages_are_told() -> None:
    truth = Truth(city(), DAY)
    readers = len(city().world.readers)
    for outages in (truth.offline(), truth.dark()):
        assert outages
        assert all(0 <= one.reader < readers and one.begin < one.end for one in outages)
    assert np.unique([one.reader for one in truth.dark()]).size == len(truth.dark())
