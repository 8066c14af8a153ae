"""Codes of another time: made for tomorrow, made ahead, made by a clock that was set back."""

from typing import Final

import pytest
from msgspec.structs import replace

from ridecode.core import TapKind, Verdict
from ridecode.validator.device.clock import Healing, Said
from tests.attacks.city import DAY, GANGXIA, HOUR, LUOHU, START, S
from tests.attacks.world import Road

AUTHORISED_S: Final = 7_200
"""Of a rider who is new."""


@pytest.mark.parametrize(("ahead_s", "verdict"), [
    (20, Verdict.ACCEPTED), (21, Verdict.NOT_YET_VALID), (3_600, Verdict.NOT_YET_VALID),
    (AUTHORISED_S + 1, Verdict.NOT_YET_VALID), (86_400, Verdict.NOT_YET_VALID),
])  # fmt: skip
def test_a_code_made_for_tomorrow(road: Road, ahead_s: int, verdict: Verdict) -> None:
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    assert gate.read(rider.code(road.now + ahead_s * S)) is verdict


@pytest.mark.parametrize(("shown_s", "verdict"), [
    (AUTHORISED_S - 1, Verdict.ACCEPTED), (AUTHORISED_S + 5, Verdict.AUTHORISATION_EXPIRED),
    (86_400, Verdict.AUTHORISATION_EXPIRED),
])  # fmt: skip
def test_a_code_made_ahead_and_shown_in_its_own_minute(
    road: Road, shown_s: int, verdict: Verdict
) -> None:
    """A phone may make codes for as long as it is authorised, and no longer."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    stocked = rider.code(road.now + shown_s * S)
    road.wait(shown_s)
    assert gate.read(stocked) is verdict


def test_a_phone_whose_clock_is_set_back(road: Road) -> None:
    """The reader's clock counts: an authorisation that has ended does not come back."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    road.wait(AUTHORISED_S + 1)
    assert gate.read(rider.code(START + HOUR)) is Verdict.AUTHORISATION_EXPIRED
    fresh = replace(rider, fields=road.authorised(rider.account, rider.signer.public_key))
    assert gate.read(fresh.code(road.now - 61 * S)) is Verdict.CODE_EXPIRED
    assert gate.read(fresh.code(road.now - 60 * S)) is Verdict.ACCEPTED


def test_a_reader_whose_clock_is_set_back(road: Road) -> None:
    """Its own count goes on; no source may turn it back behind the bundle or its last rider."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    old = rider.code(road.now)
    road.wait(120)
    gate.wall -= HOUR
    assert gate.read(old) is Verdict.CODE_EXPIRED
    assert gate.clock.moved_us() < 0, "that the machine's clock was moved is seen"
    heard = Said(road.now - DAY, 0, 0)
    assert gate.clock.hear(heard, START) is Healing.BEFORE_THE_BUNDLE
    assert gate.read(old) is Verdict.CODE_EXPIRED
    assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED
    for _ in range(2):
        gate.clock.hear(Said(road.now - 60 * S, 0, 0), START)
    assert gate.read(rider.code(road.now)) is Verdict.CLOCK_UNTRUSTED
    assert "CLOCK" not in gate.beat()


def test_a_reader_that_starts_with_a_wrong_clock(road: Road) -> None:
    """An hour ahead it takes codes of then: its heartbeat says so, and its taps do not stand.
    Behind the bundle that it has, it takes none."""
    rider, gate = road.rider(1), road.gate("in", LUOHU, off_s=3_600)
    assert gate.read(rider.code(road.now + HOUR)) is Verdict.ACCEPTED
    assert gate.beat() == ["CLOCK"]
    gate.upload()
    road.settle()
    assert road.quarantine() == [("FROM_THE_FUTURE", None, "in")]
    assert road.rides(rider.account) == []
    behind = road.gate("behind", GANGXIA, TapKind.EXIT, off_s=-3_600)
    assert behind.read(rider.code(road.now)) is Verdict.CLOCK_UNTRUSTED
    assert behind.beat() == ["CLOCK"]
