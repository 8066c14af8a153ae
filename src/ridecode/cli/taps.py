"""`ridecode taps`: bring card companies' files into a city."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, waiting
from ridecode.core import BadInputError

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from ridecode.taps import ImportReport, Quarantined

app = typer.Typer(help="Taps: import files, look at quarantine.", no_args_is_help=True)


@app.callback()
def taps() -> None:
    """Taps: import files, look at quarantine."""


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


@app.command()
def quarantine(
    data: Data = DATA,
    city: City = CITY,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, metavar="N")] = 100,
    as_json: Json = False,
) -> None:
    """Taps that were kept and do not stand, and why.

    The newest first.
    """
    from ridecode.city import load_pack
    from ridecode.store import open_cell
    from ridecode.taps import quarantined

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found = quarantined(cell, most=limit)
    records = [
        {
            "tap_id": one.tap.tap_id,
            "reason": one.reason.name.lower(),
            "verdict": None if one.verdict is None else one.verdict.name,
            "since": pack.calendar.iso(one.at),
            "at": pack.calendar.iso(one.tap.ts),
            "device": one.tap.validator,
            "account": one.tap.account,
        }
        for one in found
    ]
    since = [pack.calendar.iso(one.at) for one in found]
    show(records, as_json, lambda: _set_aside(found, since))


@app.command()
def release(
    tap: Annotated[str, typer.Argument(metavar="TAP", help="Its id.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who lets it go on.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="For the record.")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Let a tap go on to the check of its code.

    That check alone decides whether it stands: a tap whose code is what is wrong stays.
    """
    from uuid import UUID

    from ridecode import taps
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell

    try:
        tap_id = UUID(tap)
    except ValueError as error:
        raise BadInputError(f"{tap!r} is no id of a tap.", "Give a UUID.") from error
    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        taps.release(cell, tap_id, by=by, why=why, now=Clock.of_folder(data).now())
    show(
        {"tap_id": tap_id, "released_by": by}, as_json, lambda: f"✓ 已放行复验 · released: {tap_id}"
    )


def _set_aside(found: "list[Quarantined]", since: list[str]) -> "Group":
    """Two lines a tap, so that its id stays whole on any screen."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text(f"{len(found):,} 隔离的记录 · taps in quarantine", style="bold")]
    for one, at in zip(found, since, strict=True):
        lines += [
            Text(f"{at}  {one.tap.validator}  {one.reason.words.zh} {one.reason.words.en}"),
            Text(f"  {one.reason.name.lower()}  {one.tap.tap_id}", style="dim"),
        ]
    return Group(*lines)


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
