"""How fast taps are recorded and read back here, in CPU time of this process and of the server.

Sets of three sizes are recorded into an empty table, sent again, and read back as matching reads
them. The server's time is its session's own, from /proc; where there is no /proc it is not told.
"""

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ridecode.core import MICROS, Mode, Progress, Tap, TapKind, derived_id, unseen
from ridecode.store import Cell, Connection
from ridecode.taps import db
from ridecode.taps.recording import Told, record_told

_START = 1_767_225_600 * MICROS
_TAPS = 20_000
_SETS = (100, 1_000, 5_000)


class Step(Struct, frozen=True):
    """One kind of work: taps a second of wall time, CPU microseconds a tap on both sides."""

    name: str
    taps: int
    per_s: float
    client_us: float
    server_us: float | None


class RecordBench(Struct, frozen=True):
    """What `bench_record` found."""

    code_bytes: int
    """Of the code that each tap carries."""
    steps: tuple[Step, ...]


def bench_record(cell: Cell, progress: Progress = unseen) -> RecordBench:
    """Measure for a few seconds in a transaction that is rolled back: nothing of it is left."""
    taps = _made(cell.city)
    steps: list[Step] = []
    try:
        with cell.connection() as conn:
            for done, size in enumerate(_SETS):
                progress(done, len(_SETS))
                some = [Told(tap) for tap in taps[_SETS.index(size) :: len(_SETS)]]
                sets = [some[at : at + size] for at in range(0, len(some), size)]
                write = _writer(conn, sets)
                steps.append(_timed(conn, f"record, sets of {size:,}", len(some), write))
            steps.append(_timed(conn, f"send again, sets of {size:,}", len(some), write))
            since = {tap.account: _START for tap in taps}
            steps.append(_timed(conn, "read back", len(taps), _reader(conn, cell.city, since)))
            raise _DoneError
    except _DoneError:
        pass
    return RecordBench(len(taps[0].code), tuple(steps))


class _DoneError(Exception):
    """Rolls the measured transaction back."""


def _made(city: str) -> list[Tap]:
    """The same taps each time: riders of 4,000 accounts, one tap a millisecond."""
    dice = random.Random(1179)
    return [
        Tap(
            tap_id=derived_id(ts, b"bench"), city=city,
            account=f"99999999000{dice.randrange(4_000):08}", account_type=1, ts=ts,
            kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="operator",
            line="line-5", stop="stop-of-line-5", validator="101001105", code=dice.randbytes(332),
            code_time=ts // MICROS,
        )
        for ts in range(_START, _START + _TAPS * 1_000, 1_000)
    ]  # fmt: skip


def _writer(conn: Connection, sets: Sequence[Sequence[Told]]) -> Callable[[], object]:
    return lambda: [record_told(conn, some) for some in sets]


def _reader(conn: Connection, city: str, since: Mapping[str, int]) -> Callable[[], object]:
    return lambda: db.taps_of_accounts(conn, city, since)


def _timed(conn: Connection, name: str, taps: int, work: Callable[[], object]) -> Step:
    server, wall, cpu = _server_s(conn), time.perf_counter(), time.process_time()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    after = _server_s(conn)
    spent = None if server is None or after is None else (after - server) / taps * MICROS
    return Step(name, taps, taps / wall, cpu / taps * MICROS, spent)


def _server_s(conn: Connection) -> float | None:
    """CPU seconds of the session's own server process so far, to the system's hundredth."""
    try:
        stat = Path(f"/proc/{conn.info.backend_pid}/stat").read_text(encoding="ascii")
    except OSError:
        return None
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
