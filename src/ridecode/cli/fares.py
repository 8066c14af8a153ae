"""`ridecode fares`: price rides, and say why they cost what they cost."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, table, waiting
from ridecode.cli.rides import moment, money, now, ride_record, stop_name
from ridecode.core import BadInputError, NotFoundError

if TYPE_CHECKING:
    from rich.console import Group

    from ridecode.city import Pack
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
