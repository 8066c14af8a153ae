"""Days of money from a seed: no invariant breaks, and every planted bug is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ridecode.city import Pack
from ridecode.core import RidecodeError
from ridecode.sim.money import ALWAYS, AT_REST, Death, Report, simulate
from ridecode.store import Cell
from tests.rides import city
from tests.sim.money_bugs import BUGS, Planted, plant

_MONEY: Final = "[money]\nservice_fee_per_10000 = 137\nclearing_fee_per_10000 = 61\n"
_WRITES: Final = {
    "agreements.end", "agreements.sign", "booking._book", "booking.book_fares", "days._keep",
    "days.close_day", "differences.order_differences", "filing.write_files", "hearing.hear_said",
    "receiving._handed", "receiving.dispute", "receiving.receive", "wallet.top_up",
    "withdrawing.withdraw", "working._leased", "working._orders", "working._some_refunds",
}  # fmt: skip
"""The functions of the money rooms whose transactions write."""


def pack() -> Pack:
    return city.pack(money=_MONEY)


def run(cell: Cell, folder: Path, seed: int) -> Report:
    return simulate(cell, pack(), city.tariffs(), folder, seed)


def whole(report: Report) -> str:
    """What is shown of a seed that fails."""
    told = "\n".join(f"  {one.invariant}: {one.words}" for one in report.breaks)
    which = "a_seed" if report.seed < 21 else "a_further_seed"
    alone = f"tests/sim/test_money.py::test_{which}_of_money_breaks_nothing[{report.seed}]"
    return f"seed {report.seed} breaks\n{told}\nalone: pytest -m '' '{alone}'"


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_seed_of_money_breaks_nothing(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    breaks_nothing(cell, tmp_path, monkeypatch, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(21, 321))
def test_a_further_seed_of_money_breaks_nothing(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    breaks_nothing(cell, tmp_path, monkeypatch, seed)


def breaks_nothing(cell: Cell, folder: Path, patch: pytest.MonkeyPatch, seed: int) -> None:
    """Of even seeds settlement files have seven lines at most, so that a day has several."""
    if seed % 2 == 0:
        patch.setattr("ridecode.money.clearing.filing.LINES_MOST", 7)
        patch.setattr("ridecode.money.clearing.place.LINES_MOST", 7)
    report = run(cell, folder, seed)
    assert report.orders > 0
    assert not report.breaks, whole(report)


def test_every_write_is_met_by_a_kill_before_it_is_durable_and_after(
    cell: Cell, tmp_path: Path
) -> None:
    report = run(cell, tmp_path, 1)
    assert report.writes.keys() == _WRITES
    assert report.deaths.keys() == {(what, death) for what in _WRITES for death in Death}


def test_the_same_seed_is_the_same_run(cell_factory: Callable[[str], Cell], tmp_path: Path) -> None:
    one, other = (
        simulate(cell_factory(name), pack(), city.tariffs(), tmp_path / name, 3, riders=4, days=1)
        for name in ("shenzhen", "hangzhou")
    )
    assert one == other


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_a_planted_bug_is_found(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Planted
) -> None:
    plant(monkeypatch, bug)
    assert any(bug.caught_by in words for words in found(cell, tmp_path, bug.seed))


def found(cell: Cell, folder: Path, seed: int) -> list[str]:
    """The invariants that break, or the words of the error with which a run ends."""
    try:
        return [one.invariant for one in run(cell, folder, seed).breaks]
    except (AssertionError, RidecodeError) as error:
        return [str(error)]


def test_what_must_catch_a_bug_is_an_invariant_or_an_error() -> None:
    names = [one.__name__ for one in (*ALWAYS, *AT_REST)]
    assert len(names) == len(set(names))
    assert {bug.caught_by for bug in BUGS if "_" in bug.caught_by} <= set(names)
    assert len({bug.name for bug in BUGS}) == len(BUGS)
