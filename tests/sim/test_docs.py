"""The page tells every attack, every fault and every rate, and no other."""

import re
from pathlib import Path

from ridecode.sim import Attack, Fault, Kind, Rates
from ridecode.sim.habits import HABITS
from ridecode.sim.money import ALWAYS, AT_REST
from tests.sim.money_bugs import BUGS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sim.md").read_text(encoding="utf-8")


def _rows(name: str) -> set[str]:
    part = PAGE[PAGE.index(f"## {name}") :].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", part, re.MULTILINE))


def test_every_attack_is_told() -> None:
    assert _rows("Thieves") == {attack.name.lower() for attack in Attack if attack}


def test_every_fault_is_told() -> None:
    assert _rows("Faults") == {fault.name.lower() for fault in Fault if fault}


def test_every_kind_of_rider_is_told_and_all_are_shared_out() -> None:
    assert _rows("Riders") == {kind.name.lower() for kind in Kind}
    assert sum(habit.share for habit in HABITS.values()) == 1_000


def test_everything_goes_wrong_by_default() -> None:
    rates = Rates()
    plain = [getattr(rates, name) for name in rates.__struct_fields__ if name != "thieves"]
    assert all(rate > 0 for rate in plain)
    assert all(rates.of(attack) > 0 for attack in Attack if attack)


def test_every_invariant_of_money_is_told() -> None:
    assert _rows("Days of money") == {one.__name__ for one in (*ALWAYS, *AT_REST)}


def test_every_planted_bug_is_told_with_the_seed_that_finds_it() -> None:
    rows = re.findall(
        r"^\| ([a-z ,]+) \| (?:`\w+`|an assertion of the rooms) \| (\d+) \|", PAGE, re.M
    )
    assert rows == [(bug.name, str(bug.seed)) for bug in BUGS]
