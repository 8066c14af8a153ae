"""Mutated batches at the door: a refusal in words, or an answer for every tap; nothing unsigned."""

from random import Random

import pytest

from ridecode.city import load_pack
from ridecode.core import BadInputError, device
from ridecode.store import Cell
from ridecode.taps import ARROW, JSON, Ingest, UnknownDeviceError, to_arrow, totals
from tests.taps.fleet import NOW, gate
from tests.taps.mutated import mutated


def fuzzed(cell: Cell, times: int, seed: int) -> None:
    dice = Random(seed)
    one = gate(cell)
    batch = one.read(3)
    with Ingest(cell, load_pack("shenzhen"), lambda: NOW) as ingest:
        for turn in range(times):
            kind = dice.choice((JSON, ARROW))
            body = device.to_json(batch) if kind == JSON else to_arrow(batch)
            true = device.sign(one.private, device.Said.TAPS, body)
            changed = mutated(dice, body)
            if changed != body:
                with pytest.raises(UnknownDeviceError):
                    ingest.submit("g1", changed, kind, true).result(60)
            signature = device.sign(one.private, device.Said.TAPS, changed)
            try:
                assert ingest.submit("g1", changed, kind, signature).result(60)
            except (BadInputError, UnknownDeviceError) as error:
                assert str(error), f"seed {seed}, turn {turn}"
    with cell.connection() as conn:
        conn.execute("SELECT count(account) FROM taps WHERE octet_length(stop) >= 0")
    assert totals(cell).taps <= 3 * times


def test_mutated_batches_at_the_door(cell: Cell) -> None:
    fuzzed(cell, 150, seed=4)


@pytest.mark.soak
def test_ten_thousand_mutated_batches_at_the_door(cell: Cell) -> None:
    fuzzed(cell, 10_000, seed=5)
