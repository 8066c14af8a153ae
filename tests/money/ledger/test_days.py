"""A business day closes once, is sealed by one hash, and can be checked from its files alone."""

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from msgspec import json

from ridecode.core import BadInputError, BusinessCalendar, RefusedError, day_name
from ridecode.money.ledger import (
    Account,
    Fault,
    Flow,
    Kind,
    Ledger,
    Outcome,
    Seal,
    TrialLine,
    audit_day,
    close_day,
    open_day,
    seal_day,
    trial_balance,
)
from ridecode.money.ledger.dayfile import LINE_MOST, SEAL_MOST, lines_name, seal_name
from ridecode.store import Cell, open_cell
from tests.money.ledger.books import COMPANY, DAY, journal, posted

CALENDAR = BusinessCalendar(8 * 3600, 2 * 3600)
NEXT, LATER = DAY + 1, DAY + 2
OVER = CALENDAR.starts(NEXT)


def two_days(cell: Cell) -> None:
    """Rides of one day, and some of the next; lines of the two stand among one another."""
    assert posted(
        cell,
        journal("1", Flow.FARE, 530), journal("2", Flow.FARE, 200, debit="r2"),
        journal("3", Flow.FARE, 100, day=NEXT), journal("4", Flow.CHARGED, 530),
        journal("5", Flow.TOPPED_UP, 1_000, credit="r2", day=NEXT),
        journal("6", Flow.CHARGED_WALLET, 200, debit="r2", credit="r2", day=NEXT),
        journal("7", Flow.EARNED, 730), journal("8", Flow.PAID_IN, 527),
        journal("9", Flow.CHANNEL_FEE, 3),
    ) == [Outcome.POSTED] * 9  # fmt: skip


def sealed(cell: Cell, folder: Path, *days: int) -> list[Seal]:
    folder.mkdir(exist_ok=True)
    for day in days:
        close_day(cell, CALENDAR, day, CALENDAR.starts(day + 1))
    return [seal_day(cell, day, folder) for day in days]


def test_a_closed_day_takes_nothing_more_and_the_next_one_does(cell: Cell) -> None:
    two_days(cell)
    late = journal("late", Flow.FARE, 5)
    assert close_day(cell, CALENDAR, DAY, OVER) == OVER
    assert posted(cell, late) == [Outcome.DAY_CLOSED]
    with pytest.raises(psycopg.errors.RestrictViolation), cell.connection() as conn:
        conn.execute(
            """INSERT INTO ledger_journals SELECT n + 100, gen_random_uuid(), flow, debit, credit,
               amount, debit_after, credit_after, day, about FROM ledger_journals WHERE n = 1"""
        )
    assert posted(cell, journal("late", Flow.FARE, 5, day=open_day(DAY, DAY))) == [Outcome.POSTED]


def test_told_again_after_the_close_it_still_exists(cell: Cell) -> None:
    two_days(cell)
    close_day(cell, CALENDAR, DAY, OVER)
    assert posted(cell, journal("1", Flow.FARE, 530)) == [Outcome.EXISTS]
    assert posted(cell, journal("1", Flow.FARE, 531)) == [Outcome.ID_TAKEN]


@pytest.mark.parametrize(
    ("day", "closed", "opened"), [(5, None, 5), (5, 4, 5), (5, 5, 6), (5, 9, 10)]
)
def test_what_is_late_goes_to_the_first_open_day(day: int, closed: int | None, opened: int) -> None:
    assert open_day(day, closed) == opened


def test_it_closes_once(cell: Cell) -> None:
    two_days(cell)
    first = close_day(cell, CALENDAR, DAY, OVER)
    assert close_day(cell, CALENDAR, DAY, OVER + 99) == first


REFUSED: list[tuple[str, int, int, str]] = [
    ("it still runs", DAY, OVER - 1, "still runs"),
    ("an earlier one is open", NEXT, OVER + 10**12, f"Close {day_name(DAY)} first"),
]


@pytest.mark.parametrize(("day", "now", "what"), [row[1:] for row in REFUSED])
def test_it_does_not_close_before_its_time(cell: Cell, day: int, now: int, what: str) -> None:
    two_days(cell)
    with pytest.raises(RefusedError, match=what):
        close_day(cell, CALENDAR, day, now)


