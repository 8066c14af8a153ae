"""What is set aside is stored with its versions, told once, and comes back when it may."""

from uuid import UUID

from msgspec import msgpack
from msgspec.structs import replace

from ridecode.core import Tap
from ridecode.rides import set_aside, set_aside_of, set_aside_versions
from ridecode.store import Cell, log
from ridecode.taps import record
from tests.rides.city import LATER, city_taps, in_one_pass, matched, pack, rated, settled
from tests.rides.test_stored import known


def coded(taps: list[Tap], *codes: int) -> list[Tap]:
    """With these codes, each read by a reader of its own."""
    return [
        replace(tap, code_time=code, validator=f"reader {number}")
        for number, (tap, code) in enumerate(zip(taps, codes, strict=True))
    ]


def told(cell: Cell) -> list[list[object]]:
    with cell.connection() as conn:
        batches = log.read(conn, "taps.set_aside", 0)
    return [one for batch in batches for one in msgpack.decode(batch.body)]


def test_a_copied_code_is_in_no_ride_and_is_listed(cell: Cell) -> None:
    entry, copy, exit_ = coded(city_taps(cell, "8:00 metro+a, 8:01 metro+a, 8:20 metro-b"), 1, 1, 2)
    report, _ = settled(cell, [entry, copy, exit_])
    assert (report.added, report.set_aside) == (1, 1)
    assert known(cell) == "1:COMPLETE 200"
    (one,) = set_aside(cell, 10)
    assert (one.tap_id.int, one.why.name, one.against.int) == (2, "SAME_CODE", 1)
    assert (one.account, one.ts, one.version, one.superseded_at) == ("1", copy.ts, 1, None)
    assert set_aside_of(cell, "1", 10) == [one]
    assert set_aside_of(cell, "2", 10) == []
    assert told(cell) == [[copy.tap_id.bytes, "1", 1, copy.ts]]


def test_a_late_first_use_takes_the_place_of_the_copy(cell: Cell) -> None:
    """The copy came in first and was a ride; then comes what was read before it."""
    first, copy = coded(city_taps(cell, "8:00 bus., 8:01 bus.@m5"), 1, 1)
    settled(cell, [copy])
    assert known(cell) == "2:COMPLETE 200"
    report, prices = settled(cell, [first])
    assert (report.added, report.removed, report.set_aside) == (1, 1, 1)
    assert (prices.removed, prices.difference) == (1, 0)
    assert known(cell) == "1:COMPLETE 200"
    assert [one.against.int for one in set_aside_versions(cell, copy.tap_id)] == [1]


def test_a_reason_that_changes_is_a_new_version_and_told_again(cell: Cell) -> None:
    """c is too soon after a; then a tap at c comes in with its code, from before a."""
    taps = coded(city_taps(cell, "7:50 metro+c, 8:00 metro+a, 8:01 metro-c"), 1, 2, 1)
    settled(cell, taps[1:])
    settled(cell, taps[:1])
    in_one_pass(cell)
    first, second = set_aside_versions(cell, UUID(int=3))
    assert (first.why.name, first.against.int, first.superseded_at) == ("TWO_PLACES", 2, LATER)
    assert (second.why.name, second.against.int, second.version) == ("SAME_CODE", 1, 2)
    assert [row[2] for row in told(cell)] == [2, 1]


def test_what_stands_again_is_in_history_and_counts_on(cell: Cell) -> None:
    """The tap at a, from which c was too far, is itself found to be a copy: c stands again."""
    taps = coded(city_taps(cell, "7:50 bus., 8:00 metro+a, 8:01 metro+c"), 2, 2, 3)
    settled(cell, taps[1:])
    assert known(cell) == "2:MISSING_EXIT 700"
    settled(cell, taps[:1])
    assert known(cell) == "1:COMPLETE 200; 3:MISSING_EXIT 700"
    assert [(one.tap_id.int, one.why.name) for one in set_aside(cell, 10)] == [(2, "SAME_CODE")]
    (gone,) = set_aside_versions(cell, UUID(int=3))
    assert (gone.version, gone.superseded_at) == (1, LATER)


def test_another_top_speed_judges_everything_again(cell: Cell) -> None:
    from ridecode.rides import match_all
    from tests.rides.city import _MATCHING

    settled(cell, city_taps(cell, "8:00 metro+a, 8:02 metro-c"))
    assert known(cell) == "1:MISSING_EXIT 700"
    faster = pack(matching=_MATCHING.replace("top_speed_kmh = 30", "top_speed_kmh = 300"))
    report = match_all(cell, faster, LATER, lambda done, total: None)
    assert (report.changed, report.set_aside) == (1, 0)
    rated(cell)
    assert known(cell) == "1:COMPLETE 300"
    assert set_aside(cell, 10) == []


def test_again_with_nothing_new_writes_nothing(cell: Cell) -> None:
    record(cell, coded(city_taps(cell, "8:00 bus., 8:01 bus."), 1, 1))
    assert matched(cell).set_aside == 1
    assert matched(cell).accounts == 0
    assert len(told(cell)) == 1
