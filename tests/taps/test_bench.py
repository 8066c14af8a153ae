"""The benches measure every step; what they fill is theirs."""

import pytest

from ridecode.store import Cell
from ridecode.taps import bench_ingest, bench_record, totals
from ridecode.taps.bench import ingest


def test_the_bench_tells_every_step_and_leaves_no_tap(cell: Cell) -> None:
    found = bench_record(cell)

    assert [step.name for step in found.steps] == [
        "record, sets of 100",
        "record, sets of 1,000",
        "record, sets of 5,000",
        "send again, sets of 5,000",
        "read back",
    ]
    assert [step.taps for step in found.steps] == [6_667, 6_667, 6_666, 6_666, 20_000]
    assert all(step.client_us > 0 and step.per_s > 0 for step in found.steps)
    assert totals(cell).taps == 0


def test_the_door_is_measured_over_http_beside_the_bare_insert(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "TAPS", 4_000)

    found = bench_ingest(cell)

    assert [(step.name, step.taps) for step in found.steps] == [
        ("JSON in batches of 100", 4_000),
        ("Arrow in batches of 1,000", 4_000),
        ("bare insert in the same commits", 4_000),
    ]
    assert all(step.us > 0 and step.per_s > 0 for step in found.steps)
    assert [bar.limit for bar in found.bars[:3]] == [40.0, 20.0, 0.35]
    assert totals(cell).taps == 38_000