def test_days_close_one_after_another(cell: Cell) -> None:
    two_days(cell)
    close_day(cell, CALENDAR, DAY, OVER)
    with pytest.raises(RefusedError, match=f"Close {day_name(NEXT)} first"):
        close_day(cell, CALENDAR, LATER, OVER + 10**12)
    close_day(cell, CALENDAR, NEXT, OVER + 10**12)
    close_day(cell, CALENDAR, LATER, OVER + 10**12)


def test_the_files_of_a_day(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    (seal,) = sealed(cell, tmp_path, DAY)
    lines = (tmp_path / "journals-2024-10-04.csv").read_text().splitlines()
    assert lines[0] == "n,journal_id,flow,debit,credit,amount,about"
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "4", "7", "8", "9"]
    assert lines[1].split(",")[2:6] == ["1", "r1", COMPANY, "530"]
    told = json.decode((tmp_path / "seal-2024-10-04.json").read_bytes())
    assert (told["day"], told["journals"], told["root"]) == ("2024-10-04", 6, seal.root.hex())
    assert {(one["kind"], one["party"]): one["closing"] for one in told["sums"]} == {
        ("RIDER", ""): 200, ("CHANNEL", "wechat"): 0, ("CARD_COMPANY", COMPANY): 0,
        ("BANK", COMPANY): 527, ("OPERATOR", "metro"): -730, ("FEE", "wechat"): 3,
    }  # fmt: skip


