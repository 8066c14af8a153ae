"""The door for devices: each tap once, durable when answered, and what cannot be set aside."""

from collections.abc import Iterator

import pytest

from ridecode.city import load_pack
from ridecode.store import Cell, log
from ridecode.taps import (
    ARROW,
    JSON,
    Ingest,
    alarms,
    new_accounts,
    tap,
    taps_of_accounts,
)
from tests.taps.fleet import NOW, gate, receipts

SHENZHEN = load_pack("shenzhen")


@pytest.fixture
def ingest(cell: Cell) -> Iterator[Ingest]:
    with Ingest(cell, SHENZHEN, lambda: NOW) as made:
        yield made


@pytest.mark.parametrize("content_type", [JSON, ARROW])
def test_a_batch_is_kept_once_and_comes_back_exactly(
    cell: Cell, ingest: Ingest, content_type: str
) -> None:
    one = gate(cell)
    batch = one.read(3)

    assert receipts(one.send(ingest, batch, content_type).result(30)) == ["ACCEPTED"] * 3
    assert receipts(one.send(ingest, batch, content_type).result(30)) == ["DUPLICATE"] * 3
    assert [tap(cell, at.tap_id) for at in batch.taps] == list(batch.taps)
    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {}
        accounts = {at.account: 0 for at in batch.taps}
        assert taps_of_accounts(conn, cell.city, accounts) == []
        assert log.last(conn, "taps.unchecked") == 1
    assert alarms(cell) == []
