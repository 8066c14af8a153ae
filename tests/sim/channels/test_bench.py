"""The bench of one-by-one calls in small."""

import pytest

from ridecode.sim.channels import bench_calls


def test_every_order_is_put_to_the_channel_by_itself() -> None:
    found = bench_calls(3)
    assert (found.channel, found.calls) == ("wechat", 3)
    assert found.own_us > 0 and found.counterpart_us > 0
    assert found.per_s_of_a_core == pytest.approx(1_000_000 / found.own_us)
