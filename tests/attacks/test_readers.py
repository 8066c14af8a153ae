"""Readers in bad hands: what they upload, and what they leave out."""

from typing import Final

import pytest
from msgspec.structs import replace

from ridecode import taps
from ridecode.core import Tap, TapKind, Verdict, derived_id, device
from ridecode.taps import UnknownDeviceError
from tests.attacks.city import GANGXIA, LUOHU, Phone, S
from tests.attacks.world import Gate, Road, after, rewritten

OUT: Final = TapKind.EXIT


def _reads(road: Road, gate: Gate, count: int) -> list[Phone]:
    """So many riders pass, a second apart."""
    riders = [road.rider(person) for person in range(1, count + 1)]
    for rider in riders:
        assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED
        road.wait(1)
    return riders


def _told_anew(tap: Tap, ts: int, code: bytes | None = None) -> Tap:
    """A reading that never was, made of one that was."""
    seen = tap.code if code is None else code
    return replace(tap, tap_id=derived_id(ts, tap.tap_id.bytes + seen), ts=ts, code=seen)


def test_a_revoked_device_that_goes_on(road: Road) -> None:
    """What it sends is kept and heard, and stands for nothing; what stood before stands on."""
    gate = road.gate("in", LUOHU)
    before, later = _reads(road, gate, 2)
    batch = gate.waiting()
    first = replace(batch, taps=batch.taps[:1])
    assert gate.tell(first) == ["ACCEPTED"]
    taps.revoke(road.cell, "in", "stolen", road.now)
    assert gate.tell(batch) == ["DUPLICATE", "DEVICE_REVOKED"]
    assert gate.tell(after(batch, _told_anew(batch.taps[0], road.now))) == ["DEVICE_REVOKED"]
    assert gate.beat() == ["REVOKED_STILL_TALKING"]
    road.settle()
    assert len(road.rides(before.account)) == 1
    assert road.rides(later.account) == []
    assert ("in", "REVOKED_STILL_TALKING") in road.alarms()


def test_a_tap_of_a_code_that_nobody_signed(road: Road) -> None:
    gate = road.gate("in", LUOHU)
    (rider,) = _reads(road, gate, 1)
    batch = gate.waiting()
    (tap,) = batch.taps
    forged = _told_anew(tap, road.now, tap.code[:-64] + bytes(64))
    other = replace(_told_anew(tap, road.now + 1), account="3104870499999999999")
    assert gate.tell(batch) == ["ACCEPTED"]
    assert gate.tell(after(batch, forged, other)) == ["ACCEPTED", "ACCEPTED"]
    followed = road.settle()
    assert road.quarantine() == [
        ("CODE_REFUSED", "USER_SIGNATURE", "in"), ("ACCOUNT_MISMATCH", "ACCEPTED", "in"),
    ]  # fmt: skip
    assert (followed.suspicions, len(road.rides(rider.account))) == (0, 1)


def test_an_old_tap_told_as_a_new_reading(road: Road) -> None:
    """Outside of its code's minute it does not stand; within it is its own code again."""
    gate = road.gate("in", LUOHU)
    (rider,) = _reads(road, gate, 1)
    batch = gate.waiting()
    (tap,) = batch.taps
    road.wait(1_800)
    told = [_told_anew(tap, tap.ts + at * S) for at in (1_800, 61, 50)]
    assert gate.tell(batch) == ["ACCEPTED"]
    assert gate.tell(after(batch, *told)) == 3 * ["ACCEPTED"]
    road.settle()
    assert road.quarantine() == 2 * [("TIME_OUTSIDE_CODE", "CODE_EXPIRED", "in")]
    assert road.aside(rider.account) == [("READ_AGAIN", told[2].tap_id)]
    assert len(road.rides(rider.account)) == 1


def test_readings_told_again_and_again_stop_no_phone(road: Road) -> None:
    """No fare is charged twice, and what one reader tells is no copy in somebody's hand: the rider
    goes on. The taps name the reader."""
    gate = road.gate("in", LUOHU)
    (rider,) = _reads(road, gate, 1)
    batch = gate.waiting()
    (tap,) = batch.taps
    road.wait(60)
    gate.tell(batch)
    gate.tell(after(batch, *(_told_anew(tap, tap.ts + at * S) for at in (10, 20, 30))))
    assert road.settle().stopped == 0
    assert [why for why, _ in road.aside(rider.account)] == 3 * ["READ_AGAIN"]
    found = [taps.tap(road.cell, tap_id).validator for _, tap_id in road.aside(rider.account)]
    assert found == 3 * ["in"]
    assert len(road.rides(rider.account)) == 1


