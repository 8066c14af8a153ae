"""补登: what a rider may supply, and what is refused because the rule would not pair it."""

from uuid import UUID

import pytest

from ridecode.core import ConflictError, NotFoundError, RefusedError, RidecodeError
from ridecode.rides import ride, ride_versions, supply
from ridecode.store import Cell
from ridecode.taps import taps_of
from tests.rides.city import MIDNIGHT, city_taps, matched, pack, rated, settled
from tests.rides.taps import at

NOW = MIDNIGHT + at("20:00")


def supplied(cell: Cell, number: int, stop: str, clock: str, now: int = NOW) -> UUID:
    return supply(cell, pack(), UUID(int=number), stop, MIDNIGHT + at(clock), now)


def test_a_missing_exit_is_supplied_by_name_and_the_ride_is_whole(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 metro+a"))
    healed = supplied(cell, 1, "丙", "8:40")
    matched(cell, NOW)
    rated(cell, now=NOW)
    found = ride(cell, healed)
    assert healed == UUID(int=1)
    assert (found.state.name, found.exit_stop, found.distance_m) == ("COMPLETE", "c", 2250)
    assert found.remedy_until is None
    assert taps_of(cell, "1")[1].source.name == "RIDER"


def test_a_missing_entry_is_supplied_and_becomes_the_first_tap(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:40 metro-c"))
    healed = supplied(cell, 1, "a", "8:00")
    matched(cell, NOW)
    assert (ride(cell, healed).state.name, ride(cell, healed).entry_stop) == ("COMPLETE", "a")
    with pytest.raises(NotFoundError):
        ride(cell, UUID(int=1))


@pytest.mark.parametrize("texts", ["8:00 metro+a", "8:40 metro-b"])
def test_the_same_again_is_harmless_before_and_after_matching(cell: Cell, texts: str) -> None:
    settled(cell, city_taps(cell, texts))
    stop, clock = ("b", "8:20") if "+" in texts else ("a", "8:20")
    first = supplied(cell, 1, stop, clock)
    assert supplied(cell, 1, stop, clock) == first
    matched(cell, NOW)
    assert supplied(cell, 1, stop, clock) == first
    assert len(taps_of(cell, "1")) == 2
    assert len(ride_versions(cell, first)) == (2 if "+" in texts else 1)


def test_another_tap_for_the_same_ride_is_a_contradiction(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 metro+a"))
    supplied(cell, 1, "b", "8:20")
    with pytest.raises(ConflictError):
        supplied(cell, 1, "c", "8:20")
    assert len(taps_of(cell, "1")) == 2


REFUSED: list[tuple[str, str, int, str, str, str, type[RidecodeError]]] = [
    ("a minute late", "8:00 metro+a", 1, "b", "8:20", "32:01", RefusedError),
    ("nothing is missing", "8:00 bus.", 1, "b", "8:20", "20:00", RefusedError),
    ("before the entry", "8:00 metro+a", 1, "b", "7:59", "20:00", RefusedError),
    ("longer than anybody stays", "8:00 metro+a", 1, "b", "12:01", "20:00", RefusedError),
    ("after the next entry", "8:00 metro+a, 9:00 metro+b", 1, "b", "9:10", "20:00", RefusedError),
    ("in the future", "8:00 metro+a", 1, "b", "8:20", "8:19", RefusedError),
    ("after the exit", "8:40 metro-b", 1, "a", "8:41", "20:00", RefusedError),
    ("inside another ride", "8:00 metro+a, 8:20 metro-b, 8:40 metro-c", 3, "a", "8:10", "20:00",
     RefusedError),
    ("no such stop", "8:00 metro+a", 1, "z", "8:20", "20:00", NotFoundError),
    ("no such ride", "8:00 metro+a", 9, "b", "8:20", "20:00", NotFoundError),
    ("the other stop is not known", "8:00 metro+", 1, "b", "8:20", "20:00", RefusedError),
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "number", "stop", "clock", "now", "error"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
def test_what_heals_nothing_is_refused_and_not_recorded(
    cell: Cell, texts: str, number: int, stop: str, clock: str, now: str, error: type[RidecodeError]
) -> None:
    taps = city_taps(cell, texts)
    settled(cell, taps)
    with pytest.raises(error):
        supplied(cell, number, stop, clock, MIDNIGHT + at(now))
    assert taps_of(cell, "1") == taps


def test_the_last_moment_of_the_window_is_in_it(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 metro+a"))
    assert supplied(cell, 1, "b", "8:20", MIDNIGHT + at("32:00")) == UUID(int=1)
