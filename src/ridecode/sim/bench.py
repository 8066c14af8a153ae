"""How fast a simulated city makes its taps here: unsigned for volume, and really signed.

Unsigned, a whole day of a city of ten million rides is streamed by one process, and its largest
memory is taken. Signed, two processes make the codes of a small city's day: a key and one or more
authorisations for every phone, and a signature for every code. CPU time decides; the rate of two
cores is what their CPU time would allow.
"""

import re
import resource
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.city import load_pack
from ridecode.core import Bar, Progress, unseen
from ridecode.sim.city import SimCity
from ridecode.sim.judged import WINDOW, Hands
from ridecode.sim.streams import CityDay, by_moment
from ridecode.sim.unsigned import taps

RIDERS: Final = 5_400_000
"""About ten million rides on a working day."""
SIGNING_RIDERS: Final = 1_500
TAPS_LEAST: Final = 50_000
RSS_MIB_MOST: Final = 1_024
SIGNATURES_LEAST: Final = 1_000
_CORES: Final = 2
_DAY: Final = 17_774
"""2018-08-31, a Friday."""


class SimBench(Struct, frozen=True, kw_only=True):
    """What `bench_sim` found; times are seconds."""

    riders: int
    taps: int
    wall_s: float
    cpu_s: float
    cpu_us_a_tap: float
    first_tap_s: float
    """Until the first tap came: by then all rides are planned."""
    rss_mib: int
    codes: int
    """Really signed, by so many phones:"""
    phones: int
    signatures: int
    """Of phones and issuers together."""
    signing_cpu_s: float
    judged_per_s: float
    """Readings judged by `validator.decide` in a second of two cores' CPU time."""
    bars: tuple[Bar, ...]


def bench_sim(progress: Progress = unseen, riders: int = RIDERS,
              signing_riders: int = SIGNING_RIDERS) -> SimBench:  # fmt: skip
    """Measure a working day; ten million rides take about three minutes."""
    pack = load_pack("shenzhen")
    city = SimCity(pack=pack, riders=riders)
    _ = city.world
    _forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    count, first_s = 0, 0.0
    about = riders * 7 // 2
    for some in taps(city, _DAY):
        first_s = first_s or time.perf_counter() - wall
        count += len(some)
        progress(min(count, about), about)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    signed = _sign(SimCity(pack=pack, riders=signing_riders))
    rss_mib = _peak_kib() // 1_024
    return SimBench(
        riders=riders, taps=count, wall_s=wall, cpu_s=cpu, cpu_us_a_tap=cpu * 1e6 / count,
        first_tap_s=first_s, rss_mib=rss_mib, codes=signed.codes, phones=signed.phones,
        signatures=signed.signatures, signing_cpu_s=signed.cpu_s,
        judged_per_s=_CORES * signed.codes / signed.judging_cpu_s,
        bars=(
            Bar.at_least("unsigned taps a second of one core", count / cpu, TAPS_LEAST),
            Bar.at_most("MiB of this process", rss_mib, RSS_MIB_MOST),
            Bar.at_least("signatures a second of two cores",
                         _CORES * signed.signatures / signed.cpu_s, SIGNATURES_LEAST),
        ),
    )  # fmt: skip


class _Signed(Struct, frozen=True):
    codes: int
    phones: int
    signatures: int
    cpu_s: float
    judging_cpu_s: float


def _sign(city: SimCity) -> _Signed:
    """The codes of a day, made and judged by two processes."""
    codes, whole = 0, CityDay(city, _DAY)
    with Hands(city, _DAY, _CORES) as hands:
        before = hands.spent()
        signing = 0.0
        for readings in whole.ordered(by_moment):
            for first in range(0, len(readings), WINDOW):
                window = readings[first : first + WINDOW]
                start = hands.spent()
                made = hands.sign(window)
                signing += hands.spent().cpu_s - start.cpu_s
                hands.judge(window, made)
                codes += len(window)
        after = hands.spent()
    return _Signed(
        codes, after.phones, codes + after.grants, signing, after.cpu_s - before.cpu_s - signing
    )


def _forget_peak() -> None:
    """Count this process's largest memory from here on, where the system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_kib() -> int:
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(r"^VmHWM:\s*(\d+)", told, re.MULTILINE)
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
