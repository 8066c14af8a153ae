"""`ridecode fares`: price rides, say why they cost what they cost, and read a feed's fares."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, table, waiting
from ridecode.cli.rides import moment, money, now, ride_record, stop_name
from ridecode.core import BadInputError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from rich.console import Group

    from ridecode.city import Pack
    from ridecode.fares import AccountClass, Imported
    from ridecode.rides import RateReport

app = typer.Typer(help="Fares: price rides, and explain prices.", no_args_is_help=True)


@app.command()
def rate(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Price all rides that changed, and what follows from them.

    New taps become rides first. Again, with nothing new, is harmless.
    """
    from ridecode.city import load_pack
    from ridecode.fares import read_tariffs
    from ridecode.rides import settle_all
    from ridecode.store import open_cell

    pack = load_pack(city)
    tariffs = read_tariffs(pack)
    with (
        open_cell(data, pack.id, say=waiting(as_json)) as cell,
        progress("accounts", as_json) as step,
    ):
        report = settle_all(cell, pack, tariffs, now(data), step).rated
    record = {
        "accounts": report.accounts,
        "rated": report.rated,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "difference": report.difference,
        "refused": dict(report.refused),
    }
    show(record, as_json, lambda: _rated(pack, report))


@app.command()
def explain(
    ride_id: Annotated[str, typer.Argument(metavar="RIDE_ID")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Say line by line why a ride costs what it costs.

    And what it cost before."""
    from ridecode import rides
    from ridecode.city import load_pack
    from ridecode.fares import explain, read_tariffs
    from ridecode.store import open_cell

    asked = _uuid(ride_id)
    pack = load_pack(city)
    tariffs = read_tariffs(pack)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        ride = rides.ride(cell, asked)
        versions = rides.price_versions(cell, asked)
    current = versions[-1] if versions and versions[-1].superseded_at is None else None
    if current is None:
        raise NotFoundError(
            f"Ride {ride_id} has no price.",
            "It has not ended, a stop of it is not known, or `ridecode fares rate` did not run.",
        )
    price = current.price
    record = {
        "ride": ride_record(pack, ride, price),
        "tariff": price.tariff,
        "amount": price.amount,
        "lines": explain(tariffs.by_id(price.tariff), price, ride),
        "versions": [
            {
                "version": one.version,
                "as_of": moment(pack, one.as_of),
                "superseded_at": moment(pack, one.superseded_at),
                "tariff": one.price.tariff,
                "amount": one.price.amount,
            }
            for one in versions
        ],
    }
    show(record, as_json, lambda: _explained(pack, record))


@app.command(name="import")
def import_(
    feed: Annotated[Path, typer.Argument(metavar="FEED", help="A GTFS feed (.zip) with fares.")],
    medium: Annotated[
        str, typer.Option("--medium", metavar="ID", help="The fare medium that a ride code is.")
    ] = "",
    rider: Annotated[
        list[str] | None,
        typer.Option(
            "--rider", metavar="CLASS=ID", help="A class of accounts, such as student; repeatable."
        ),
    ] = None,
    transfer_min: Annotated[
        int | None,
        typer.Option(
            "--transfer-min", min=1, metavar="N", help="Limit of transfers that have none."
        ),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option("--gtfs-fares", min=1, max=2, metavar="1|2", help="Where both are there."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Read the fares of a GTFS feed.

    It says what has a price, and what is refused and why. Exit 5 where nothing has.
    """
    from ridecode.fares import Choices, import_gtfs

    choices = Choices(
        version=version or 0,
        medium=medium,
        riders=_riders(rider or ()),
        transfer_s=None if transfer_min is None else transfer_min * 60,
    )
    found = import_gtfs(feed, choices)
    show(_imported_record(found), as_json, lambda: _imported(found))
    return 0 if found.priced else RefusedError.exit_code


def _riders(texts: Sequence[str]) -> "dict[AccountClass, str]":
    from ridecode.fares import AccountClass

    named = {account.name.lower(): account for account in AccountClass if account}
    read: dict[AccountClass, str] = {}
    for text in texts:
        name, _, category = text.partition("=")
        if name not in named or not category:
            told = ", ".join(named)
            raise BadInputError(f"{text!r} names no rider.", f"Give CLASS=ID with one of {told}.")
        read[named[name]] = category
    return read


def _imported_record(found: "Imported") -> dict[str, Any]:
    return {
        "gtfs_fares": found.version,
        "currency": found.tariff.money.code,
        "priced": found.priced,
        "unpriced": dict(found.unpriced),
        "fares": [
            {
                "id": fare.id,
                "product": fare.scope.products[0],
                "lines": fare.lines,
                "accounts": [account.name.lower() for account in fare.scope.accounts],
                "when": [times.id for times in fare.scope.when],
                "onward": len(fare.onward),
            }
            for fare in found.tariff.fares
        ],
        "refused": [
            {
                "file": refusal.file,
                "line": refusal.line,
                "why": refusal.why.name.lower(),
                "found": refusal.found,
                "words": refusal.words,
            }
            for refusal in found.refused
        ],
    }


def _imported(found: "Imported") -> "Group":
    from rich.console import Group
    from rich.text import Text

    unpriced = sum(count for _, count in found.unpriced)
    lines: list[list[object]] = [
        [fare.id, fare.scope.products[0], len(fare.lines),
         ", ".join(times.id for times in fare.scope.when) or "—", len(fare.onward)]
        for fare in found.tariff.fares
    ]  # fmt: skip
    return Group(
        Text(
            f"GTFS-Fares v{found.version}, {found.tariff.money.code}："
            f"{found.priced:,} 对有票价 pairs have a price，{unpriced:,} 对不计价 pairs are refused"
        ),
        table("", ["票价 fare", "产品 product", "线路 lines", "时段 hours", "接续 onward"], lines),
        *(Text(f"× {refusal}", style="yellow") for refusal in found.refused),
        *(Text(f"× {count:,} : {reason}", style="yellow") for reason, count in found.unpriced),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInputError(f"{text!r} is no ride id.", "See `ridecode rides show`.") from error


def _rated(pack: "Pack", report: "RateReport") -> "Group":
    from rich.console import Group
    from rich.text import Text

    lines = [
        Text("✓ 已计价 · rated", style="bold green"),
        Text(
            f"{report.rated:,} 乘次计价 rides rated：{report.added:,} 新票价 new prices"
            f"，{report.changed:,} 更新 changed，{report.removed:,} 撤销 removed"
            f"，合计变化 difference {money(pack, report.difference)}"
        ),
    ]
    for reason, count in report.refused:
        lines.append(Text(f"{count:,} 乘次无票价 rides have no price: {reason}", style="yellow"))
    return Group(*lines)


def _explained(pack: "Pack", record: dict[str, Any]) -> "Group":
    from rich.console import Group

    ride = record["ride"]
    lines: list[list[object]] = [
        [line.rule, money(pack, line.amount), f"{line.words.zh} · {line.words.en}"]
        for line in record["lines"]
    ]
    lines.append(["=", money(pack, record["amount"]), record["tariff"]])
    versions: list[list[object]] = [
        [one["version"], money(pack, one["amount"]), one["as_of"], one["superseded_at"] or "—"]
        for one in record["versions"]
    ]
    head = f"{stop_name(pack, ride['entry_stop'])} → {stop_name(pack, ride['exit_stop'])}"
    return Group(
        table(head, ["规则 rule", "金额 amount", "说明 explanation"], lines),
        "",
        table(
            "历史版本 · versions",
            ["版本 version", "票价 price", "起 as of", "止 superseded"],
            versions,
        ),
    )
