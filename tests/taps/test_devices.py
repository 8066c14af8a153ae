"""Devices: enrolled, revoked, and what their heartbeats contradict."""

from typing import Any

import pytest

from ridecode.city import load_pack
from ridecode.core import MICROS, BadInputError, NotFoundError, device
from ridecode.store import Cell
from ridecode.taps import (
    AlarmKind,
    Device,
    HeartbeatSeen,
    Ingest,
    UnknownDeviceError,
    alarms,
    all_devices,
    enrol,
    find_device,
    heartbeat,
    heartbeats,
    revoke,
)
from ridecode.taps.devices.facts import Chain, Gap
from ridecode.taps.devices.pulse import contradictions
from tests.taps.fleet import NOW, STAND, Gate, gate, receipts

HEAD, OTHER = bytes(31) + b"\1", bytes(31) + b"\2"


def told(**fields: Any) -> device.Heartbeat:
    plain: dict[str, Any] = {
        "device": "g1", "ts": NOW, "seq": 10, "head": HEAD, "opened": 8, "acknowledged": 10,
        "bundle": 1, "clock_set": None,
    }  # fmt: skip
    return device.Heartbeat(**{**plain, **fields})


def seen(**fields: Any) -> HeartbeatSeen:
    return HeartbeatSeen(told(**{"ts": NOW - MICROS, **fields}), NOW - MICROS)