def test_a_batch_that_is_sent_again(road: Road) -> None:
    """By whoever listened on the wire: it is the same batch, and changes nothing."""
    gate = road.gate("in", LUOHU)
    (rider,) = _reads(road, gate, 1)
    batch = gate.waiting()
    assert [gate.tell(batch) for _ in range(3)] == [["ACCEPTED"], ["DUPLICATE"], ["DUPLICATE"]]
    road.settle()
    assert len(road.rides(rider.account)) == 1
    assert gate.beat() == []


def test_a_batch_that_no_enrolled_device_signed(road: Road) -> None:
    gate, other = road.gate("in", LUOHU), road.gate("other", LUOHU)
    _reads(road, gate, 1)
    body = device.to_json(gate.waiting())
    for key in (device.new_key(), other.key.signing):
        with pytest.raises(UnknownDeviceError):
            gate.send(body, key)
    with pytest.raises(UnknownDeviceError):
        gate.send(body.replace(b'"in"', b'"on"'), gate.key.signing)
    road.settle()
    assert taps.totals(road.cell).taps == 0


def test_a_tap_at_another_place_than_the_devices_own(road: Road) -> None:
    gate = road.gate("in", LUOHU)
    _reads(road, gate, 1)
    batch = gate.waiting()
    moved = replace(batch.taps[0], stop=GANGXIA)
    assert gate.tell(rewritten(batch, [moved])) == ["WRONG_DEVICE_PLACE"]


def test_a_tap_that_is_left_out(road: Road) -> None:
    """The readings behind it come: a gap, at once. Once it is there, it is as if nothing was."""
    gate = road.gate("in", LUOHU)
    _reads(road, gate, 3)
    batch = gate.waiting()
    first, rest = batch.taps[:1], batch.taps[2:]
    gate.tell(replace(batch, taps=first))
    behind = after(replace(batch, taps=batch.taps[:2]))
    assert gate.tell(replace(behind, taps=rest)) == ["ACCEPTED"]
    assert road.alarms() == [("in", "GAP")]
    assert gate.tell(batch) == ["DUPLICATE", "ACCEPTED", "DUPLICATE"]


def test_a_tap_that_is_left_out_and_the_rest_renumbered(road: Road) -> None:
    """What a heartbeat has promised must come; and the gate's own counter counts on."""
    gate = road.gate("in", LUOHU)
    _reads(road, gate, 3)
    assert gate.beat() == []
    batch = gate.waiting()
    cut = rewritten(batch, [*batch.taps[:1], *batch.taps[2:]])
    assert gate.tell(cut) == ["ACCEPTED", "ACCEPTED"]
    (late, tap) = batch.taps[0], batch.taps[2]
    assert late != tap
    assert gate.tell(after(cut, _told_anew(tap, road.now))) == ["SEQUENCE_FORKED"]
    assert ("in", "CUT_TAIL") in road.alarms()


def test_a_gate_that_opens_more_often_than_it_tells(road: Road) -> None:
    """A journal that was never told of: the counter of the hardware tells it."""
    gate = road.gate("in", LUOHU)
    _reads(road, gate, 2)
    gate.upload()
    assert gate.beat(opened=2) == []
    assert gate.beat(opened=3) == ["OPENED_WITHOUT_TAP"]


def test_a_tap_left_out_by_a_reader_that_lies_from_the_start(road: Road) -> None:
    """With its key, and no counter of the hardware, nobody sees it at the device: the rider's exit
    has no entry, which costs the most there is and can be supplied."""
    entry, leave = road.gate("in", LUOHU), road.gate("out", GANGXIA, OUT)
    (rider,) = _reads(road, entry, 1)
    road.wait(1_200)
    assert leave.read(rider.code(road.now)) is Verdict.ACCEPTED
    leave.upload()
    road.settle()
    ((state, origin, target, paid),) = road.rides(rider.account)
    assert (state, origin, target) == ("MISSING_ENTRY", "", GANGXIA)
    assert paid == 1_400
    assert road.alarms() == []
