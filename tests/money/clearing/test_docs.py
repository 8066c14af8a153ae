"""What `docs/clearing.md` tells a card company's engineer is what is written and read here."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from ridecode.core import day_named
from ridecode.money.clearing import (
    Again,
    AnswerHead,
    Charge,
    Fare,
    Fault,
    Head,
    Reason,
    Rejected,
    Sent,
    Written,
    answer,
    answer_file,
    answer_name,
    cleared,
    layout,
    line_of,
    read_answer,
    write_settlement,
)
from ridecode.money.clearing.fields import Field, Record
from tests.money.clearing.paper import CITY, COMPANY, KEYS

PAGE = (Path(__file__).resolve().parents[3] / "docs/clearing.md").read_text(encoding="utf-8")
DAY = day_named("2018-09-01")
RIDES = [UUID(f"0165{n:04x}-0000-7000-8000-{n:012x}") for n in range(9)]


def settled(folder: Path) -> Written:
    """The page's settlement file: three fares, two charges, a fare that is sent again."""
    rider, other = "3104870400000000018", "3104870400000000026"
    lines: list[Sent] = [
        Fare(1041, RIDES[1], rider, "shenzhen-metro", "tencent", "metro", "line-1", "sz-luohu",
             1_535_758_200_000_000, "sz-gangxia", 1_535_759_520_000_000, "shenzhen-2018", 400),
        Fare(1042, RIDES[2], other, "eastern-bus", "", "bus", "m191", "", 1_535_760_000_000_000,
             "", 1_535_760_000_000_000, "shenzhen-2018", 200),
        Fare(1046, RIDES[0], rider, "shenzhen-metro", "tencent", "metro", "line-1", "sz-luohu",
             1_535_671_800_000_000, "", None, "shenzhen-2018", -900),
        Charge(1043, RIDES[1], rider, "wechat", "4200000171201809010000000001", 400),
        Charge(1047, RIDES[0], rider, "wechat", "", -900),
        Again(16, 7, Fare(987, RIDES[3], other, "shenzhen-metro", "alipay", "metro", "line-4",
                          "sz-futiankouan", 1_535_673_000_000_000, "sz-shaonian",
                          1_535_674_200_000_000, "shenzhen-2018", 300)),
    ]  # fmt: skip
    head = Head(
        city="shenzhen", card_company="shenzhentong", day=DAY, number=17, part=1, parts=1,
        before=sha256(b"settlement file 16").digest(),
    )  # fmt: skip
    return write_settlement(folder, head, map(line_of, lines), CITY)


def answered(folder: Path, to: Written) -> Path:
    """The page's answer: the bus's fare is rejected."""
    rejected = [Rejected(3, 1042, Reason.UNKNOWN_ACCOUNT, "查无此卡")]
    totals, _ = cleared(to.path, {3: 1042})
    head = AnswerHead(
        city="shenzhen", card_company="shenzhentong", day=DAY, number=17, digest=to.digest
    )
    path = folder / answer_name(head)
    path.write_bytes(answer_file(head, rejected, totals, COMPANY))
    return path


def test_the_examples_are_the_files_byte_for_byte(tmp_path: Path) -> None:
    to = settled(tmp_path)
    path = answered(tmp_path, to)
    assert re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) == [
        to.path.read_text(encoding="utf-8"), path.read_text(encoding="utf-8")
    ]  # fmt: skip
    assert to.path.name in PAGE
    assert path.name in PAGE
    assert len(read_answer(path, KEYS, to.path).rejected) == 1


def _rows(title: str) -> list[list[str]]:
    """The cells of the first table below a title, without its head."""
    below = PAGE[PAGE.index(f"\n{title}\n") :]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[0].splitlines()[2:]]


def _types() -> dict[str, list[str]]:
    """Of each type the patterns of which a field matches one."""
    return {row[0].strip("`"): re.findall("`([^`]+)`", row[1]) for row in _rows("## Types")}


def _patterns(field: Field) -> list[str]:
    return re.sub(r"^\(\?:(.*)\)\??$", r"\1", field.pattern).split("|")


SETTLEMENT, ANSWER = layout.RECORDS, answer.RECORDS
TABLES = [
    *((f"### {one.letter} ", one) for kind, one in SETTLEMENT.items() if not kind.startswith("A")),
    *((f"### Answer {one.letter} ", one) for one in ANSWER.values()),
]


@pytest.mark.parametrize(("title", "record"), TABLES, ids=[row[0] for row in TABLES])
def test_every_field_stands_in_its_place_with_its_pattern(title: str, record: Record) -> None:
    (whole,) = re.findall(rf"^{title}.*$", PAGE, re.MULTILINE)
    rows, types = _rows(whole), _types()
    assert [(row[0], row[1].strip("`")) for row in rows] == [
        (str(place), field.name) for place, field in enumerate(record.fields, 1)
    ]
    for row, field in zip(rows, record.fields, strict=True):
        told = row[3].strip("`")
        assert types.get(told, [told]) == _patterns(field), field.name


@pytest.mark.parametrize(
    ("title", "record"), [row for row in TABLES if "O" not in row[0]], ids=lambda one: str(one)[:12]
)
def test_every_example_of_a_field_is_one(title: str, record: Record) -> None:
    (whole,) = re.findall(rf"^{title}.*$", PAGE, re.MULTILINE)
    for row, field in zip(_rows(whole), record.fields, strict=True):
        example = row[5].strip("`").replace("…", "0" * 200)
        if "…" in row[5]:
            example = example[: int(re.findall(r"\{(\d+)\}", field.pattern)[0])]
        assert not field.is_wrong(example), field.name


@pytest.mark.parametrize(("title", "members"), [("## The linter", Fault), ("### Reasons", Reason)])
def test_every_number_has_its_row(title: str, members: Mapping[str, int]) -> None:
    known = {str(int(one)): one.name for one in members}  # type: ignore[attr-defined]
    assert {row[0]: row[1].strip("`") for row in _rows(title)} == known
