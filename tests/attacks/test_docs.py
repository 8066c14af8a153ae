"""docs/attacks.md cannot drift: every test stands in a row, and every row names a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ridecode.core import Verdict
from ridecode.rides import Why
from ridecode.taps import AlarmKind, Receipt, Suspicion
from ridecode.validator import Outcome, Peril
from ridecode.validator.device.heartbeat import EVERY_S
from ridecode.validator.device.pace import READINGS_AT_ONCE, READINGS_PER_S
from tests.attacks.city import START, TARIFFS, bounds

HERE = Path(__file__).resolve().parent
PAGE = (HERE.parents[1] / "docs/attacks.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "Shown by" not in line]
MONEY = TARIFFS.at(START).money
SHOWN = re.compile(r"`(\w+::\w+)` \|$")


def _tests() -> Iterator[str]:
    for path in sorted(HERE.glob("test_*.py")):
        if path != Path(__file__).resolve():
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield f"{path.stem[5:]}::{node.name[5:]}"


def test_every_test_stands_there_and_every_row_names_one() -> None:
    shown = [found.group(1) for row in ROWS if (found := SHOWN.search(row))]
    honest = [name for name in _tests() if name.startswith("honest::")]
    assert len(shown) == len(ROWS) > 30
    assert sorted([*shown, *honest]) == sorted(_tests())
    assert all(f"`{name}`" in PAGE for name in honest)


def test_every_row_says_what_became_of_it() -> None:
    answers = {row.split(" | ")[-2] for row in ROWS}
    assert all(re.search(r"\*\*(stopped|bounded|detected)\*\*|^–$", answer) for answer in answers)


def test_every_name_is_one_of_ours() -> None:
    kinds = (Verdict, Suspicion, Receipt, AlarmKind, Outcome, Why)
    ours = {one.name for kind in kinds for one in kind}
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", PAGE)) <= ours


@pytest.mark.parametrize(("peril", "row"), [
    (Peril.SHARED_CODE, "a screenshot at another gate"), (Peril.CLONED_KEY, "a cloned key at two"),
    (Peril.DEBT, "a debtor rides on"),
])  # fmt: skip
def test_the_bounds_are_those_that_are_printed(peril: Peril, row: str) -> None:
    (bound,) = (one for one in bounds().bounds if one.peril is peril)
    (told,) = (one for one in ROWS if one.startswith(f"| {row}"))
    seconds = bound.online_s
    assert f"{seconds} s" in told or f"{seconds // 60} min" in told
    assert MONEY.say(bound.online) in told


def test_the_figures_are_those_of_the_code() -> None:
    assert f"f = {MONEY.say(bounds().riding.ride_most)}" in PAGE
    assert f"{READINGS_AT_ONCE} at once and {READINGS_PER_S:.0f} a second" in PAGE
    assert f"({EVERY_S:.0f} s)" in PAGE
    assert f"field 9, {MONEY.say(bounds().assumed.limit)} a ride" in PAGE
