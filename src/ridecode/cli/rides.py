"""`ridecode rides`: make rides of taps, and look at them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ridecode.cli import entered
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, table, waiting
from ridecode.core import BadInputError, RideState, Words

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Group

    from ridecode.city import Pack
    from ridecode.core import Price, Ride
    from ridecode.rides import Compared, MatchReport, SetAside

app = typer.Typer(help="Rides: make them of taps, and look at them.", no_args_is_help=True)

_STATES = {
    RideState.COMPLETE: Words(zh="完成", en="complete"),
    RideState.OPEN: Words(zh="在途", en="open"),
    RideState.MISSING_EXIT: Words(zh="缺出站", en="missing exit"),
    RideState.MISSING_ENTRY: Words(zh="缺进站", en="missing entry"),
    RideState.OVERTIME: Words(zh="超时", en="overtime"),
    RideState.UNKNOWN_STOP: Words(zh="站点不详", en="unknown stop"),
}


@app.command()
def match(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Make rides and journeys of all new taps. Again, with nothing new, is harmless."""
    from ridecode.city import load_pack
    from ridecode.rides import match_all
    from ridecode.store import open_cell

    pack = load_pack(city)
    with (
        open_cell(data, pack.id, say=waiting(as_json)) as cell,
        progress("accounts", as_json) as step,
    ):
        report = match_all(cell, pack, now(data), step)
    show(report, as_json, lambda: _matched(report))


