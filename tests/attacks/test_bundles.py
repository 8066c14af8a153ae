"""Whoever carries the bundle: gives readers an older one, or the same for ever."""

import shutil
from pathlib import Path

from msgspec.structs import replace

from ridecode.core import TapKind, Verdict
from ridecode.riders import report_loss
from ridecode.taps import heartbeats
from ridecode.validator import Freshness, Outcome
from tests.attacks.city import DAY, GANGXIA, HOUR, LUOHU, RULES, S
from tests.attacks.world import Road
from tests.riders.world import YCT


def _copied(road: Road, name: str) -> Path:
    """What is published now, carried away."""
    shutil.copytree(road.repository.folder, road.folder / name)
    return road.folder / name


def test_a_bundle_that_is_rolled_back(road: Road) -> None:
    """A stolen phone was reported; the reader that is given the day before goes on denying it."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    before = _copied(road, "before")
    report_loss(road.cell, RULES, rider.account, rider.signer.public_key, road.now)
    road.publish()
    version = road.trust.version
    assert gate.read(rider.code(road.now)) is Verdict.DENIED
    assert road.fetch(before).outcome is Outcome.ROLLBACK
    assert road.trust.version == version
    road.wait(3)
    assert gate.read(rider.code(road.now)) is Verdict.DENIED
    assert [tap.bundle for tap in gate.waiting().taps] == [version, version]


def test_a_bundle_of_which_a_part_is_older(road: Road) -> None:
    before = _copied(road, "before")
    rider = road.rider(1)
    report_loss(road.cell, RULES, rider.account, rider.signer.public_key, road.now)
    road.wait(1)
    denied = [rider.account]
    road.publisher.deny(denied, road.now)
    mixed = _copied(road, "mixed")
    for old in (before / "metadata").glob("*.deny.json"):
        for new in (mixed / "metadata").glob("*.deny.json"):
            shutil.copy(old, new)
    assert road.fetch(mixed).outcome is Outcome.MIXED
    assert road.fetch().outcome is Outcome.UPDATED


def test_a_bundle_that_is_frozen(road: Road) -> None:
    """The same word for ever: the reader takes it for no news, grows stale by its own clock, then
    closed. Until then a phone that was reported rides on; its heartbeats say what it judges by."""
    rider, visitor = road.rider(1), road.rider(2, YCT)
    gate, leave = road.gate("in", LUOHU), road.gate("out", GANGXIA, TapKind.EXIT)
    frozen = _copied(road, "frozen")
    report_loss(road.cell, RULES, rider.account, rider.signer.public_key, road.now)
    road.publisher.deny([rider.account], road.now)
    published = road.repository.snapshot().signed.version
    assert road.fetch(frozen).outcome is Outcome.CURRENT
    assert gate.read(rider.code(road.now)) is Verdict.ACCEPTED
    gate.beat()
    (seen,) = heartbeats(road.cell)
    assert seen.told.bundle < published
    road.wait(6 * 3_600 + 1)
    assert road.trust.freshness(road.now) is Freshness.STALE
    fields = road.authorised(visitor.account, visitor.signer.public_key)
    visitor = replace(visitor, fields=fields)
    assert gate.read(visitor.code(road.now)) is Verdict.STALE_ISSUER
    assert leave.read(visitor.code(road.now)) is Verdict.ACCEPTED
    road.now += 7 * DAY - 6 * HOUR
    assert road.fetch(frozen).outcome is Outcome.FROZEN
    for one in (gate, leave):
        one.journal.set_clock(road.now)
    assert gate.read(visitor.code(road.now)) is Verdict.BUNDLE_EXPIRED
    road.publisher.vouch(road.now + S)
    assert road.fetch().outcome is Outcome.UPDATED
    assert road.trust.freshness(road.now + S) is Freshness.FRESH
