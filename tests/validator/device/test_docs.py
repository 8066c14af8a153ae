"""docs/validator-device.md cannot drift from the device: its bounds, options and formulas."""

import inspect
import re
from pathlib import Path

import pytest

from ridecode.cli import validator
from ridecode.validator import Peril
from ridecode.validator.device import (
    bench,
    heartbeat,
    journal,
    pace,
    peer,
    recovery,
    running,
    segment,
)

DOCS = (Path(__file__).resolve().parents[3] / "docs/validator-device.md").read_text("utf-8")


@pytest.mark.parametrize(
    "told",
    [
        f"More than {pace.READINGS_AT_ONCE} readings at once",
        f"{journal.CROWDED_BYTES >> 20} MiB",
        f"{journal.FULL_BYTES >> 20} MiB",
        f"when {recovery.UNSYNCED_MOST >> 10} KiB wait",
        f"{recovery.TORN_MOST >> 10} KiB behind the last good frame",
        f"deadline of {peer.DEADLINE_S * 1_000:.0f} ms",
        f"every {heartbeat.EVERY_S:.0f} s the number",
        f"**Bundles** every {running._REFRESH_S:.0f} s",
        f"{bench.CPU_MS_MOST:.0f} ms of CPU and {bench.P99_MS_MOST:.0f} ms",
        f"Erasing overwrites {segment.HEAD_BYTES - 12} bytes",
    ],
)
def test_the_bounds_are_those_of_the_code(told: str) -> None:
    assert told in DOCS


@pytest.mark.parametrize("peril", Peril)
def test_every_peril_has_its_formula(peril: Peril) -> None:
    assert re.search(rf"^\| {peril.words.en}.* \| ", DOCS, re.MULTILINE)


def test_every_option_that_decides_what_is_trusted_is_told() -> None:
    for option in ("--test-roots", "--trust-clock", "--station-key", "--ntp", "--scanner"):
        assert option in inspect.getsource(validator) and option in DOCS
