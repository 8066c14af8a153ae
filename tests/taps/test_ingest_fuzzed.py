"""Mutated batches at the door: a refusal in words, or an answer for every tap; nothing unsigned."""

from concurrent.futures import Future
from random import Random
from typing import Final

import pytest

from ridecode.city import load_pack
from ridecode.core import BadInputError, device
from ridecode.store import Cell
from ridecode.taps import ARROW, JSON, Answer, Ingest, UnknownDeviceError, to_arrow, totals
from tests.taps.fleet import NOW, gate
from tests.taps.mutated import mutated

WINDOW: Final = 200
"""Batches on their way at once: one after the other, each would wait for its own group."""


def fuzzed(cell: Cell, times: int, seed: int) -> None:
    """Each mutated batch is sent twice: as its device signed the true one, and signed anew."""
    dice = Random(seed)
    one = gate(cell)
    batch = one.read(3)
    bodies = {JSON: device.to_json(batch), ARROW: to_arrow(batch)}
    signed = {kind: one.sign(body) for kind, body in bodies.items()}
    with Ingest(cell, load_pack("shenzhen"), lambda: NOW) as ingest:
        for first in range(0, times, WINDOW):
            window = list[tuple[int, bool, Future[list[Answer]]]]()
            for turn in range(first, min(first + WINDOW, times)):
                kind = dice.choice((JSON, ARROW))
                changed = mutated(dice, bodies[kind])
                if changed != bodies[kind]:
                    forged = ingest.submit("g1", changed, kind, signed[kind])
                    window.append((turn, False, forged))
                anew = ingest.submit("g1", changed, kind, one.sign(changed))
                window.append((turn, True, anew))
            for turn, may_pass, answer in window:
                _refused_or_answered(answer, may_pass, f"seed {seed}, turn {turn}")
    with cell.connection() as conn:
        conn.execute("SELECT count(account) FROM taps WHERE octet_length(stop) >= 0")
    assert totals(cell).taps <= 3 * times


def _refused_or_answered(answer: "Future[list[Answer]]", may_pass: bool, which: str) -> None:
    try:
        assert answer.result(60), which
        assert may_pass, f"{which}: nobody signed that"
    except UnknownDeviceError as error:
        assert str(error), which
    except BadInputError as error:
        assert may_pass, f"{which}: read before its signature was"
        assert str(error), which


def test_mutated_batches_at_the_door(cell: Cell) -> None:
    fuzzed(cell, 150, seed=4)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_batches_at_the_door(cell: Cell) -> None:
    fuzzed(cell, 100_000, seed=5)
