"""`ridecode clearing`: look at the files that pass between a city and its card company."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import settling
from ridecode.cli.options import Json
from ridecode.cli.output import REFUSED, facts, show, table
from ridecode.core import BadInputError, Words, day_name

if TYPE_CHECKING:
    from rich.console import Group

    from ridecode.money.clearing import Lint

app = typer.Typer(help="Clearing: close days, deal with the card company.", no_args_is_help=True)
app.command(name="close-day")(settling.close_day)
app.command()(settling.send)
app.command()(settling.receive)
app.command()(settling.rejected)
app.command()(settling.dispute)
app.command()(settling.key)

FAULTS = {
    "ENCODING": Words(zh="编码", en="encoding"),
    "LINE_END": Words(zh="换行", en="line end"),
    "TOO_LONG": Words(zh="超长", en="too long"),
    "RECORD": Words(zh="未知记录", en="unknown record"),
    "ORDER": Words(zh="记录顺序", en="order of records"),
    "FIELDS": Words(zh="字段数", en="number of fields"),
    "FIELD": Words(zh="字段", en="field"),
    "NOT_ASCENDING": Words(zh="未递增", en="not ascending"),
    "TWICE": Words(zh="重复", en="twice"),
    "TOO_MANY": Words(zh="行数超限", en="too many lines"),
    "TOTAL": Words(zh="合计", en="total"),
    "PART": Words(zh="分卷", en="part"),
    "TRUNCATED": Words(zh="截断", en="truncated"),
    "TRAILING": Words(zh="多余内容", en="trailing bytes"),
    "NAME": Words(zh="文件名", en="file name"),
    "NUMBER": Words(zh="文件序号", en="file number"),
    "DIGEST": Words(zh="摘要", en="digest"),
    "NOT_THE_FILE_BEFORE": Words(zh="前一文件不符", en="not the file before"),
    "KEY": Words(zh="未知密钥", en="unknown key"),
    "SIGNATURE": Words(zh="签名", en="signature"),
    "ANOTHER_FILE": Words(zh="回执不符", en="answers another file"),
    "NEVER_SENT": Words(zh="从未报送", en="never sent"),
}
_HEX = re.compile(rb"[0-9a-fA-F]{64}")


@app.command()
def lint(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A settlement file, or an answer to one.")
    ],
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key",
            metavar="PUBLIC_KEY_FILE",
            help="Who may sign: an Ed25519 public key, 64 hex digits; may be given several times.",
        ),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option(
            "--before",
            metavar="FILE",
            help="The settlement file before; of an answer the one that it answers.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Everything that is wrong with a file. Exit code 1 where anything is."""
    from ridecode.money.clearing import lint as lint_file

    found = lint_file(file, [public_key(one) for one in key or ()], before)
    head = found.head
    record = {
        "layout": found.layout,
        "city": head and head.city,
        "day": head and day_name(head.day),
        "number": head and head.number,
        "lines": found.lines,
        "digest": found.digest.hex(),
        "signed_by": found.signed_by,
        "findings": [
            {
                "fault": one.fault.name.lower(),
                "line": one.line,
                "field": one.field,
                "found": one.found,
                "expected": one.expected,
            }
            for one in found.findings
        ],
        "more": found.more,
    }
    show(record, as_json, lambda: _told(file.name, found, is_checked=bool(key)))
    if found.findings:
        raise typer.Exit(REFUSED)


def public_key(path: Path) -> bytes:
    text = path.read_bytes().strip()
    if not _HEX.fullmatch(text):
        raise BadInputError("This is no public key.", "It is 64 hex digits.", file=str(path))
    return bytes.fromhex(text.decode())


def _told(name: str, found: "Lint", *, is_checked: bool) -> "Group":
    from rich.console import Group
    from rich.text import Text

    sound = not found.findings
    said = "✓ 文件无误 · sound" if sound else "✗ 文件有误 · not sound"
    parts: list[object] = [
        Text(f"{said}  {name}", style="bold green" if sound else "bold red"),
        facts("", _facts(found, is_checked=is_checked)),
    ]
    if not sound:
        rows: list[list[object]] = [
            [
                str(one.line or "—"),
                f"{FAULTS[one.fault.name].zh} {FAULTS[one.fault.name].en}",
                one.field or "—",
                one.found,
                one.expected,
            ]
            for one in found.findings
        ]
        columns = ["行 line", "差错 fault", "字段 field", "实际 found", "应为 expected"]
        parts.append(table("", columns, rows))
    if found.more:
        parts.append(Text(f"… {found.more:,} 更多 more", style="red"))
    return Group(*parts)  # type: ignore[arg-type]


def _facts(found: "Lint", *, is_checked: bool) -> dict[str, object]:
    head = found.head
    if found.signed_by is not None:
        signed = f"✓ {found.signed_by}"
    else:
        signed = "✗ 无效 does not hold" if is_checked else "未验 not checked: no --key"
    told: dict[str, object] = {} if head is None else {
        "城市 city": head.city, "运营日 day": day_name(head.day), "序号 number": head.number,
    }  # fmt: skip
    return told | {
        "行 lines": found.lines,
        "摘要 digest": found.digest.hex(),
        "签名 signature": signed,
    }
