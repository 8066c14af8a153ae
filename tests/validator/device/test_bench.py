"""The benchmark measures what it says, on a disk."""

import pytest

from ridecode.validator.device import bench


def test_every_rider_of_the_benchmark_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RIDERS", 12)
    told: list[tuple[int, int]] = []
    found = bench.bench_open(lambda done, total: told.append((done, total)))
    assert told == [(n, 12) for n in range(12)]
    assert found.riders == 12
    assert 400 < found.journal_bytes_each < 1_200
    assert 0 < found.picture_cpu_ms < found.cpu_ms * 2
    assert [bar.limit for bar in found.bars] == [25.0, 60.0]
