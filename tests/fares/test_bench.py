"""The bench says what it measured; whether its bars are kept is told by running it."""

from ridecode.fares import bench_prices


def test_it_measures_every_shape_beside_the_bare_price() -> None:
    found = bench_prices()

    assert [cost.name for cost in found.costs] == [
        "flat", "distance", "matrix", "distance, four rules", "distance, four rules, in words",
        "zones by the hour, going on, five rules",
    ]  # fmt: skip
    assert [bar.limit for bar in found.bars] == [30.0] * 5
    assert all(cost.bare_prices > 1 for cost in found.costs)
