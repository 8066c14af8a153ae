"""The road itself: what an honest rider sees, so that what the attacks see means something."""

from ridecode.core import TapKind, Verdict
from tests.attacks.city import GANGXIA, LUOHU
from tests.attacks.world import Road


def test_an_honest_ride_is_charged_once_and_nothing_is_held_against_anybody(road: Road) -> None:
    rider = road.rider(1)
    entry, leave = road.gate("in", LUOHU), road.gate("out", GANGXIA, TapKind.EXIT)
    assert entry.read(rider.code(road.now)) is Verdict.ACCEPTED
    road.wait(1_200)
    assert leave.read(rider.code(road.now)) is Verdict.ACCEPTED
    for gate in (entry, leave):
        gate.upload()
        assert gate.beat(1) == []
    road.settle()
    assert road.rides(rider.account) == [("COMPLETE", LUOHU, GANGXIA, 285)]
    assert (road.aside(rider.account), road.quarantine(), road.alarms()) == ([], [], [])
