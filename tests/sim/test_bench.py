"""The bench itself, in small."""

from ridecode.sim import bench_sim


def test_the_bench_in_small_tells_what_it_did() -> None:
    found = bench_sim(riders=2_000, signing_riders=30)
    assert found.taps > 5_000
    assert found.codes > 50
    assert found.phones <= 30 + 5
    assert found.signatures >= found.codes + found.phones
    assert [bar.name for bar in found.bars] == [
        "unsigned taps a second of one core", "MiB of this process",
        "signatures a second of two cores",
    ]  # fmt: skip