@app.command(name="show")
def show_(
    data: Data = DATA,
    city: City = CITY,
    account: Annotated[
        str, typer.Option("--account", metavar="NUMBER", help="Rides of one account alone.")
    ] = "",
    exceptions: Annotated[
        bool, typer.Option("--exceptions", help="Rides that lack a tap, a stop, or took too long.")
    ] = False,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside",
            help="Taps in no ride: a code that was used before, an account in two places.",
        ),
    ] = False,
    compare_charged: Annotated[
        bool,
        typer.Option(
            "--compare-charged",
            help="Our full fares beside those of the imported files, pair by pair.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, metavar="N")] = 20,
    as_json: Json = False,
) -> None:
    """The latest rides with their prices, the newest first."""
    from ridecode import rides
    from ridecode.access import Right
    from ridecode.city import load_pack
    from ridecode.fares import read_tariffs
    from ridecode.store import open_cell

    if (exceptions, set_aside, compare_charged, bool(account) and not set_aside).count(True) > 1:
        raise BadInputError(
            "--exceptions, --set-aside and --compare-charged exclude one another, and --account"
            " goes with --set-aside alone.",
            "Give one.",
        )
    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        if account:
            entered.riders(cell, Right.SEE_RIDER, "rides show", [account])
        if compare_charged:
            compared = rides.compare_charged(cell, read_tariffs(pack))
            show(_compared_record(pack, compared), as_json, lambda: _compared(pack, compared))
            return
        if set_aside:
            aside = (
                rides.set_aside_of(cell, account, limit)
                if account
                else rides.set_aside(cell, limit)
            )
            show([_aside_record(pack, one) for one in aside], as_json, lambda: _aside(pack, aside))
            return
        if account:
            found = rides.rides_of(cell, account, limit)
        elif exceptions:
            found = rides.latest_exceptions(cell, limit)
        else:
            found = rides.latest_rides(cell, limit)
        prices = rides.prices_of(cell, found)
    records = [ride_record(pack, ride, prices.get(ride.ride_id)) for ride in found]
    show(records, as_json, lambda: _rides(pack, found, records))


def now(data: "Path") -> int:
    """What time it is in a data folder, UTC epoch microseconds."""
    from ridecode.store import Clock

    return Clock.of_folder(data).now()


def ride_record(pack: "Pack", ride: "Ride", price: "Price | None") -> dict[str, Any]:
    """A ride as programs read it: the names, moments and amounts of the HTTP answer."""
    return {
        "ride_id": ride.ride_id,
        "account": ride.account,
        "account_type": ride.account_type,
        "state": ride.state.name.lower(),
        "mode": ride.mode.name.lower(),
        "product": ride.product,
        "operator": ride.operator,
        "line": ride.line,
        "entry_stop": ride.entry_stop,
        "exit_stop": ride.exit_stop,
        "entry_at": moment(pack, ride.entry_ts),
        "exit_at": moment(pack, ride.exit_ts),
        "entry_tap": ride.entry_tap,
        "exit_tap": ride.exit_tap,
        "distance_m": ride.distance_m,
        "journey_id": ride.journey_id,
        "leg": ride.leg,
        "remedy_until": moment(pack, ride.remedy_until),
        "amount": price.amount if price else None,
    }


def moment(pack: "Pack", ts: int | None) -> str | None:
    return None if ts is None else pack.calendar.iso(ts)


def stop_name(pack: "Pack", stop: str) -> str:
    """A stop in both languages, or a dash where it is not known."""
    known = pack.stops.get(stop)
    return f"{known.name.zh} {known.name.en}" if known else stop or "—"


def _matched(report: "MatchReport") -> "Group":
    from rich.console import Group
    from rich.text import Text

    return Group(
        Text("✓ 已匹配 · matched", style="bold green"),
        Text(
            f"{report.accounts:,} 个账户 accounts：{report.added:,} 新乘次 new rides"
            f"，{report.changed:,} 更新 changed，{report.removed:,} 并入其他乘次 merged"
            f"，{report.set_aside:,} 刷码未入乘次 taps set aside"
        ),
    )


def _rides(pack: "Pack", found: "list[Ride]", records: list[dict[str, Any]]) -> "Group":
    """Two lines a ride, so that its id stays whole on any screen."""
    from rich.console import Group
    from rich.text import Text

    lines = [Text(f"{len(found):,} 乘次 · rides", style="bold")]
    for ride, record in zip(found, records, strict=True):
        product = pack.products.get(ride.product)
        name = f"{product.name.zh} {product.name.en}" if product else ride.product
        state, began = _STATES[ride.state], record["entry_at"] or record["exit_at"]
        price = money(pack, record["amount"])
        lines += [
            Text(f"{began}  {name}  {_from_to(pack, ride)}"),
            Text(f"  {price}  {state.zh} {state.en}  {ride.ride_id}", style="dim"),
        ]
    return Group(*lines)


def _from_to(pack: "Pack", ride: "Ride") -> str:
    """Both stops, or the place of a single tap: its stop or else its line."""
    if ride.entry_tap is not None and ride.exit_tap is None and ride.state is RideState.COMPLETE:
        line = pack.lines.get(ride.line)
        where = f"{line.name.zh} {line.name.en}" if line else ride.line
        return stop_name(pack, ride.entry_stop) if ride.entry_stop else where
    return f"{stop_name(pack, ride.entry_stop)} → {stop_name(pack, ride.exit_stop)}"


def money(pack: "Pack", amount: int | None) -> str:
    """An amount in the city's money; a dash where there is no price."""
    from ridecode.fares import Money

    currency = pack.currency
    if amount is None:
        return "—"
    return Money(currency.code, currency.minor_digits, currency.symbol).say(amount)


def _aside_record(pack: "Pack", one: "SetAside") -> dict[str, Any]:
    return {
        "tap_id": one.tap_id,
        "account": one.account,
        "at": moment(pack, one.ts),
        "why": one.why.name.lower(),
        "against": one.against,
        "version": one.version,
    }


def _aside(pack: "Pack", found: "list[SetAside]") -> "Group":
    from rich.console import Group
    from rich.text import Text

    lines = [Text(f"{len(found):,} 未入乘次的刷码 · taps set aside", style="bold")]
    for one in found:
        words = one.why.words
        lines += [
            Text(f"{moment(pack, one.ts)}  {one.account}  {words.zh} {words.en}"),
            Text(f"  {one.tap_id}  对 against {one.against}", style="dim"),
        ]
    return Group(*lines)


def _compared_record(pack: "Pack", compared: "Compared") -> dict[str, Any]:
    return {
        "taps": compared.taps,
        "rejected": compared.rejected,
        "metro_pairs": compared.metro_pairs,
        "unknown_station": compared.unknown_station,
        "exact": compared.exact,
        "differing": [
            {
                "ride_id": one.ride_id,
                "entry_stop": one.entry_stop,
                "exit_stop": one.exit_stop,
                "entry_at": moment(pack, one.entry_ts),
                "exit_at": moment(pack, one.exit_ts),
                "distance_m": one.distance_m,
                "ours": one.ours,
                "theirs": one.theirs,
            }
            for one in compared.differing
        ],
    }


def _compared(pack: "Pack", compared: "Compared") -> "Group":
    from rich.console import Group

    rows: list[list[object]] = [
        [
            f"{stop_name(pack, one.entry_stop)} → {stop_name(pack, one.exit_stop)}",
            "—" if one.distance_m is None else f"{one.distance_m:,} m",
            money(pack, one.ours),
            money(pack, one.theirs),
        ]
        for one in compared.differing
    ]
    head = (
        f"{compared.metro_pairs:,} 进出站配对 pairs = {compared.exact:,} 票价一致 exact"
        f" + {compared.unknown_station:,} 站点不详 unknown station"
        f" + {len(compared.differing):,} 不一致 differing"
    )
    title = "不一致 · differing"
    return Group(
        head, table(title, ["行程 ride", "里程 distance", "本系统 ours", "实际 charged"], rows)
    )
