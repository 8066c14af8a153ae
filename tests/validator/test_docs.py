"""docs/validator.md cannot drift from the room: verdicts, keys and bounds."""

import re
from pathlib import Path

import pytest

from ridecode.core import Verdict
from ridecode.validator import ClockRules, FreshnessRules, PlaceRules
from ridecode.validator.decide import CODE_BYTES_KEPT
from ridecode.validator.memory import MOST
from ridecode.validator.rules import VALIDITY_S_LONGEST

DOCS = (Path(__file__).resolve().parents[2] / "docs/validator.md").read_text(encoding="utf-8")
OF_A_PLACE = [verdict for verdict in Verdict if verdict.accepted or verdict >= 40]


@pytest.mark.parametrize("verdict", OF_A_PLACE)
def test_every_verdict_stands_there_with_its_words(verdict: Verdict) -> None:
    words = verdict.words
    assert f"| {verdict.value} | `{verdict.name}` | {words.en} | {words.zh} |" in DOCS


DEFAULTS = [
    *((name, getattr(ClockRules(), name)) for name in ClockRules.__struct_fields__),
    *((name, getattr(PlaceRules(), name)) for name in PlaceRules.__struct_fields__),
    ("stale_s", FreshnessRules().stale_s),
    ("expired_s", FreshnessRules().expired_s),
    ("debounce_ms", 2_000),
    ("validity_s_most", 120),
]


@pytest.mark.parametrize(("key", "default"), DEFAULTS)
def test_every_key_stands_there_with_its_default(key: str, default: int | None) -> None:
    shown = "not asked" if default is None else f"{default:,}"
    assert re.search(rf"^\| `{key}` \| [^|]+ \| [^|]+ \| {shown} \|", DOCS, re.MULTILINE)


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"longer than {CODE_BYTES_KEPT} bytes" in DOCS
    assert f"{MOST:,} accounts" in DOCS
    assert f"({VALIDITY_S_LONGEST:,} s)" in DOCS
