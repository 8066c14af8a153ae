"""Copies of a code that somebody really made: a picture of it, the same with another byte, a relay.

No lane knows what another has just seen. A station knows; the centre knows in the end.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest

from ridecode.core import TapKind, Verdict
from ridecode.riders import StoppedPhoneError
from ridecode.validator import Peril
from ridecode.validator.device.tiers import Tier
from tests.attacks.city import AIRPORT, GANGXIA, LUOHU, Phone, bounds
from tests.attacks.world import Road
from tests.validator.device.test_station import linked, serving, until

IN, OUT = TapKind.ENTRY, TapKind.EXIT
FARE: Final = 285
"""Luohu to Gangxia, in fen."""


def relabelled(code: bytes) -> bytes:
    """The same code with another format byte, which no signature covers."""
    return code[:-65] + bytes((code[-65] ^ 0x5A,)) + code[-64:]


@contextmanager
def peers(count: int) -> Iterator[list[Tier]]:
    """Links of so many gates to one station."""
    with ExitStack() as stack:
        station = stack.enter_context(serving())
        made = [stack.enter_context(linked(station.server_address[1])) for _ in range(count)]
        until(lambda: all(peer.linked for peer in made))
        yield list(made)


def _lost(copies: int) -> int:
    """What so many who rode Luohu to Gangxia on copies cost, held against the printed bound."""
    (bound,) = (one for one in bounds().bounds if one.peril is Peril.SHARED_CODE)
    lost = copies * FARE
    assert lost <= copies * bounds().riding.ride_most
    assert bound.online == bounds().assumed.persons * bounds().riding.ride_most
    return lost


def _rides(road: Road, rider: Phone, lanes: int) -> None:
    """The rider enters and leaves; whoever has the pictures, in the lanes beside, 8 s later."""
    ways = ((IN, LUOHU), (OUT, GANGXIA))
    gates = [[road.gate(f"{stop}-{n}", stop, kind) for n in range(lanes)] for kind, stop in ways]
    for at in gates:
        code = rider.code(road.now)
        for gate in at:
            assert gate.read(code) is Verdict.ACCEPTED
            road.wait(8)
        assert {gate.read(code) for gate in at} == {Verdict.SAME_CODE}
        road.wait(1_200)
    for at in gates:
        for gate in at:
            gate.upload()


def test_a_screenshot_in_the_same_lane(road: Road) -> None:
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    code = rider.code(road.now)
    told = []
    for pause_s in (0, 1, 2, 57, 1):
        road.wait(pause_s)
        told.append(gate.read(code))
    assert told == [
        Verdict.ACCEPTED, Verdict.DEBOUNCED, Verdict.SAME_CODE, Verdict.SAME_CODE,
        Verdict.CODE_EXPIRED,
    ]  # fmt: skip


def test_a_screenshot_at_another_gate(road: Road) -> None:
    """It opens each other lane once while it lives; the centre lets one tap of the code stand."""
    rider = road.rider(1)
    _rides(road, rider, lanes=2)
    late = road.gate("late", LUOHU)
    code = rider.code(road.now)
    road.wait(61)
    assert late.read(code) is Verdict.CODE_EXPIRED
    assert road.settle().suspicions == 2
    assert road.rides(rider.account) == [("COMPLETE", LUOHU, GANGXIA, FARE)]
    assert [why for why, _ in road.aside(rider.account)] == ["SAME_CODE", "SAME_CODE"]
    assert _lost(copies=1) == FARE


def test_a_screenshot_at_a_station_whose_gates_know_one_another(road: Road) -> None:
    rider = road.rider(1)
    with peers(2) as (one, other):
        first, second = (
            road.gate(f"in-{n}", LUOHU, station=tier) for n, tier in enumerate((one, other))
        )
        code = rider.code(road.now)
        assert first.read(code) is Verdict.ACCEPTED
        assert second.read(code) is Verdict.SAME_CODE
        assert second.read(relabelled(code)) is Verdict.SAME_CODE
        assert second.journal.head.opened == 0


def test_screenshots_again_and_again(road: Road) -> None:
    """The third copy that the centre finds stops the phone, whoever made the pictures."""
    rider = road.rider(1)
    _rides(road, rider, lanes=3)
    followed = road.settle()
    assert (followed.suspicions, followed.stopped) == (4, 1)
    road.publish()
    assert road.gate("next", AIRPORT).read(rider.code(road.now)) is Verdict.DENIED
    with pytest.raises(StoppedPhoneError):
        road.authorised(rider.account, rider.signer.public_key)
    assert _lost(copies=2) == 2 * FARE


def test_the_same_code_with_another_last_byte(road: Road) -> None:
    """No lane takes it for another code, and neither does the centre."""
    rider, gate, other = road.rider(1), road.gate("in", LUOHU), road.gate("beside", LUOHU)
    code = rider.code(road.now)
    assert gate.read(code) is Verdict.ACCEPTED
    road.wait(3)
    assert gate.read(relabelled(code)) is Verdict.SAME_CODE
    assert other.read(relabelled(code)) is Verdict.ACCEPTED
    changed = code[:-1] + bytes((code[-1] ^ 1,))
    assert other.read(changed) is Verdict.USER_SIGNATURE
    gate.upload()
    other.upload()
    assert road.settle().suspicions == 1
    assert [why for why, _ in road.aside(rider.account)] == ["SAME_CODE"]
    assert len(road.rides(rider.account)) == 1


def test_a_relayed_code(road: Road) -> None:
    """Shown five seconds later far away, at entry and exit: it opens, and is never charged."""
    rider = road.rider(1)
    own = road.gate("in", LUOHU), road.gate("out", GANGXIA, OUT)
    far = road.gate("far-in", AIRPORT), road.gate("far-out", LUOHU, OUT)
    for gate, elsewhere in zip(own, far, strict=True):
        code = rider.code(road.now)
        assert gate.read(code) is Verdict.ACCEPTED
        road.wait(5)
        assert elsewhere.read(code) is Verdict.ACCEPTED
        road.wait(1_800)
    for gate in (*far, *own):
        gate.upload()
    assert road.settle().suspicions == 2
    assert road.rides(rider.account) == [("COMPLETE", LUOHU, GANGXIA, FARE)]
    assert [why for why, _ in road.aside(rider.account)] == ["SAME_CODE", "SAME_CODE"]


def test_a_relayed_code_that_is_shown_before_its_owner_shows_it(road: Road) -> None:
    """The first stands: the rider pays for the thief's way in, at most the dearest ride of all."""
    rider = road.rider(1)
    far, own, out = (
        road.gate("far", AIRPORT), road.gate("in", LUOHU), road.gate("out", GANGXIA, OUT),
    )  # fmt: skip
    code = rider.code(road.now)
    assert far.read(code) is Verdict.ACCEPTED
    road.wait(5)
    assert own.read(code) is Verdict.ACCEPTED
    road.wait(1_800)
    assert out.read(rider.code(road.now)) is Verdict.ACCEPTED
    for gate in (far, own, out):
        gate.upload()
    road.settle()
    ((state, origin, target, paid),) = road.rides(rider.account)
    assert (state, origin, target) == ("COMPLETE", AIRPORT, GANGXIA)
    assert paid is not None and FARE < paid <= bounds().riding.ride_most
    assert [why for why, _ in road.aside(rider.account)] == ["SAME_CODE"]
