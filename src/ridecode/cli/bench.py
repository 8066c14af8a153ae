"""`ridecode bench`: how fast this machine is at the things that must be fast.

Every benchmark measures its own baseline in the same run. CPU seconds decide: the wall clock of a
busy machine says little.
"""

import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ridecode.cli.options import Json
from ridecode.cli.output import REFUSED, facts, progress, show, table
from ridecode.core import BadInputError, Progress, hash_ns

if TYPE_CHECKING:
    from rich.console import Group


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which ones; none: all.")
    ] = None,
    rides: Annotated[
        list[int] | None,
        typer.Option(help="Of city-day: rides of the day; again for more days, smallest first."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure, and say which limits hold. Exit code 1 where one does not."""
    wanted = names or list(_BENCHES)
    if rides and "city-day" not in wanted:
        raise BadInputError("--rides is of city-day alone.", "Give the benchmark city-day.")
    for name in wanted:
        if name not in _BENCHES:
            raise BadInputError(
                f"{name!r} is no benchmark.", f"Give some of {', '.join(_BENCHES)}."
            )
    kept = True
    for name in wanted:
        with progress(f"Measuring {name} …", as_json) as step:
            work = partial(_city_day, sizes=rides) if rides and name == "city-day" else None
            record = _measured(name, work or _BENCHES[name], step)
        kept = kept and all(bar["kept"] for bar in record.get("bars", []))
        show(record, as_json, partial(_told, record))
    if not kept:
        raise typer.Exit(REFUSED)


def _measured(name: str, work: Callable[[Progress], object], step: Progress) -> dict[str, Any]:
    import msgspec

    load, wall, cpu = os.getloadavg(), time.perf_counter(), _cpu_s()
    before = hash_ns(_HASHES)
    found = msgspec.to_builtins(work(step))
    return {
        "bench": name,
        "machine": _machine(),
        "hash_ns": [before, hash_ns(_HASHES)],
        "python": platform.python_version(),
        "load_before": [round(of, 2) for of in load],
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(_cpu_s() - cpu, 1),
        **found,
    }


def _cpu_s() -> float:
    """Of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


_HASHES = 100_000


def _machine() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    name = named.group(1) if named else platform.processor() or "unknown processor"
    return f"{os.cpu_count()} × {name}, {platform.machine()}"


def _told(record: dict[str, Any]) -> "Group":
    from rich.console import Group

    plain = {name: value for name, value in record.items() if not _is_table(value)}
    tables = [
        table(name, list(rows[0]), [[_shown(cell) for cell in row.values()] for row in rows])
        for name, rows in record.items()
        if _is_table(rows) and name != "bars"
    ]
    bars = [
        [
            ("✓" if bar["kept"] else "✗"),
            bar["name"],
            _shown(bar["measured"]),
            f"{bar['sense']} {_shown(bar['limit'])}",
        ]
        for bar in record.get("bars", [])
    ]
    title = str(plain.pop("bench"))
    shown = facts(title, {name: _shown(value) for name, value in plain.items()})
    return Group(shown, *tables, table("", ["", "bar", "measured", "limit"], bars), "")


def _is_table(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], dict)


def _shown(value: object) -> object:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return value


def _verify(step: Progress) -> object:
    from ridecode.code import bench_verify

    return bench_verify(step)


def _decide(step: Progress) -> object:
    from ridecode.validator import bench_decide

    return bench_decide(step)


def _prices(step: Progress) -> object:
    from ridecode.fares import bench_prices

    return bench_prices(step)


def _record(step: Progress) -> object:
    from tempfile import TemporaryDirectory

    from ridecode.store import open_cell
    from ridecode.taps import bench_record

    with TemporaryDirectory() as folder, open_cell(Path(folder), "bench") as cell:
        return bench_record(cell, step)


def _ingest(step: Progress) -> object:
    from tempfile import TemporaryDirectory

    from ridecode.store import open_cell
    from ridecode.taps import bench_ingest

    with TemporaryDirectory() as folder, open_cell(Path(folder), "shenzhen") as cell:
        return bench_ingest(cell, step)


def _match(step: Progress) -> object:
    from ridecode.rides import bench_match

    return bench_match(step)


def _live(step: Progress) -> object:
    from ridecode.rides import bench_live

    return bench_live(step)


def _money(step: Progress) -> object:
    from tempfile import TemporaryDirectory

    from ridecode.money import ledger
    from ridecode.store import open_cell

    with TemporaryDirectory() as folder, open_cell(Path(folder), "bench") as cell:
        return ledger.bench_ledger(cell, step)


def _city_day(step: Progress, sizes: Sequence[int] = (100_000,)) -> object:
    import msgspec

    from ridecode.money import bench_city_day
    from ridecode.sim.channels import bench_calls

    day = msgspec.to_builtins(bench_city_day(step, sizes))
    return {**day, "one_by_one": [msgspec.to_builtins(bench_calls())]}


def _open(step: Progress) -> object:
    from ridecode.validator.device import bench_open

    return bench_open(step)


def _bundle(step: Progress) -> object:
    from ridecode.bundle import bench_bundle

    return bench_bundle(step)


def _sim(step: Progress) -> object:
    from ridecode.sim import bench_sim

    return bench_sim(step)


def _exposure(step: Progress) -> object:
    from ridecode.sim import bench_exposure

    return bench_exposure(step)


_BENCHES: dict[str, Callable[[Progress], object]] = {
    "verify": _verify,
    "decide": _decide,
    "open": _open,
    "prices": _prices,
    "bundle": _bundle,
    "record": _record,
    "ingest": _ingest,
    "match": _match,
    "live": _live,
    "money": _money,
    "city-day": _city_day,
    "sim": _sim,
    "exposure": _exposure,
}