CHAIN = Chain(10, HEAD, NOW - 5, 8)
GAP = (Gap(3, 4, HEAD, OTHER),)
BEATS: list[
    tuple[str, device.Heartbeat, HeartbeatSeen | None, Chain, tuple[Gap, ...], dict[str, Any]]
] = [
    ("all is well", told(), seen(), CHAIN, (), {}),
    ("its first", told(), None, CHAIN, (), {}),
    ("before its first reading", told(seq=0, head=bytes(32), opened=0, acknowledged=0), None,
     Chain(), (), {}),
    ("two readings not sent yet", told(seq=12, head=OTHER, opened=10), seen(), CHAIN, (), {}),
    ("its journal is shorter than it was", told(seq=9, acknowledged=9), seen(), CHAIN, (),
     {"CUT_TAIL": {"seq": 9, "promised": 10}}),
    ("shorter than what the centre has", told(seq=9, acknowledged=9), None, CHAIN, (),
     {"CUT_TAIL": {"seq": 9, "promised": 10}}),
    ("late on its way, and older than the taps", told(seq=9, acknowledged=9, ts=NOW - 10), None,
     CHAIN, (), {}),
    ("overtaken by the next one", told(seq=9, acknowledged=9, ts=NOW - 2 * MICROS), seen(),
     CHAIN, (), {}),
    ("another head after the same reading", told(head=OTHER), None, CHAIN, (),
     {"FORK": {"seq": 10}}),
    ("another head than it promised", told(seq=12, head=HEAD), seen(seq=12, head=OTHER), CHAIN, (),
     {"FORK": {"seq": 12}}),
    ("acknowledged what is not here", told(seq=12, acknowledged=12), None, CHAIN, (),
     {"GAP": {"first": 11, "last": 12}}),
    ("opened once without a reading", told(opened=9), None, CHAIN, (),
     {"OPENED_WITHOUT_TAP": {"opened": 9, "taps": 8}}),
    ("the missing readings may have opened it", told(opened=10), None, CHAIN, GAP, {}),
    ("but not more of them", told(opened=11), None, CHAIN, GAP,
     {"OPENED_WITHOUT_TAP": {"opened": 11, "taps": 8}}),
    ("60 s off", told(ts=NOW + 60 * MICROS), None, CHAIN, (), {}),
    ("61 s ahead", told(ts=NOW + 61 * MICROS), None, CHAIN, (), {"CLOCK": {"off_s": 61}}),
    ("61 s behind", told(ts=NOW - 61 * MICROS), None, CHAIN, (), {"CLOCK": {"off_s": -61}}),
    ("still ahead: once is enough", told(ts=NOW + 61 * MICROS), seen(ts=NOW + 61 * MICROS), CHAIN,
     (), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("beat", "before", "chain", "gaps", "expected"), [row[1:] for row in BEATS],
    ids=[row[0] for row in BEATS],
)  # fmt: skip
def test_what_a_heartbeat_contradicts(
    beat: device.Heartbeat, before: HeartbeatSeen | None, chain: Chain, gaps: tuple[Gap, ...],
    expected: dict[str, Any],
) -> None:  # fmt: skip
    found = contradictions(beat, before, chain, gaps, NOW)

    assert {alarm.kind.name: alarm.detail for alarm in found} == expected


def beat(cell: Cell, who: Gate, **fields: Any) -> list[AlarmKind]:
    """Send a heartbeat of this gate's journal; the kinds of alarm."""
    fields = {"seq": who.seq, "head": who.head, "acknowledged": 0, "opened": 0, **fields}
    body = device.to_json(told(device=who.name, **fields))
    signature = device.sign(who.private, device.Said.HEARTBEAT, body)
    return [alarm.kind for alarm in heartbeat(cell, who.name, body, signature, NOW)]


def test_the_latest_heartbeat_is_kept_and_a_known_alarm_is_told_once(cell: Cell) -> None:
    one = gate(cell)

    assert beat(cell, one) == []
    assert beat(cell, one, opened=3) == beat(cell, one, opened=3)
    assert [alarm.kind for alarm in alarms(cell)] == [AlarmKind.OPENED_WITHOUT_TAP]
    (kept,) = heartbeats(cell)
    assert (kept.told.opened, kept.at) == (3, NOW)


def test_a_tail_cut_after_a_heartbeat_is_seen_when_the_next_taps_come(cell: Cell) -> None:
    one = gate(cell)
    pack = load_pack("shenzhen")
    with Ingest(cell, pack, lambda: NOW) as ingest:
        one.send(ingest, one.read(3)).result(60)
        cut = Gate("g1", one.private, seq=one.seq, head=one.head)
        one.read(2)
        assert beat(cell, one) == []

        found = cut.send(ingest, cut.read(2, bundle=2)).result(60)

    assert receipts(found) == ["QUARANTINED SEQUENCE_FORKED"] * 2
    assert [alarm.kind for alarm in alarms(cell)] == [AlarmKind.CUT_TAIL]


def test_only_the_device_itself_is_heard(cell: Cell) -> None:
    one = gate(cell)
    gate(cell, "g2")
    body = device.to_json(told(device="g2"))

    with pytest.raises(UnknownDeviceError):
        beat(cell, Gate("nobody", one.private))
    with pytest.raises(UnknownDeviceError):
        beat(cell, Gate("g1", device.new_key()))
    with pytest.raises(UnknownDeviceError):
        heartbeat(cell, "g1", body, device.sign(one.private, device.Said.HEARTBEAT, body), NOW)
    with pytest.raises(BadInputError):
        heartbeat(cell, "g1", b"{}", device.sign(one.private, device.Said.HEARTBEAT, b"{}"), NOW)


def test_a_revoked_device_that_still_talks_is_an_alarm(cell: Cell) -> None:
    one = gate(cell)
    revoke(cell, "g1", "stolen", NOW)

    assert beat(cell, one) == [AlarmKind.REVOKED_STILL_TALKING]
    assert beat(cell, one) == [AlarmKind.REVOKED_STILL_TALKING]
    assert len(alarms(cell)) == 1
    assert heartbeats(cell) == []


def test_devices_are_told_by_name(cell: Cell) -> None:
    gate(cell, "b"), gate(cell, "a")

    assert [one.device for one in all_devices(cell)] == ["a", "b"]
    assert find_device(cell, "a").stand == STAND
    with pytest.raises(NotFoundError):
        find_device(cell, "c")
    with pytest.raises(NotFoundError):
        revoke(cell, "c", "", NOW)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("no name", {"device": ""}),
    ("a long name", {"device": "x" * 101}),
    ("a NUL in the name", {"device": "a\0"}),
    ("a short key", {"public_key": bytes(31)}),
]


@pytest.mark.parametrize("fields", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_no_device_is_not_enrolled(cell: Cell, fields: dict[str, Any]) -> None:
    plain: dict[str, Any] = {
        "device": "g1", "public_key": bytes(32), "operator": "shenzhen-metro", "stand": STAND,
        "enrolled_at": NOW,
    }  # fmt: skip
    with pytest.raises(BadInputError):
        enrol(cell, Device(**{**plain, **fields}))
