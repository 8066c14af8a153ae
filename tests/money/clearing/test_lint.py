"""Each fault is forged once, and found as just that."""

import tracemalloc
from pathlib import Path

import pytest

from ridecode.core import BadInputError
from ridecode.money.clearing import Fault, Finding, line_of, lint, settled
from ridecode.money.clearing.signing import Said
from tests.money.clearing.paper import (
    CITY,
    DAY,
    KEYS,
    LINES,
    STRANGER,
    Forge,
    charge,
    fare,
    faults,
    first,
    forged,
    of,
    on,
    put,
    settlement,
    swapped,
)

F1, F2, C1 = line_of(LINES[0]), line_of(LINES[1]), line_of(LINES[3])

FORGED: list[tuple[str, Forge, set[Fault]]] = [
    ("bytes that are no text", put(2, F1.replace(b"line-1", b"\xff")), {Fault.ENCODING}),
    ("CR LF", put(2, F1[:-1] + b"\r\n"), {Fault.LINE_END}),
    ("a line without end", put(2, F1[:-1] + b"0" * 5000 + b"\n"), {Fault.TOO_LONG}),
    ("a line longer than a block", put(2, b"F" * 200_000 + b"\n"), {Fault.TOO_LONG}),
    ("no letter", put(2, F1, b"X,1\n"), {Fault.RECORD}),
    ("an empty line", put(2, F1, b"\n"), {Fault.RECORD}),
    ("charges before fares", swapped(2, 5), {Fault.ORDER}),
    ("two heads", lambda lines: [lines[0], *lines], {Fault.ORDER}),
    ("no head", lambda lines: lines[1:], {Fault.ORDER}),
    ("no head nor anything like it", lambda lines: [b"?\n", *lines[1:]], {Fault.RECORD}),
    ("a mark of byte order", on(1, "H", "\ufeffH"), {Fault.RECORD}),
    ("no sums", lambda lines: lines[:-1], {Fault.ORDER}),
    ("a field more", on(2, ",530", ",530,"), {Fault.FIELDS}),
    ("sent again, and nothing is", put(8, b"A,1,9\n"), {Fault.FIELDS}),
    ("sent again, and it is a total", on(8, "C", "K"), {Fault.FIELD}),
    ("sent again from a file to come", on(8, "A,1,", "A,2,"), {Fault.FIELD}),
    ("another layout", on(1, "ridecode-settlement,1", "ridecode-settlement,2"), {Fault.FIELD}),
    ("no amount", on(2, ",530", ",0"), {Fault.FIELD}),
    ("a zero before it", on(2, ",530", ",0530"), {Fault.FIELD}),
    ("a quote", on(2, "line-1", '"line-1"'), {Fault.FIELD}),
    ("a control character", on(2, "line-1", "line\x1b1"), {Fault.FIELD}),
    ("no day", on(1, "2018-09-01", "2018-02-30"), {Fault.FIELD}),
    ("fares exchanged", swapped(2, 3), {Fault.NOT_ASCENDING}),
    ("totals exchanged", swapped(9, 10), {Fault.NOT_ASCENDING, Fault.TOTAL}),
    ("disputes exchanged", swapped(7, 8), {Fault.NOT_ASCENDING}),
    ("one number for two fares", on(3, "F,12,", "F,11,"), {Fault.TWICE}),
    ("one for a fare and a charge", on(5, "C,13,", "C,14,"), {Fault.TWICE}),
    ("one that is sent again as well", on(7, "F,3,", "F,14,"), {Fault.TWICE}),
    ("an amount", on(2, ",530", ",531"), {Fault.TOTAL}),
    ("an operator's total", on(9, "1,200", "1,201"), {Fault.TOTAL}),
    ("an operator's lines", on(9, "1,200", "2,200"), {Fault.TOTAL}),
    ("an operator left out", put(9), {Fault.TOTAL}),
    ("an operator that has no line", put(9, b"O,a,0,0\n", b"O,eastern-bus,1,200\n"), {Fault.TOTAL}),
    ("a platform's total", on(12, "3,880", "3,881"), {Fault.TOTAL}),
    ("a channel's total", on(13, "1,-30", "1,30"), {Fault.TOTAL}),
    ("the sums", on(15, "2,800", "2,801"), {Fault.TOTAL}),
    ("a line left out", put(2), {Fault.TOTAL}),
    ("part 2 of 1", on(1, ",2,1,1,", ",2,2,1,"), {Fault.PART}),
    ("another number", on(1, ",2,1,1,", ",3,1,1,"), {Fault.NAME}),
    ("another city", on(1, "shenzhen", "guangzhou"), {Fault.NAME}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("forge", "found"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED]
)
def test_a_forged_file_is_found_though_it_is_signed(
    tmp_path: Path, forge: Forge, found: set[Fault]
) -> None:
    path = forged(settlement(tmp_path).path, forge)
    assert faults(path) == found
    assert lint(path, KEYS).signed_by is not None


RAW: list[tuple[str, Forge, set[Fault]]] = [
    ("a changed file", on(2, "tencent", "tencenu"), {Fault.TOTAL, Fault.SIGNATURE}),
    ("what no total shows", on(2, "line-1", "line-2"), {Fault.SIGNATURE}),
    ("another signature", put(16, b"S,34750f98bd59fcfc," + b"0" * 128 + b"\n"),
     {Fault.SIGNATURE}),
    ("no signature", put(16), {Fault.TRUNCATED}),
    ("cut within a line", lambda lines: [*lines[:4], lines[4][:9]], {Fault.TRUNCATED}),
    ("cut within the signature", lambda lines: [*lines[:15], lines[15][:99]], {Fault.TRUNCATED}),
    ("cut by one byte", lambda lines: [*lines[:15], lines[15][:-1]], {Fault.TRUNCATED}),
    ("nothing", lambda _: [b""], {Fault.TRUNCATED}),
    ("an empty line behind", lambda lines: [*lines, b"\n"], {Fault.TRAILING}),
    ("a byte behind", lambda lines: [*lines, b"\0"], {Fault.TRAILING}),
    ("itself behind", lambda lines: lines * 2, {Fault.TRAILING}),
    ("CR LF behind the signature", lambda lines: [*lines[:15], lines[15][:-1] + b"\r\n"],
     {Fault.LINE_END}),
    ("no signature in its line", lambda lines: [*lines[:15], b"S,00,00\n"], {Fault.FIELD}),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "found"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_what_was_changed_after_it_was_signed_is_not_signed(
    tmp_path: Path, forge: Forge, found: set[Fault]
) -> None:
    path = settlement(tmp_path).path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(forge(lines) or lines))
    assert faults(path) == found
    assert lint(path, KEYS).signed_by is None


def test_an_unknown_key_is_named_and_without_keys_nobody_signed(tmp_path: Path) -> None:
    path = forged(settlement(tmp_path).path, on(2, "line-1", "line-2"), STRANGER)
    assert faults(path) == {Fault.KEY}
    found = lint(path)
    assert (found.findings, found.signed_by) == ((), None)


def test_an_answers_signature_is_none_of_a_settlement_file(tmp_path: Path) -> None:
    path = forged(settlement(tmp_path).path, on(2, "line-1", "line-2"), CITY, Said.ANSWER)
    assert faults(path) == {Fault.SIGNATURE}


BEFORE: list[tuple[str, dict[str, object], set[Fault]]] = [
    ("a file between", {"number": 3}, {Fault.NUMBER}),
    ("many files between", {"number": 99}, {Fault.NUMBER}),
    ("another digest", {"before": b"\1" * 32}, {Fault.DIGEST}),
    ("another city", {"city": "guangzhou"}, {Fault.NOT_THE_FILE_BEFORE}),
    ("an earlier day", {"day": DAY - 1}, {Fault.PART}),
    ("the second part of another day", {"part": 2, "parts": 2}, {Fault.PART}),
    ("the same day again", {"day": DAY}, {Fault.PART}),
]


@pytest.mark.parametrize(
    ("fields", "found"), [row[1:] for row in BEFORE], ids=[row[0] for row in BEFORE]
)
def test_a_file_follows_from_the_one_before(
    tmp_path: Path, fields: dict[str, object], found: set[Fault]
) -> None:
    (folder := tmp_path / "before").mkdir()
    before = first(folder, fare(1, 5))
    honest: dict[str, object] = {"before": before.digest, "day": DAY + 1}
    assert faults(settlement(tmp_path, **honest).path, before.path) == set()
    path = settlement(tmp_path, **{**honest, **fields}).path
    assert faults(path, before.path) == found


def test_the_parts_of_a_day_follow_one_another(tmp_path: Path) -> None:
    one = settlement(tmp_path, part=1, parts=2)
    two = settlement(tmp_path, number=3, part=2, parts=2, before=one.digest)
    assert faults(two.path, one.path) == set()
    assert faults(
        settlement(tmp_path, number=3, day=DAY + 1, before=one.digest).path, one.path
    ) == {Fault.PART}


def test_what_is_no_settlement_file_comes_before_none(tmp_path: Path) -> None:
    (other := tmp_path / "other").write_bytes(b"\xff" * 9000)
    assert faults(settlement(tmp_path).path, other) == {Fault.NOT_THE_FILE_BEFORE}


def test_the_first_file_has_none_before_it(tmp_path: Path) -> None:
    path = first(tmp_path, fare(1, 5)).path
    assert faults(path) == set()
    assert faults(forged(path, on(1, "00" * 32, "01" * 32))) == {Fault.DIGEST}


def test_more_lines_than_a_file_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one has a million: what is tried here is the end, wherever it is."""
    path = settlement(tmp_path).path
    monkeypatch.setattr(settled, "LINES_MOST", 6)
    assert faults(path) == {Fault.TOO_MANY}
    monkeypatch.setattr(settled, "LINES_MOST", 7)
    assert faults(path) == set()


def test_a_finding_says_where_and_what(tmp_path: Path) -> None:
    path = forged(settlement(tmp_path).path, on(3, "eastern-bus", "东部公交"))
    assert lint(path, KEYS).findings == (
        Finding(Fault.FIELD, 3, "operator", "东部公交", "at most 64 of 0-9A-Za-z._:-"),
    )


def test_what_is_shown_can_move_no_terminal(tmp_path: Path) -> None:
    path = forged(settlement(tmp_path).path, put(2, b"\x1b[2J\x07" * 50 + b"\n"))
    (found,) = lint(path, KEYS).findings
    assert found.found.isprintable()
    assert len(found.found) <= 61


def test_of_many_findings_a_hundred_are_told_and_the_others_counted(tmp_path: Path) -> None:
    path = forged(settlement(tmp_path).path, put(2, *[b"X\n"] * 150))
    found = lint(path, KEYS)
    assert (len(found.findings), found.more, of(found)) == (100, 50, {Fault.RECORD})


def test_totals_of_parties_that_no_line_has_take_no_memory(tmp_path: Path) -> None:
    """They are read before the signature is: a hundred thousand of them are only counted."""
    others = b"".join(b"O,zz%06d%s,1,1\n" % (n, b"-" * 50) for n in range(100_000))
    path = forged(settlement(tmp_path).path, lambda known: [*known[:10], others, *known[10:]])
    tracemalloc.start()
    try:
        found = lint(path, KEYS)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(found.findings), found.more, of(found)) == (100, 99_900, {Fault.TOTAL})
    assert most < 5_000_000


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        lint(tmp_path / "nothing")
    with pytest.raises(BadInputError, match="cannot be read"):
        lint(settlement(tmp_path).path, KEYS, tmp_path / "nothing")


def test_every_fault_is_forged_somewhere() -> None:
    tried = {fault for rows in (FORGED, RAW, BEFORE) for row in rows for fault in row[2]}
    elsewhere = {Fault.KEY, Fault.TOO_MANY, Fault.ANOTHER_FILE, Fault.NEVER_SENT}
    assert tried | elsewhere == set(Fault)


def test_wherever_the_bytes_are_parted_the_findings_are_the_same(tmp_path: Path) -> None:
    """A block of lines of one kind is read at once, others line by line."""
    lines = [line_of(fare(n, 5)) for n in range(1, 1200)]
    lines[700] = lines[700].replace(b",metro,line-1", b",,line-1")
    lines[800], lines[801] = lines[801], lines[800]
    many = [*lines, *(line_of(charge(n, 5)) for n in range(2000, 2300)), *lines[:1]]
    path = forged(settlement(tmp_path).path, lambda known: [known[0], *many, *known[8:]])
    whole = [(one.fault, one.line) for one in lint(path, KEYS).findings]
    assert whole == [
        (Fault.FIELD, 702), (Fault.NOT_ASCENDING, 803), (Fault.ORDER, 1501),
    ]  # fmt: skip
