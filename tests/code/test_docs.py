"""The page on the ride code says what the code does: verdicts in order, and every place."""

import re
from pathlib import Path

import pytest

from ridecode.code import anatomy
from ridecode.core import Verdict
from tests.code import forge
from tests.code.test_published import REAL_CERTIFICATE
from tests.vectors.flags import FLAGS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "ride-code.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \|[^|]*\|[^|]*\| (\d+)(?: \+ N)? \| (\d+)", re.MULTILINE)


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}")[1].split("\n## ")[0]


def test_the_order_of_checks_is_that_of_the_verdicts() -> None:
    told = re.findall(r"`([A-Z_]+)`", _section("The order of checks").split("\n`parse`")[0])
    of_trust = [v for v in Verdict if Verdict.ACCEPTED < v < Verdict.CLOCK_UNTRUSTED]
    assert told == [verdict.name for verdict in of_trust]


@pytest.mark.parametrize(
    ("title", "data", "rows"),
    [
        ("The code: 332 + N bytes", forge.build(), 16),
        ("The certificate: 117 bytes", bytes.fromhex(REAL_CERTIFICATE), 11),
    ],
)
def test_the_tables_give_the_places(title: str, data: bytes, rows: int) -> None:
    places: dict[str, tuple[int, int]] = {}
    for part in anatomy(data).parts:
        number = part.number.partition(".")[0]
        start, length = places.get(number, (part.offset, 0))
        places[number] = (start, length + len(part.raw))
    told = ROW.findall(_section(title))
    assert len(told) == rows
    for number, offset, length in told:
        assert places[number] == (int(offset), int(length)), f"row {number}"


def test_every_flag_of_the_vectors_says_its_attack() -> None:
    assert all(about.endswith(".") and attack.endswith(".") for about, attack in FLAGS.values())
