"""A settlement file is written whole or not at all, and its totals are those of its bytes."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ridecode.core import BadInputError
from ridecode.money.clearing import (
    Total,
    Totals,
    line_of,
    lint,
    raw_lines,
    sent_file,
    sent_lines,
    write_settlement,
)
from tests.money.clearing.paper import CITY, KEYS, LINES, charge, fare, head, settlement


def test_the_totals_are_those_of_the_lines(tmp_path: Path) -> None:
    written = settlement(tmp_path)
    assert written.totals == Totals(
        operators={"metro": Total(3, 880), "eastern-bus": Total(1, 200)},
        platforms={"tencent": Total(3, 880), "": Total(1, 200)},
        channels={"wechat": Total(2, 930), "wallet": Total(1, -30)},
        fares=Total(3, 680), charges=Total(2, 500), again=Total(2, 800),
    )  # fmt: skip
    assert written.path.read_text().splitlines()[8:15] == [
        "O,eastern-bus,1,200", "O,metro,3,880", "P,,1,200", "P,tencent,3,880", "K,wallet,1,-30",
        "K,wechat,2,930", "T,3,680,2,500,2,800",
    ]  # fmt: skip


def test_what_is_written_is_sound_signed_and_read_again(tmp_path: Path) -> None:
    written = settlement(tmp_path)
    found = lint(written.path, KEYS)
    assert (found.findings, found.head, found.lines) == ((), head(), 16)
    assert found.signed_by is not None
    assert written.digest == found.digest == sha256(written.path.read_bytes()).digest()
    assert list(sent_lines(written.path)) == list(enumerate(LINES, 2))
    assert sent_file(written.path).digest == written.digest
    assert dict(raw_lines(written.path, {3, 8})) == {3: line_of(LINES[1]), 8: line_of(LINES[6])}


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_chunks_may_be_of_any_size(tmp_path: Path, size: int) -> None:
    lines = b"".join(line_of(fare(n, n % 700 - 350 or 1)) for n in range(1, 900))
    chunks = [lines[at : at + size] for at in range(0, len(lines), size)]
    written = write_settlement(tmp_path, head(), chunks, CITY)
    assert written.totals.fares == Total(899, sum(n % 700 - 350 or 1 for n in range(1, 900)))
    assert lint(written.path, KEYS).findings == ()


def test_a_day_without_a_line_has_its_file(tmp_path: Path) -> None:
    written = write_settlement(tmp_path, head(), (), CITY)
    assert lint(written.path, KEYS).findings == ()
    assert written.path.read_text().splitlines()[1] == "T,0,0,0,0,0,0"


REFUSED: list[tuple[str, list[bytes], str]] = [
    ("a quoted text", [line_of(fare(1, 5)).replace(b"line-1", b'""')], "FIELD in line"),
    ("nothing moved", [line_of(fare(1, 0))], "FIELD in amount"),
    ("twice", [line_of(fare(1, 5)) * 2], "TWICE in n"),
    ("not in order", [line_of(charge(1, 5)), line_of(fare(2, 5))], "ORDER"),
    ("no end", [line_of(fare(1, 5))[:-1]], "TRUNCATED"),
    ("totals that were not added up here", [b"O,metro,1,5\n"], "TOTAL|ORDER|NOT_ASCENDING"),
    ("a signature of somebody else", [b"T,0,0,0,0,0,0\n", b"S,00,00\n"], "ORDER|FIELD"),
]


@pytest.mark.parametrize(("lines", "what"), [row[1:] for row in REFUSED])
def test_what_a_linter_would_find_is_not_written(
    tmp_path: Path, lines: list[bytes], what: str
) -> None:
    with pytest.raises(BadInputError, match=what):
        write_settlement(tmp_path, head(), lines, CITY)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_cut_while_it_is_written_is_not_there(tmp_path: Path) -> None:
    settled = settlement(tmp_path).path
    before = settled.read_bytes()

    def broken() -> Iterator[bytes]:
        yield line_of(fare(1, 5)) * 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_settlement(tmp_path, head(), broken(), CITY)
    assert [path.name for path in tmp_path.iterdir()] == [settled.name]
    assert settled.read_bytes() == before
