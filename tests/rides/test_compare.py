"""Our fares beside charged ones: every imported pair is counted once, whatever became of it."""

from msgspec.structs import replace

from ridecode.core import Tap, TapSource
from ridecode.rides import compare_charged
from ridecode.store import Cell
from ridecode.taps import Charged, record
from ridecode.taps.recording import Told, record_told
from tests.rides.city import city_taps, matched, rated, tariffs


def imported(cell: Cell, texts: str, fares: dict[int, int], account: str, first: int) -> None:
    """Taps as of a file; `fares` by the number of the exit."""
    told = [
        Told(_imported(tap), Charged(fares[tap.tap_id.int], 0, False))
        if tap.tap_id.int in fares
        else Told(_imported(tap))
        for tap in city_taps(cell, texts, account, first)
    ]
    with cell.connection() as conn:
        record_told(conn, told)


def _imported(tap: Tap) -> Tap:
    return replace(tap, source=TapSource.IMPORT)


def test_every_pair_is_in_one_of_three_groups(cell: Cell) -> None:
    imported(cell, "8:00 metro+a, 8:20 metro-b", {2: 200}, "exact", 1)
    imported(cell, "8:00 metro+a, 8:20 metro-c", {12: 200}, "other fare", 11)
    imported(cell, "8:00 metro+a, 8:20 metro-", {22: 200}, "unknown", 21)
    imported(cell, "8:00 metro+a, 14:00 metro-b", {32: 200}, "too far apart for a ride", 31)
    imported(cell, "8:00 metro+a, 8:20 metro-b", {}, "the file says nothing", 41)
    imported(cell, "8:00 metro+a, 8:10 bus., 8:20 metro-b", {53: 200}, "a bus between", 51)
    imported(cell, "8:00 metro+a, 8:20 metro+b, 9:00 bus.", {}, "no pair", 61)
    record(cell, city_taps(cell, "8:00 metro+a, 8:20 metro-b", "not imported", 71))
    matched(cell)
    rated(cell)

    compared = compare_charged(cell, tariffs())
    assert (compared.taps, compared.rejected) == (18, 0)
    assert (compared.metro_pairs, compared.exact, compared.unknown_station) == (6, 2, 1)
    differing = [
        (one.ride_id.int, one.distance_m, one.ours, one.theirs) for one in compared.differing
    ]
    assert differing == [(11, 2_250, 300, 200), (31, None, None, 200), (41, 1_120, 200, None)]


def test_before_matching_every_pair_differs(cell: Cell) -> None:
    imported(cell, "8:00 metro+a, 8:20 metro-b", {2: 200}, "1", 1)
    (one,) = compare_charged(cell, tariffs()).differing
    assert (one.ours, one.theirs) == (None, 200)


def test_discounts_and_caps_are_not_compared(cell: Cell) -> None:
    """The tenth metro ride of a day is free here by the cap; its full fare is what is compared."""
    texts = ", ".join(f"{hour}:00 metro+a, {hour}:20 metro-b" for hour in range(6, 16))
    imported(cell, texts, dict.fromkeys(range(2, 21, 2), 200), "1", 1)
    matched(cell)
    rated(cell)
    compared = compare_charged(cell, tariffs())
    assert (compared.metro_pairs, compared.exact) == (10, 10)
