"""A day's taps: the same everywhere, in order, and of any rider alone."""

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest

from ridecode.core import Tap, TapKind, Verdict, tap_digest
from ridecode.sim import FLAWLESS, taps
from ridecode.sim.streams import CityDay, by_arrival, by_moment
from tests.sim.world import DAY, SATURDAY, WILD, city, flat, wild_pair


def _digest(some: list[Tap]) -> str:
    told = sha256()
    for tap in some:
        told.update(tap.tap_id.bytes + tap_digest(tap))
    return told.hexdigest()[:16]


@pytest.mark.parametrize(
    ("day", "count", "digest"),
    [(DAY, 2424, "194bf98496f6d34f"), (SATURDAY, 1259, "71088f9694b39614")],
)
def test_the_same_seed_gives_the_same_taps_on_every_machine(
    day: int, count: int, digest: str
) -> None:
    """Pinned: whoever changes what a seed means changes these on purpose."""
    found = flat(taps(city(rates=WILD), day))
    assert (len(found), _digest(found)) == (count, digest)


def test_another_seed_or_day_is_another_city() -> None:
    found = [_digest(flat(taps(city(60, seed), day))) for seed, day in ((1, 1), (2, 1), (1, 2))]
    assert len(set(found)) == 3


def test_ids_are_told_apart_and_carry_their_moment() -> None:
    found = flat(taps(city(rates=WILD), DAY))
    assert len({tap.tap_id for tap in found}) == len(found)
    assert all(tap.tap_id.version == 7 for tap in found)
    assert all(tap.tap_id.int >> 80 == tap.ts // 1_000 for tap in found)


def test_taps_come_in_order_of_arrival_and_some_come_late() -> None:
    whole = CityDay(city(2_000), DAY)
    arrivals = np.concatenate([by_arrival(some) for some in whole.ordered(by_arrival)])
    assert (np.diff(arrivals) >= 0).all()
    waits = np.concatenate([some["wait"] for some in whole.ordered(by_moment)])
    assert waits.min() >= 150
    assert 0 < (waits > 600_000).sum() < len(waits) // 10


def test_any_rider_may_be_made_alone_and_in_any_order() -> None:
    here, _ = wild_pair()
    whole = CityDay(here, DAY)
    _, every, _ = whole.of_range(0)
    riders = np.unique(every["rider"].astype(np.int64))
    for some in (riders[5:6], riders[40:60][::-1], riders[-3:]):
        _, alone, _ = whole.some(some)
        together = every[np.isin(every["rider"], some)]
        assert sorted(alone.tolist()) == sorted(together.tolist())


def test_a_large_day_through_files_is_the_same_as_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = _digest(flat(taps(city(rates=WILD), DAY)))
    monkeypatch.setattr("ridecode.sim.streams.RANGE", 64)
    monkeypatch.setattr("ridecode.sim.streams._HELD_MOST", 100)
    assert _digest(flat(taps(city(rates=WILD), DAY))) == expected


def test_in_a_flawless_city_every_ride_is_whole() -> None:
    found = flat(taps(city(rates=FLAWLESS), DAY))
    assert {tap.verdict for tap in found} == {Verdict.ACCEPTED}
    kinds = Counter(tap.kind for tap in found)
    assert kinds[TapKind.ENTRY] == kinds[TapKind.EXIT] > 500
    assert kinds[TapKind.SINGLE] > 50


def test_all_of_it_lies_within_the_business_day() -> None:
    calendar = city().pack.calendar
    for day in (DAY, SATURDAY):
        assert {calendar.day(tap.ts) for tap in flat(taps(city(), day))} == {day}


def test_places_are_those_of_the_pack() -> None:
    pack = city().pack
    for tap in flat(taps(city(rates=WILD), DAY)):
        line = pack.lines[tap.line]
        assert tap.stop in line.stops
        assert (tap.mode, tap.product, tap.operator) == (line.mode, line.product, line.operator)
        assert (tap.vehicle != "") == (tap.kind is TapKind.SINGLE)


def test_working_days_peak_twice_and_days_off_once() -> None:
    def by_hour(day: int) -> Counter[int]:
        midnight = city(4_000).midnight(day)
        found = flat(taps(city(4_000), day))
        return Counter(
            (tap.ts - midnight) // 3_600_000_000 for tap in found if tap.kind is TapKind.ENTRY
        )

    friday, saturday = by_hour(DAY), by_hour(SATURDAY)
    assert min(friday[8], friday[18]) > 2 * friday[13]
    assert max(saturday, key=lambda hour: saturday[hour]) in range(9, 20)
    assert sum(saturday.values()) < sum(friday.values())
