"""The population that is measured, and the bench itself in small."""

from collections import Counter

from ridecode.city import load_pack
from ridecode.core import TapKind
from ridecode.rides import bench_live, bench_match
from ridecode.rides.population import Population
from tests.rides.city import MIDNIGHT


def test_a_population_is_the_same_from_the_same_seed_and_comes_in_order() -> None:
    pack = load_pack("shenzhen")
    days = list(Population(pack, 2_000, MIDNIGHT, 7).days())
    assert days == list(Population(pack, 2_000, MIDNIGHT, 7).days())
    assert days != list(Population(pack, 2_000, MIDNIGHT, 8).days())
    assert len(days) == 7
    for taps in days:
        assert [tap.ts for tap in taps] == sorted(tap.ts for tap in taps)
    every = [tap for taps in days for tap in taps]
    assert len({tap.tap_id for tap in every}) == len(every)


def test_so_many_rides_come_of_it() -> None:
    """2,000 asked for; a ride begins with an entry or is a single tap. Some exits are lost."""
    every = [
        tap
        for taps in Population(load_pack("shenzhen"), 2_000, MIDNIGHT, 7).days()
        for tap in taps
    ]  # fmt: skip
    kinds = Counter(tap.kind for tap in every)
    assert abs(kinds[TapKind.ENTRY] + kinds[TapKind.SINGLE] - 2_000) < 150
    assert 0 < kinds[TapKind.ENTRY] - kinds[TapKind.EXIT] < 60


def test_the_bench_in_small_tells_what_it_did() -> None:
    found = bench_match(sizes=(1_000,))
    assert [step.name for step in found.steps] == ["match and rate", "copy, no rule"]
    assert all(abs(step.rides - 1_000) < 150 for step in found.steps)
    # The system counts in hundredths of a second: a copy of a thousand rows may take none.
    assert all(step.server_cpu_s >= 0 and step.own_cpu_s >= 0 for step in found.steps)
    assert found.steps[0].own_cpu_s > 0
    assert [bar.name for bar in found.bars] == [
        "rides a second", "CPU µs a ride", "MiB in our processes", "CPU a ride, largest ÷ smallest",
    ]  # fmt: skip
    assert found.bars[-1].measured == 1.0


def test_the_live_bench_in_small_tells_what_it_did() -> None:
    """A hundred rides a second for two seconds: all of them end in prices, and the lag is told."""
    found = bench_live(seconds=2, rides_per_s=100)
    assert 150 < found.rides < 250
    assert found.arriving_s > 1.5
    assert 0 < found.lag_s_median <= found.lag_s_most
    assert found.passes > 0
    assert found.versions_a_ride >= 1
    assert [bar.name for bar in found.bars] == [
        "rides a second, arriving", "seconds behind at most", "seconds until the last is priced",
    ]  # fmt: skip
