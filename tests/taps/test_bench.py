"""The bench measures every step and leaves nothing behind."""

from ridecode.store import Cell
from ridecode.taps import bench_record, totals


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
