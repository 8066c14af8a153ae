"""`ridecode taps`: bring card companies' files into a city."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, waiting

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from ridecode.taps import ImportReport

app = typer.Typer(help="Taps: import a card company's file.", no_args_is_help=True)


@app.callback()
def taps() -> None:
    """Taps: import a card company's file."""


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One row a line, with a header.")],
    format_name: Annotated[
        str, typer.Option("--format", metavar="NAME", help="As the city pack's imports.toml names.")
    ],
    data: Data = DATA,
    city: City = CITY,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Where unreadable rows go; else a new file in DIR/rejects.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a file's rows into taps. What is there already stays; the same file again is harmless.

    Rows that cannot be read go to a file with line and reason; rows that contradict a tap are
    kept as evidence. Nothing is dropped.
    """
    from ridecode.city import load_pack
    from ridecode.store import open_cell
    from ridecode.taps import import_file, read_format

    pack = load_pack(city)
    read_format(pack, format_name)  # a slip of the pen is told before a server is started
    reject_to = rejects or _rejects_of(data, file)
    with (
        open_cell(data, pack.id, say=waiting(as_json)) as cell,
        progress("taps", as_json) as step,
    ):
        report = import_file(cell, pack, format_name, file, reject_to=reject_to, progress=step)
    show(report, as_json, lambda: _told(report))


def _rejects_of(data: Path, file: Path) -> Path:
    """A file of its own for every run, so that none overwrites another."""
    return data / "rejects" / f"{file.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.csv"


def _told(report: "ImportReport") -> "Group":
    from rich.console import Group
    from rich.text import Text

    nothing = report.imported_before and not report.taps
    head = (
        f"✓ {report.name} 已导入过，没有任何改变 · was imported before; nothing changed"
        if nothing
        else f"✓ {report.name} 已导入 · imported"
    )
    return Group(Text(head, style="bold green"), *_counts(report), *_causes(report))


def _counts(report: "ImportReport") -> "list[Text]":
    from rich.text import Text

    counted = {
        "行 · rows": report.rows,
        "新刷码记录 · new taps": report.taps,
        "重复 · duplicates": report.duplicates,
        "矛盾 · conflicts": report.conflicts,
        "不可读 · rejected": report.rejected,
    }
    width = len(f"{report.rows:,}")
    lines = [f"{count:{width},} {what}" for what, count in counted.items()]
    if report.conflicts:
        lines.append("矛盾的记录不改变已有记录，作为证据保存 · conflicts are kept as evidence only")
    return [Text(line) for line in lines]


def _causes(report: "ImportReport") -> "list[Text]":
    """What the reader of the file may want to mend."""
    from rich.text import Text

    from ridecode.taps import RejectReason

    lines = []
    if report.rejects:
        lines.append(Text(f"不可读的行 · rejected rows: {report.rejects}", style="yellow"))
    for name, count in report.reasons.items():
        words = RejectReason[name].words
        lines.append(Text(f"  {count:,} {name}: {words.zh} {words.en}"))
    if report.at_unknown_stops:
        lines.append(
            Text(
                f"{report.at_unknown_stops:,} 条记录站名不详 · taps at an unknown stop",
                style="yellow",
            )
        )
    for name, count in report.unknown_stops.items():
        lines.append(Text(f"  {count:,} {name or '未写明 · not told'}"))
    if report.ambiguous_devices:
        lines.append(Text(f"{report.ambiguous_devices:,} 个设备前缀对应多个站，未采用 · "
                          "device prefixes name more than one stop and were not used"))  # fmt: skip
    return lines
