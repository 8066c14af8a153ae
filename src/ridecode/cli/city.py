"""`ridecode city`: look into city packs, and make networks for new ones."""

from collections.abc import Callable, Iterable
from pathlib import Path
from re import sub
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ridecode.cli.options import CITY, City, Json
from ridecode.cli.output import progress, show

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from ridecode.city import Draft, Notice, Pack
    from ridecode.core import Mode

app = typer.Typer(help="City packs: check one, or make a network for a new one.",
                  no_args_is_help=True)  # fmt: skip

_STYLE = {"error": "bold red", "warning": "yellow", "info": "dim"}


@app.command()
def check(city: City = CITY, as_json: Json = False) -> int:
    """Say everything that is wrong with a city pack.

    With file and line; exit 2 if anything is. Warnings and news leave the exit code 0: the
    pack loads.
    """
    from ridecode.city import Severity
    from ridecode.core import BadInputError

    pack, notices = judged(city)
    errors = sum(notice.severity is Severity.ERROR for notice in notices)
    record = _pack_record(city, pack) | {"errors": errors, "notices": _notice_records(notices)}
    show(record, as_json, lambda: _checked(record, pack, notices))
    return BadInputError.exit_code if errors else 0


@app.command(name="import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help=".zip, .json or .csv")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder of the new pack.")],
    prefix: Annotated[str, typer.Option("--prefix", metavar="XY-", help="Begins every id.")],
    lines: Annotated[
        Path | None, typer.Option("--lines", metavar="FILE", help="The lines of a .csv's stations.")
    ] = None,
    names: Annotated[
        Path | None, typer.Option("--names", metavar="FILE", help="CSV zh,en for a .json map.")
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", metavar="MODE", help="Of a .zip, only these modes; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a new pack from somebody's network.

    Of a GTFS feed (.zip), a metro map (.json) or station tables (.csv).

    The network is written whole; what no such source knows stands in pack.toml to be filled in.
    A folder that has anything in it is refused.
    """
    from ridecode.city import check_pack, import_network

    _refuse_used(to)
    modes = _modes(mode)
    with progress(source.name, as_json) as step:
        draft = import_network(source, prefix, modes=modes, lines=lines, names=names, progress=step)
    to.mkdir(parents=True, exist_ok=True)
    for name, text in draft.files(_city_id(to), source.name).items():
        (to / name).write_text(text, encoding="utf-8")
    left = check_pack(to)
    record = {
        "to": str(to),
        "stops": len(draft.stops),
        "lines": len(draft.lines),
        "operators": len(draft.operators),
        "products": [product.id for product in draft.products],
        "notices": _notice_records(draft.notices),
        "left": _notice_records(left),
    }
    show(record, as_json, lambda: _imported(record, draft, left))


def judged(city: str) -> "tuple[Pack | None, list[Notice]]":
    """A pack, if it loads, and all that is to be said of it, the sections of other rooms too."""
    from ridecode.city import Severity, check_pack, load_pack

    notices = check_pack(city)
    if any(notice.severity is Severity.ERROR for notice in notices):
        return None, notices
    pack = load_pack(city)
    return pack, notices + _faults_in_sections(pack)


def _faults_in_sections(pack: "Pack") -> "list[Notice]":
    """The first fault that each room finds in the section of the pack that it reads."""
    from ridecode import fares, rides, taps, validator
    from ridecode.city import PackError

    readers: list[Callable[[Pack], object]] = [
        fares.read_tariffs,
        validator.read_rules,
        rides.read_rules,
        lambda pack: [taps.read_format(pack, name) for name in taps.formats(pack)],
    ]
    faults = []
    for read in readers:
        try:
            read(pack)
        except PackError as error:
            faults.append(error.notice)
    return faults


def _refuse_used(to: Path) -> None:
    from ridecode.core import RefusedError

    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise RefusedError(f"{to} is there already.", "Name a new folder: nothing is overwritten.")


def _modes(named: list[str] | None) -> "frozenset[Mode]":
    from ridecode.core import BadInputError, Mode

    members = {mode.name.lower().replace("_", "-"): mode for mode in Mode}
    for name in named or ():
        if name not in members:
            expected = ", ".join(members)
            raise BadInputError(f"There is no mode {name!r}.", f"Name one of {expected}.")
    return frozenset(members[name] for name in named or members)


def _city_id(to: Path) -> str:
    """The folder's name as an id may spell it."""
    return sub("[^a-z0-9]+", "-", to.resolve().name.lower()).strip("-") or "city"


def _pack_record(city: str, pack: "Pack | None") -> dict[str, Any]:
    if pack is None:
        return {"city": city}
    return {
        "city": pack.id,
        "version": pack.version,
        "demo": pack.demo,
        "lines": len(pack.lines),
        "stops": len(pack.stops),
    }


def _notice_records(notices: "Iterable[Notice]") -> list[dict[str, Any]]:
    return [
        {
            "code": notice.code,
            "severity": notice.severity.name.lower(),
            "file": notice.file,
            "line": notice.line,
            "words": {"zh": notice.words.zh, "en": notice.words.en},
        }
        for notice in notices
    ]


def _checked(record: dict[str, Any], pack: "Pack | None", notices: "list[Notice]") -> "Group":
    from rich.console import Group
    from rich.text import Text

    parts = [Text(str(record["city"]), style="bold")] if pack is None else _headed(pack)
    parts += _lines_of(notices)
    errors = record["errors"]
    if errors:
        parts.append(Text(f"✗ {errors} to mend: the pack is refused.", style="bold red"))
    else:
        others = f", {len(notices)} to look at" if notices else ""
        parts.append(Text(f"✓ The pack loads{others}.", style="bold green"))
    return Group(*parts)


def _headed(pack: "Pack") -> "list[Text]":
    from rich.text import Text

    about = f"  {pack.version}{', a demo city' if pack.demo else ''}"
    name = f"{pack.name.zh} · {pack.name.en}"
    return [Text.assemble((name, "bold"), (about, "dim")), Text(_counts(pack))]


def _counts(pack: "Pack") -> str:
    by_product = {
        product.name: sum(line.product == product.id for line in pack.lines.values())
        for product in pack.products.values()
    }
    parts = [f"{name.zh} {name.en} {count}" for name, count in by_product.items()]
    return f"{len(pack.stops):,} stops, {len(pack.lines):,} lines: {', '.join(parts)}"


def _imported(record: dict[str, Any], draft: "Draft", left: "list[Notice]") -> "Group":
    from rich.console import Group
    from rich.text import Text

    made = f"✓ {record['to']}: {record['stops']:,} stops on {record['lines']:,} lines"
    parts = [Text(made, style="bold green"), *_lines_of(draft.notices)]
    if left:
        parts += [Text("Left to fill in:", style="bold"), *_lines_of(left)]
    return Group(*parts)


def _lines_of(notices: "Iterable[Notice]") -> "list[Text]":
    """Each notice as place and name, then what was expected in both languages."""
    from rich.text import Text

    made = []
    for notice in notices:
        severity = notice.severity.name.lower()
        place = f"{notice.file}:{notice.line}" if notice.line else notice.file
        head = Text.assemble((severity, _STYLE[severity]), f" {place} ", (notice.code, "dim"))
        made += [head, Text(f"  {notice.words.en}"), Text(f"  {notice.words.zh}", style="dim")]
    return made
