"""docs/bundle.md cannot drift: outcomes, holders and figures."""

from pathlib import Path

import pytest

from ridecode.bundle import Holder
from ridecode.bundle.lifetimes import DENY_DAYS, ROOT_DAYS, SNAPSHOT_DAYS, TARGETS_DAYS
from ridecode.bundle.lifetimes import TIMESTAMP_DAYS as STICK_DAYS
from ridecode.bundle.publisher import FULL_AGAIN_AT, LEVELS, SPACING
from ridecode.validator import Outcome

PAGE = (Path(__file__).resolve().parents[2] / "docs/bundle.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_stands_there(outcome: Outcome) -> None:
    assert f"| `{outcome.name}` | {outcome.value} |" in PAGE


@pytest.mark.parametrize("holder", Holder)
def test_every_holder_stands_there(holder: Holder) -> None:
    assert f"`{holder.value}`" in PAGE


def test_the_figures_are_those_of_the_code() -> None:
    assert f"root {ROOT_DAYS // 365} years, targets {TARGETS_DAYS} days" in PAGE
    assert DENY_DAYS == SNAPSHOT_DAYS
    assert f"deny and snapshot {DENY_DAYS} days" in PAGE
    assert f"timestamp {STICK_DAYS} days" in PAGE
    assert [f"{SPACING**level:,}" for level in range(LEVELS)] == ["1", "8", "64", "512", "4,096"]
    assert FULL_AGAIN_AT == 16