def test_sealed_again_it_is_the_same_byte_for_byte(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    first, again = tmp_path / "first", tmp_path / "again"
    sealed(cell, first, DAY)
    sealed(cell, first, NEXT)
    sealed(cell, again, DAY, NEXT)
    for name in (lines_name(DAY), seal_name(DAY), lines_name(NEXT), seal_name(NEXT)):
        assert (first / name).read_bytes() == (again / name).read_bytes()


def test_an_open_day_is_not_sealed_nor_one_before_its_turn(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    with pytest.raises(RefusedError, match="is open"):
        seal_day(cell, DAY, tmp_path)
    for day in (DAY, NEXT):
        close_day(cell, CALENDAR, day, CALENDAR.starts(day + 1))
    with pytest.raises(RefusedError, match=f"Seal {day_name(DAY)}"):
        seal_day(cell, NEXT, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_day_without_a_ride_is_sealed_as_well(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    seals = sealed(cell, tmp_path, DAY, NEXT, LATER)
    assert seals[2].journals == 0
    assert [one.closing for one in seals[2].sums] == [one.closing for one in seals[1].sums]
    assert audit_day(tmp_path, LATER, tmp_path / seal_name(NEXT)).findings == ()


def test_an_honest_day_passes(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    sealed(cell, tmp_path, DAY, NEXT)
    first = audit_day(tmp_path, DAY)
    second = audit_day(tmp_path, NEXT, tmp_path / seal_name(DAY))
    assert (first.findings, first.journals) == ((), 6)
    assert (second.findings, second.journals) == ((), 3)


Forge = Callable[[str], str]


def on_line(at: int, forge: Forge) -> Forge:
    def forged(content: str) -> str:
        lines = content.splitlines(keepends=True)
        lines[at] = forge(lines[at])
        return "".join(lines)

    return forged


def exchanged(content: str) -> str:
    head, first, second, *others = content.splitlines(keepends=True)
    return "".join((head, second, first, *others))


ROOT, MOVED = {Fault.ROOT}, {Fault.ROOT, Fault.MOVED}
FORGED_LINES: list[tuple[str, Forge, set[Fault]]] = [
    ("an amount", on_line(1, lambda line: line.replace(",530,", ",531,")), MOVED),
    ("a party", on_line(1, lambda line: line.replace(",r1,", ",r3,")), ROOT),
    ("another operator", on_line(4, lambda line: line.replace("metro", "bus")), MOVED),
    ("what it is about", on_line(1, lambda line: line[:-3] + "00\n"), ROOT),
    ("a line taken away", on_line(2, lambda _: ""), {*MOVED, Fault.COUNT}),
    ("a line twice", on_line(2, lambda line: line * 2),
     {*MOVED, Fault.COUNT, Fault.NUMBER_NOT_HIGHER}),
    ("a line twice with another number",
     on_line(2, lambda line: line + line.replace("2,", "3,", 1)),
     {*MOVED, Fault.COUNT, Fault.ID_TWICE}),
    ("two lines exchanged", exchanged,
     {Fault.ROOT, Fault.NUMBER_NOT_HIGHER}),
    ("no flow", on_line(1, lambda line: line.replace(",1,r1", ",99,r1")),
     {*MOVED, Fault.LINE_MALFORMED}),
    ("less than nothing", on_line(1, lambda line: line.replace(",530,", ",-530,")),
     {*MOVED, Fault.LINE_MALFORMED}),
    ("no line at all", on_line(1, lambda _: "what?\n"), {*MOVED, Fault.LINE_MALFORMED}),
    ("not even text", on_line(1, lambda _: "\u4e58\n"), {*MOVED, Fault.LINE_MALFORMED}),
    ("no head", on_line(0, lambda _: "n\n"), {Fault.HEAD}),
    ("no end", lambda content: content[:-1], {Fault.MOVED, Fault.LINE_MALFORMED}),
    ("a line without an end", on_line(1, lambda line: line[:-1] + "0" * 2 * LINE_MOST + "\n"),
     {*MOVED, Fault.COUNT, Fault.LINE_MALFORMED}),
]  # fmt: skip


@pytest.fixture(scope="module")
def honest(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    with open_cell(server_folder, "honest") as cell:
        two_days(cell)
        sealed(cell, folder, DAY, NEXT)
    return folder


@pytest.fixture
def files(honest: Path, tmp_path: Path) -> Path:
    """The files of two honest days, to be forged."""
    return shutil.copytree(honest, tmp_path / "forged")


@pytest.mark.parametrize(
    ("forge", "faults"), [row[1:] for row in FORGED_LINES], ids=[row[0] for row in FORGED_LINES]
)
def test_a_forged_line_is_found(files: Path, forge: Forge, faults: set[Fault]) -> None:
    path = files / lines_name(DAY)
    content = path.read_text()
    path.write_text(forge(content), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != content
    assert {one.fault for one in audit_day(files, DAY).findings} == faults


def moved(party: str, **by: int) -> Callable[[dict[str, object]], None]:
    def forged(told: dict[str, object]) -> None:
        sums = told["sums"]
        assert isinstance(sums, list)
        for one in sums:
            if one["party"] == party:
                for name, amount in by.items():
                    one[name] += amount

    return forged


FORGED_SEALS: list[tuple[str, Callable[[dict[str, object]], None], set[Fault]]] = [
    ("the root", lambda told: told.update(root="00" * 32), {Fault.ROOT, Fault.CHAIN}),
    ("the chain", lambda told: told.update(chain="00" * 32), {Fault.CHAIN}),
    ("the count", lambda told: told.update(journals=7), {Fault.COUNT}),
    ("what an operator earned", moved("metro", credits=1), {Fault.MOVED, Fault.CLOSING}),
    ("what it has", moved("metro", closing=1), {Fault.CLOSING, Fault.UNBALANCED}),
    ("the day", lambda told: told.update(day=day_name(NEXT)), {Fault.OTHER_DAY}),
    ("an account twice", lambda told: told.update(sums=told["sums"] + told["sums"][:1]),  # type: ignore[index]
     {Fault.SUM_TWICE}),
    ("an account left out", lambda told: told.update(sums=told["sums"][1:]),  # type: ignore[index]
     {Fault.MOVED, Fault.UNBALANCED}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("forge", "faults"), [row[1:] for row in FORGED_SEALS], ids=[row[0] for row in FORGED_SEALS]
)
def test_a_forged_seal_is_found(
    files: Path, forge: Callable[[dict[str, object]], None], faults: set[Fault]
) -> None:
    path = files / seal_name(DAY)
    told = json.decode(path.read_bytes())
    forge(told)
    path.write_bytes(json.encode(told))
    assert {one.fault for one in audit_day(files, DAY).findings} == faults


def test_a_day_follows_from_the_day_before(files: Path) -> None:
    """Left out, or another: then neither the chain nor the closings fit."""
    assert {one.fault for one in audit_day(files, NEXT).findings} == {Fault.CHAIN, Fault.CLOSING}
    own = files / seal_name(NEXT)
    faults = [one.fault for one in audit_day(files, NEXT, own).findings]
    assert faults == [Fault.NOT_THE_DAY_BEFORE]


def test_no_day_between_is_left_out(cell: Cell, tmp_path: Path) -> None:
    """A day on which nothing moved leaves the closings as they were: only its day tells."""
    two_days(cell)
    sealed(cell, tmp_path, DAY, NEXT, LATER)
    found = audit_day(tmp_path, LATER, tmp_path / seal_name(DAY)).findings
    assert [(one.fault, one.what) for one in found] == [
        (Fault.NOT_THE_DAY_BEFORE, f"that of shenzhen, {day_name(DAY)} was given")
    ]


def test_the_files_of_another_day_do_not_pass_under_its_names(files: Path) -> None:
    for name in (lines_name, seal_name):
        (files / name(DAY)).rename(files / name(LATER))
    assert [one.fault for one in audit_day(files, LATER).findings] == [Fault.OTHER_DAY]


def test_whoever_signed_the_seal_is_named(files: Path) -> None:
    seal = (files / seal_name(DAY)).read_bytes()
    assert audit_day(files, DAY).signed_by is None
    found = audit_day(files, DAY, signer=lambda told: "ours" if told == seal else None)
    assert (found.signed_by, found.findings) == ("ours", ())
    found = audit_day(files, DAY, signer=lambda _: None)
    assert [one.fault for one in found.findings] == [Fault.SIGNATURE]


def test_a_seal_that_never_ends_is_not_read(files: Path) -> None:
    with (files / seal_name(DAY)).open("ab") as file:
        file.truncate(SEAL_MOST + 1)
    with pytest.raises(BadInputError, match="too long"):
        audit_day(files, DAY)


def test_a_line_that_never_ends_is_read_in_pieces(files: Path) -> None:
    """Fifty million bytes without an end take no more memory than a short file."""
    with (files / lines_name(DAY)).open("ab") as file:
        file.truncate(50_000_000)
    tracemalloc.start()
    try:
        found = audit_day(files, DAY)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert Fault.LINE_MALFORMED in {one.fault for one in found.findings}
    assert most < 10_000_000


def test_files_that_are_missing_or_no_such_files_are_refused(files: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        audit_day(files, LATER)
    (files / seal_name(DAY)).write_bytes(b'{"format": "ridecode seal 2"}')
    with pytest.raises(BadInputError, match="no seal"):
        audit_day(files, DAY)
    (files / lines_name(NEXT)).unlink()
    with pytest.raises(BadInputError, match=lines_name(NEXT)):
        audit_day(files, NEXT)


def test_of_many_findings_a_hundred_are_told_and_the_others_counted(files: Path) -> None:
    path = files / lines_name(DAY)
    path.write_text(path.read_text() + "x\n" * 150)
    found = audit_day(files, DAY)
    assert sum(one.fault is Fault.LINE_MALFORMED for one in found.findings) == 100
    assert found.more == 50


def test_the_trial_balance_is_of_sealed_and_open_days(cell: Cell, tmp_path: Path) -> None:
    two_days(cell)
    before = trial_balance(cell)
    sealed(cell, tmp_path, DAY)
    after = trial_balance(cell)
    assert {(one.kind, one.party): one.closing for one in before} == {
        (one.kind, one.party): one.closing for one in after
    }
    assert sum(one.closing for one in before) == 0
    assert after[0] == TrialLine(Kind.RIDER, "", 100, 200, 100)
    assert TrialLine(Kind.OPERATOR, "metro", 0, 0, -730) in after


def test_a_ledger_goes_on_over_a_close(cell: Cell, tmp_path: Path) -> None:
    ledger = Ledger(COMPANY)
    for day in (DAY, NEXT):
        with cell.connection() as conn:
            assert ledger.post(conn, [journal(f"{day}", Flow.FARE, 7, day=day)], day * 10**10) == [
                Outcome.POSTED
            ]
        sealed(cell, tmp_path, day)
    closings = [one.closing for one in trial_balance(cell)]
    assert closings == [14, -14]
    assert Account(Kind.RIDER, "r1").kind.is_debit
