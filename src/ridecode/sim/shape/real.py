"""The real sets that a simulated city is held against, each read from its published files.

`folder` holds `shenzhen/taps.csv`, `hangzhou/tensor.mat` and `bengaluru/*.parquet`; a set that is
not there is told with its reason, and nothing is made of it.
"""

import csv
import struct
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import BadInputError, NotFoundError, from_iso
from ridecode.sim.chance import Ints

_HANGZHOU_FROM_H: Final = 6
_HANGZHOU_SLOTS: Final = 108
_HANGZHOU_FIRST: Final = 1
"""2019-01-01, a Tuesday: Monday is 0."""
_PAIR_MOST_S: Final = 4 * 3_600


class Real(Struct, frozen=True, kw_only=True):
    """What a real set tells; a part that it does not tell is empty."""

    name: str
    hours: tuple[int, ...] = ()
    """Entries by hour of a working day, 0 to 23."""
    day_off_hours: tuple[int, ...] = ()
    stations: tuple[int, ...] = ()
    """Entries of each station."""
    km: tuple[float, ...] = ()
    """Length of each ride, by the shortest way."""
    minutes: tuple[float, ...] = ()
    """From entry to exit of each ride."""
    left_min: tuple[float, ...] = ()
    """Of each entry, how many minutes of the file were left: no longer ride can be in it."""
    at_six: dict[str, int] = {}
    """Entries from 06:00 to 07:00 by stop of the pack."""


def real_sets(folder: Path, pack: Pack) -> tuple[list[Real], list[str]]:
    """The sets that are there, and for each of the others why it is not."""
    found: list[Real] = []
    absent: list[str] = []
    for read in (_hangzhou, _bengaluru, _shenzhen):
        try:
            found.append(read(folder, pack))
        except NotFoundError as error:
            absent.append(error.what)
    return found, absent


def _there(path: Path) -> Path:
    if not path.is_file():
        raise NotFoundError(f"The real set {path} is not there.", "Name its folder with --real.")
    return path


def _hangzhou(folder: Path, _pack: Pack) -> Real:
    """80 stations × 25 days × 108 ten minutes from 06:00: a MATLAB file of one array."""
    counts = _matrix(_there(folder / "hangzhou" / "tensor.mat").read_bytes())
    off = (_HANGZHOU_FIRST + np.arange(counts.shape[1])) % 7 >= 5
    return Real(
        name="hangzhou",
        hours=_hourly(counts[:, ~off].sum(axis=(0, 1))),
        day_off_hours=_hourly(counts[:, off].sum(axis=(0, 1))),
        stations=tuple(counts.sum(axis=(1, 2)).tolist()),
    )


def _hourly(slots: Ints) -> tuple[int, ...]:
    by_hour = slots.reshape(-1, 6).sum(axis=1).tolist()
    return (0,) * _HANGZHOU_FROM_H + tuple(by_hour)


def _matrix(data: bytes) -> Ints:
    """The one array of a MATLAB 5 file, compressed, of 16-bit counts in column order."""
    kind, length = struct.unpack_from("<II", data, 128)
    body = zlib.decompress(data[136 : 136 + length])
    dims = struct.unpack_from("<3i", body, 32)
    at = body.find(b"tensor") + 8
    stored, size = struct.unpack_from("<II", body, at)
    if kind != 15 or stored != 4 or size != 2 * int(np.prod(dims)):
        raise BadInputError("tensor.mat is not the array of 16-bit counts that was published.")
    flat = np.frombuffer(body, dtype="<u2", count=size // 2, offset=at + 8)
    return flat.reshape(dims, order="F").astype(np.int64)


def _bengaluru(folder: Path, _pack: Pack) -> Real:
    """Hourly entries of 83 stations, August and September 2025."""
    from pyarrow import parquet

    path = _there(folder / "bengaluru" / "station-hourly.parquet")
    table = parquet.read_table(path).to_pydict()
    hours: dict[bool, Counter[int]] = {False: Counter(), True: Counter()}
    stations: Counter[str] = Counter()
    days = {day: _is_off(day) for day in set(table["Date"])}
    for day, hour, station, count in zip(
        table["Date"], table["Hour"], table["Station"], table["Ridership"], strict=True
    ):
        hours[days[day]][hour] += count
        stations[station] += count
    working, off = (tuple(hours[which][hour] for hour in range(24)) for which in (False, True))
    return Real(
        name="bengaluru", hours=working, day_off_hours=off, stations=tuple(stations.values())
    )


def _is_off(day: str) -> bool:
    return (from_iso(f"{day}T00:00:00Z") // 86_400_000_000 + 3) % 7 >= 5


def _shenzhen(folder: Path, pack: Pack) -> Real:
    """The entries that are followed by an exit of the same card elsewhere, and the hour from six.

    The file ends at 06:45 of a Saturday: short rides alone are whole in it.
    """
    if pack.id != "shenzhen":
        raise NotFoundError(f"The taps of Shenzhen tell nothing of {pack.name.en}.")
    taps = _shenzhen_taps(_there(folder / "shenzhen" / "taps.csv"), pack)
    end = max(tap.ts for tap in taps)
    km, minutes = [], []
    for entry, exit_ in pairwise(taps):
        took = exit_.ts - entry.ts
        paired = entry.card == exit_.card and entry.enters and not exit_.enters
        metres = pack.network.distance_m(entry.stop, exit_.stop, "metro") if paired else None
        if metres and took <= _PAIR_MOST_S:
            km.append(metres / 1_000)
            minutes.append(took / 60)
    morning = [tap for tap in taps if tap.enters and end - tap.ts <= 3_600]
    at_six = Counter(tap.stop for tap in morning if tap.stop)
    return Real(
        name="shenzhen", km=tuple(km), minutes=tuple(minutes), at_six=dict(at_six),
        left_min=tuple((end - tap.ts) / 60 for tap in morning),
    )  # fmt: skip


class _Tap(Struct, frozen=True, order=True):
    card: str
    ts: int
    enters: bool
    stop: str


def _shenzhen_taps(path: Path, pack: Pack) -> list[_Tap]:
    """Of the metro, card by card; where no station is named, its gate's number names it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["deal_type"] != "巴士"]
    gates = {row["equ_no"][:6]: stop for row in rows if (stop := pack.resolve_stop(row["station"]))}
    return sorted(
        _Tap(
            row["card_no"], from_iso(row["deal_date"].replace(" ", "T") + "+08:00") // 1_000_000,
            row["deal_type"] == "地铁入站",
            pack.resolve_stop(row["station"]) or gates.get(row["equ_no"][:6], ""),
        )
        for row in rows
    )  # fmt: skip
