"""The page has words for every name of money, and they are those of the command line."""

import re
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

import pytest

from ridecode.cli.money import KINDS
from ridecode.cli.traced import FLOWS, STATES
from ridecode.core import Words
from ridecode.money.channels import Break, State
from ridecode.money.clearing import Reason
from ridecode.money.ledger import Fault, Kind

SOURCE = Path(__file__).resolve().parents[2] / "web/src/core/words/money.ts"
TABLE = re.compile(r"^export const (\w+): Record<string, Words> = \{\n(.*?)^\};", re.M | re.S)
ENTRY = re.compile(r"^  (\w+): \{ zh: \"(.*)\", en: \"(.*)\" \},$", re.M)


def table(name: str) -> dict[str, Words]:
    """One table of the page's source."""
    tables = dict(TABLE.findall(SOURCE.read_text(encoding="utf-8")))
    return {key: Words(zh=zh, en=en) for key, zh, en in ENTRY.findall(tables[name])}


@pytest.mark.parametrize(
    ("name", "closed"),
    [("KINDS", Kind), ("STATES", State), ("BREAKS", Break), ("REASONS", Reason), ("FAULTS", Fault)],
)
def test_every_member_of_a_closed_set_has_words(name: str, closed: Iterable[IntEnum]) -> None:
    assert list(table(name)) == [member.name.lower() for member in closed]


@pytest.mark.parametrize(
    ("name", "theirs"), [("KINDS", KINDS), ("FLOWS", FLOWS), ("STATES", STATES)]
)
def test_page_and_command_line_use_the_same_words(name: str, theirs: dict[str, Words]) -> None:
    assert table(name) == {key.lower(): words for key, words in theirs.items()}
