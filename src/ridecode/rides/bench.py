"""How fast stored taps become stored, priced rides here, against copying the same rows.

A population rides for a week, with transfers, a day cap and a monthly tier on. Its taps, each with
a code of 332 bytes, are written in order of time into a throw-away data folder and vacuumed, as the
server would by itself; then they are matched and rated as anybody does it. The *baseline* copies
the columns that matching reads out of the taps, and rides and prices out and into empty tables with
the same indexes: the same rows without any rule, by one process.

CPU time is that of this process, its workers and every process of the server, whose writing of
checkpoints is waited for and counted.
"""

import re
import resource
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ridecode.city import Pack, load_pack, parse_toml
from ridecode.core import Bar, Progress, from_iso, unseen
from ridecode.fares import read_tariffs
from ridecode.rides import db
from ridecode.rides.population import Population
from ridecode.rides.settled import settle_all
from ridecode.rides.spent import Step, timed
from ridecode.rides.work import WORKERS
from ridecode.store import Cell, open_cell

SIZES: Final = (500_000, 2_000_000)
PER_S_LEAST: Final = 20_000
CPU_US_MOST: Final = 100.0
RSS_MIB_MOST: Final = 2_048
GROWTH_MOST: Final = 1.10
"""A ride of the largest run costs at most this many times one of the smallest."""
BEGINS: Final = from_iso("2018-08-27T00:00:00+08:00")
_NOW: Final = from_iso("2018-09-10T00:00:00+08:00")

_TARIFF: Final = """
[[tariff]]
id = "bench"
from = 2018-01-01T00:00:00+08:00
source = { zh = "为测量而设", en = "made for measuring" }

[[tariff.fare]]
id = "metro"
name = { zh = "地铁票价", en = "Metro fare" }
products = ["metro"]
shape = "distance"
bands = [
    { to_m = 4000, fare = 200 },
    { to_m = 12000, each_m = 4000, adds = 100 },
    { to_m = 24000, each_m = 6000, adds = 100 },
    { each_m = 8000, adds = 100 },
]
maximum = 1400

[[tariff.fare]]
id = "bus"
name = { zh = "一票制", en = "Flat fare" }
products = ["bus", "ferry", "cable-car"]
shape = "flat"
amount = 200

[[tariff.rule]]
id = "class"
kind = "percent"
name = { zh = "优惠", en = "Discount" }
products = ["metro", "bus"]
percent = { ordinary = 95, student = 50, senior = 0 }

[[tariff.rule]]
id = "tier"
kind = "month_tier"
name = { zh = "月累计", en = "Monthly tier" }
products = ["metro", "bus"]
tiers = [{ from = 0, percent = 100 }, { from = 2000, percent = 80 }, { from = 4000, percent = 50 }]

[[tariff.rule]]
id = "transfer"
kind = "transfer"
name = { zh = "换乘优惠", en = "Transfer" }
products = ["metro", "bus"]
after = ["metro", "bus"]
window_min = 90
amount = 40

[[tariff.rule]]
id = "cap"
kind = "day_cap"
name = { zh = "日封顶", en = "Day cap" }
products = ["metro", "bus"]
amount = 1000
"""


class MatchBench(Struct, frozen=True, kw_only=True):
    """What `bench_match` found. `baselines` are the copies; times are seconds, memory MiB."""

    accounts: int
    taps: int
    """Of the largest size, as `accounts`."""
    rss_mib: int
    """Of this process and its workers at their largest, taken as if at one moment."""
    baselines: float
    """How many copies of the same rows the pass costs, of the largest size."""
    steps: tuple[Step, ...]
    bars: tuple[Bar, ...]


def bench_match(progress: Progress = unseen, sizes: tuple[int, ...] = SIZES) -> MatchBench:
    """Measure cities of so many rides, from the smallest up; 2 million take some minutes."""
    pack = measured_pack()
    runs: list[_Run] = []
    # Not under a home: the server of root runs as `nobody`.
    with TemporaryDirectory(prefix="ridecode-bench-") as folder:
        Path(folder).chmod(0o755)
        for done, size in enumerate(sizes):
            progress(sum(sizes[:done]), sum(sizes))
            with open_cell(Path(folder), f"bench{size}") as cell:
                runs.append(_Run(cell, pack, size))
    last = runs[-1]
    return MatchBench(
        accounts=last.accounts, taps=last.taps, rss_mib=last.rss_mib,
        baselines=last.settled.cpu_us_a_ride / last.copied.cpu_us_a_ride,
        steps=tuple(step for run in runs for step in (run.settled, run.copied)),
        bars=tuple(_bars(runs)),
    )  # fmt: skip


def measured_pack() -> Pack:
    """Shenzhen, with every kind of rule that the measure asks for."""
    pack = load_pack("shenzhen")
    tariff = parse_toml(_TARIFF, "bench.toml").tables("tariff")
    return replace(pack, sections=replace(pack.sections, tariffs=tariff))


def _bars(runs: "list[_Run]") -> list[Bar]:
    last = runs[-1]
    cpu_us, per_s = last.settled.cpu_us_a_ride, last.settled.rides_per_s
    growth = cpu_us / runs[0].settled.cpu_us_a_ride
    return [
        Bar.at_least("rides a second", per_s, PER_S_LEAST),
        Bar.at_most("CPU µs a ride", cpu_us, CPU_US_MOST),
        Bar.at_most("MiB in our processes", last.rss_mib, RSS_MIB_MOST),
        Bar.at_most("CPU a ride, largest ÷ smallest", growth, GROWTH_MOST),
    ]


class _Run:
    """One size: the population is stored, matched, rated, and its rows are copied."""

    def __init__(self, cell: Cell, pack: Pack, size: int) -> None:
        people = Population(pack, size, BEGINS, seed=size)
        self.accounts = people.accounts
        self.taps = 0
        with db.session(cell.dsn) as conn:
            for taps in people.days():
                db.add_bench_taps(conn, taps)
                self.taps += len(taps)
            del taps
            db.vacuum(conn)
        tariffs = read_tariffs(pack)
        _forget_peak()
        settled = timed(cell, lambda: settle_all(cell, pack, tariffs, _NOW, unseen).matched.added)
        workers = WORKERS * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.rss_mib = (_peak_kib() + workers) // 1_024
        self.settled = settled.step("match and rate")
        self.copied = timed(cell, lambda: _copy(cell)).step("copy, no rule")


def _copy(cell: Cell) -> int:
    with db.session(cell.dsn) as conn:
        return db.copy_bench(conn)


def _forget_peak() -> None:
    """Count this process's largest memory from here on, where the system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_kib() -> int:
    told = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s*(\d+)", told, re.MULTILINE)
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
