"""A copied key, and what can be done without one."""

from typing import Final

import pytest
from msgspec.structs import replace

from ridecode.code import KeySigner
from ridecode.core import TapKind, Verdict
from ridecode.riders import MadeBy, StoppedPhoneError, bind
from ridecode.validator import Peril
from tests.attacks.city import AIRPORT, GANGXIA, LUOHU, RULES, WINDOW, Phone, bounds, phone
from tests.attacks.world import Gate, Road, rewritten

IN, OUT = TapKind.ENTRY, TapKind.EXIT
TWO: Final = ["TWO_PLACES"]


def _enters(road: Road, gates: list[Gate], rider: Phone) -> list[Verdict | None]:
    """Somebody with the key at each gate within a minute, each with a code of their own."""
    told = []
    for gate in gates:
        told.append(gate.read(rider.code(road.now)))
        road.wait(20)
    return told


def test_a_cloned_key_at_two_gates(road: Road) -> None:
    """Both open; the second is never charged; the third such tap stops the key everywhere."""
    rider = road.rider(1)
    gates = [road.gate("in", LUOHU), road.gate("far", AIRPORT)]
    shown = 0
    for hour in range(3):
        assert _enters(road, gates, rider) == [Verdict.ACCEPTED, Verdict.ACCEPTED]
        shown += 1
        for gate in gates:
            gate.upload()
        followed = road.settle()
        assert (followed.suspicions, followed.stopped) == (1, int(hour == 2))
        road.wait(1_800)
    assert [why for why, _ in road.aside(rider.account)] == 3 * TWO
    road.publish()
    assert _enters(road, gates, rider) == [Verdict.DENIED, Verdict.DENIED]
    with pytest.raises(StoppedPhoneError):
        road.authorised(rider.account, rider.signer.public_key)
    (bound,) = (one for one in bounds().bounds if one.peril is Peril.CLONED_KEY)
    assert shown == bounds().assumed.clones
    assert shown * bounds().riding.ride_most <= bound.online


def test_the_rider_of_a_cloned_key_rides_on_with_a_new_one(road: Road) -> None:
    rider = road.rider(1)
    gates = [road.gate("in", LUOHU), road.gate("far", AIRPORT)]
    for _ in range(3):
        _enters(road, gates, rider)
        road.wait(1_800)
    for gate in gates:
        gate.upload()
    assert road.settle().stopped == 1
    new = phone(99)
    bound = bind(road.cell, RULES, rider.account, new.public_key, MadeBy.DEVICE, road.now)
    road.now = bound.usable_from
    road.publish()
    fields = road.authorised(rider.account, new.public_key)
    assert gates[0].read(Phone(rider.account, fields, new).code(road.now)) is Verdict.ACCEPTED


def test_two_hands_on_one_key_that_never_contradict_one_another(road: Road) -> None:
    """One rides after the other, as one person could: nobody can tell but the rider, who pays."""
    rider = road.rider(1)
    ways = [("a", LUOHU, IN), ("b", GANGXIA, OUT), ("c", WINDOW, IN), ("d", AIRPORT, OUT)]
    for name, stop, kind in ways:
        gate = road.gate(name, stop, kind)
        assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED
        gate.upload()
        road.wait(1_800)
    assert road.settle().suspicions == 0
    assert [row[:3] for row in road.rides(rider.account)] == [
        ("COMPLETE", LUOHU, GANGXIA), ("COMPLETE", WINDOW, AIRPORT),
    ]  # fmt: skip


def test_an_authorisation_without_its_key(road: Road) -> None:
    """Fields 1 to 15 can be read off any code; without the key no lane takes what is made of them,
    and neither does the centre where a reader in bad hands says that it did."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    thief = KeySigner(KeySigner.new_scalar())
    signed = rider.fields + (road.now // 1_000_000).to_bytes(4, "big")
    forged = signed + b"\x15" + thief.sign(signed, b"1234567812345678")
    assert gate.read(forged) is Verdict.USER_SIGNATURE
    batch = gate.waiting()
    (tap,) = batch.taps
    lie = rewritten(batch, [replace(tap, verdict=Verdict.ACCEPTED)])
    assert gate.tell(lie) == ["ACCEPTED"]
    followed = road.settle()
    assert road.quarantine() == [("CODE_REFUSED", "USER_SIGNATURE", "in")]
    assert (road.rides(rider.account), followed.suspicions) == ([], 0)
