"""Judging a city pack: every fault that keeps it from loading, and every doubt about it."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median

from ridecode.city.model import Line, Pack, Stop
from ridecode.city.notices import (
    FarStop,
    LengthOff,
    Notice,
    ShorterThanStraight,
    SplitNetwork,
    UnservedStop,
)
from ridecode.city.pack import pack_folder, read_pack
from ridecode.city.section import Section, read_toml
from ridecode.city.track import great_circle_m

_FAR_KM = 200
"""Beyond this a stop belongs to no city; the widest metro areas are about 150 km across."""

_STATION_M = 500
"""How far apart the two platforms of one large station may lie: so much shorter than the line
between the stations' middles a track may be."""


def check_pack(pack: Path | str) -> list[Notice]:
    """All notices about a pack, in the order of its files and lines; without errors it loads.

    The sections of other rooms are read by those rooms: their faults show when they load.
    """
    folder = pack_folder(pack)
    found, notices = read_pack(folder)
    if found is not None:
        notices += _doubts(found, read_toml(folder / "network.toml"))
    return sorted(notices, key=lambda notice: (notice.file, notice.line))


def _doubts(pack: Pack, network: Section) -> Iterator[Notice]:
    tables = {table.text("id"): table for table in network.tables("line")}
    stop_lines = {table.text("id"): table.line for table in network.tables("stop")}
    yield from _unserved(pack, network.file, stop_lines)
    yield from _far(pack, network.file, stop_lines)
    for line in pack.lines.values():
        yield from _short(line, pack.stops, tables[line.id])
        yield from _off(line, tables[line.id])
    for product in pack.products:
        parts = pack.network.parts(product)
        if parts > 1:
            yield SplitNetwork(network.file, 0, product, parts)


def _unserved(pack: Pack, file: str, at: Mapping[str, int]) -> Iterator[Notice]:
    served = {stop for line in pack.lines.values() for stop in line.stops}
    for stop in pack.stops:
        if stop not in served:
            yield UnservedStop(file, at[stop], stop)


def _far(pack: Pack, file: str, at: Mapping[str, int]) -> Iterator[Notice]:
    if not pack.stops:
        return
    middle = (
        median(stop.lat for stop in pack.stops.values()),
        median(stop.lon for stop in pack.stops.values()),
    )
    for stop in pack.stops.values():
        away_km = round(great_circle_m(middle, (stop.lat, stop.lon)) / 1000)
        if away_km > _FAR_KM:
            yield FarStop(file, at[stop.id], stop.id, away_km)


def _short(line: Line, stops: Mapping[str, Stop], table: Section) -> Iterator[Notice]:
    calls = (*line.stops, *line.stops[: 1 if line.loop else 0])
    for index, ((a, b), track_m) in enumerate(zip(pairwise(calls), line.track_m, strict=True)):
        straight = great_circle_m((stops[a].lat, stops[a].lon), (stops[b].lat, stops[b].lon))
        if track_m < straight - _STATION_M:
            where = table.line_of("track_m", index)
            yield ShorterThanStraight(table.file, where, line.id, (a, b), track_m, round(straight))


def _off(line: Line, table: Section) -> Iterator[Notice]:
    total = sum(line.track_m)
    if line.length_m and not 0.90 * line.length_m <= total <= 1.02 * line.length_m:
        yield LengthOff(table.file, table.line_of("length_km"), line.id, total, line.length_m)
