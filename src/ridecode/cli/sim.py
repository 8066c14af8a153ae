"""`ridecode sim`: a city from a seed, and its shape beside real ones."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import msgspec
import typer

from ridecode.cli.options import CITY, City, Json
from ridecode.cli.output import facts, progress, show, table
from ridecode.core import BadInputError

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from ridecode.sim import Shape, SimCity

app = typer.Typer(help="A simulated city: the same taps from the same seed.", no_args_is_help=True)

_DAY = "2018-08-31"
Riders = Annotated[int, typer.Option("--riders", min=1, max=2**31 - 1, metavar="N")]
Seed = Annotated[int, typer.Option("--seed", metavar="N")]
Day = Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="The business day.")]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run made."""

    city: str
    day: str
    seed: int
    riders: int
    rates: dict[str, int]
    """How often things go wrong, in millionths."""
    taps: int
    rides: int
    verdicts: dict[str, int]
    faults: dict[str, int]
    """Rides of which something went wrong."""
    attacks: dict[str, int]
    """Readings of thieves."""
    wall_s: float
    taps_per_s: float


@app.command()
def run(
    city: City = CITY,
    riders: Riders = 10_000,
    seed: Seed = 1179,
    day: Day = _DAY,
    signed: Annotated[
        bool, typer.Option("--signed", help="Really sign and judge every code, 2 processes.")
    ] = False,
    neighbour: Annotated[
        str, typer.Option("--neighbour", metavar="NAME|DIR", help="A second city beside it.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Taps, one line of JSON each.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="FILE", help="What really happened, one line each."),
    ] = None,
    as_json: Json = False,
) -> None:
    """A day of a city, tap by tap in order of arrival. The same command gives the same taps."""
    from ridecode.city import load_pack
    from ridecode.sim import SimCity, signed_taps, taps, two_cities

    one = SimCity(pack=load_pack(city), riders=riders, seed=seed)
    if neighbour:
        one, _ = two_cities(one, SimCity(pack=load_pack(neighbour), riders=riders, seed=seed))
    number = _number(day)
    verdicts: Counter[str] = Counter()
    encode, began = msgspec.json.Encoder().encode, time.perf_counter()
    stream = signed_taps if signed else taps
    with progress("riders planned", as_json) as step, _written(out) as file:
        for some in stream(one, number, step):
            verdicts.update(tap.verdict.name for tap in some)
            if file is not None:
                file.writelines(encode(tap) + b"\n" for tap in some)
    wall_s = time.perf_counter() - began
    rides, faults, attacks = _tell(one, number, truth)
    count = verdicts.total()
    made = Run(
        city=one.pack.id, day=day, seed=seed, riders=riders, rates=_rates(one), taps=count,
        rides=rides, verdicts=dict(verdicts.most_common()), faults=faults, attacks=attacks,
        wall_s=wall_s, taps_per_s=count / wall_s,
    )  # fmt: skip
    show(made, as_json, lambda: _made(made))


@app.command()
def shape(
    real: Annotated[
        Path,
        typer.Option("--real", metavar="DIR", help="Folder of the real sets; docs/sim.md."),
    ],
    city: City = CITY,
    riders: Riders = 60_000,
    seed: Seed = 1179,
    day: Day = _DAY,
    as_json: Json = False,
) -> None:
    """How far the simulated city is from real ones.

    When people ride, how far, how long, and from where.
    """
    from ridecode.city import load_pack
    from ridecode.sim import SimCity
    from ridecode.sim import shape as compare

    one = SimCity(pack=load_pack(city), riders=riders, seed=seed)
    with progress("riders", as_json) as step:
        found = compare(one, _number(day), real, step)
    show(found, as_json, lambda: _shape(found))


def _number(day: str) -> int:
    """A date as days since 1970-01-01."""
    try:
        return (date.fromisoformat(day) - date(1970, 1, 1)).days
    except ValueError as error:
        raise BadInputError(f"{day!r} is not a date.", "Write it as 2018-08-31.") from error


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    with path.open("wb") as file:
        yield file


def _tell(
    city: "SimCity", day: int, path: Path | None
) -> tuple[int, dict[str, int], dict[str, int]]:
    """Count the truth, and write it where it is asked for."""
    from ridecode.sim import Fault, Truth

    rides = 0
    faults: Counter[str] = Counter()
    attacks: Counter[str] = Counter()
    encode = msgspec.json.Encoder().encode
    with _written(path) as file:
        for told in Truth(city, day).told():
            rides += len(told.rides)
            faults.update(ride.fault.name for ride in told.rides if ride.fault is not Fault.NONE)
            attacks.update(deed.attack.name for deed in told.misdeeds)
            if file is not None:
                for one in (*told.rides, *told.misdeeds, *told.reports):
                    file.write(encode(one) + b"\n")
    return rides, dict(faults.most_common()), dict(attacks.most_common())


def _rates(city: "SimCity") -> dict[str, int]:
    """By name, thieves among them; what cannot happen is left out."""
    rates = city.rates
    plain = {
        name: value
        for name in rates.__struct_fields__
        if isinstance(value := getattr(rates, name), int)
    }
    thieves = {attack.name.lower(): ppm for attack, ppm in rates.thieves.items()}
    return {name: ppm for name, ppm in (plain | thieves).items() if ppm}


def _made(made: Run) -> "Group":
    from rich.console import Group

    head = facts(
        f"{made.city} · {made.day}",
        {
            "种子 seed": str(made.seed), "乘客 riders": made.riders, "乘次 rides": made.rides,
            "刷码 taps": made.taps, "用时 wall": f"{made.wall_s:.1f} s",
            "每秒 taps/s": f"{made.taps_per_s:,.0f}",
        },
    )  # fmt: skip
    return Group(
        head, "", _counted("判定 verdicts", made.verdicts), "",
        _counted("故障 faults, rides", made.faults), "",
        _counted("攻击 attacks, readings", made.attacks), "",
        _counted("发生率 rates, of a million", made.rates),
    )  # fmt: skip


def _counted(title: str, counts: dict[str, int]) -> "Table":
    return table(title, ["", ""], [[name.lower(), count] for name, count in counts.items()])


def _shape(found: "Shape") -> "Group":
    from rich.console import Group

    rows: list[list[object]] = [
        [one.what, one.real, f"{one.distance:.3f}", one.simulated, one.found]
        for one in found.distances
    ]
    columns = ["形态 what", "真实 real set", "距离 distance", "模拟 simulated", "真实 real"]
    head = f"{found.city}: {found.rides:,} 乘次 rides, {found.riders:,} 乘客 riders"
    return Group(head, table("", columns, rows), *found.absent)
