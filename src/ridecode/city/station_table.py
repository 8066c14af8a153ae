"""A network from two CSV tables: stations with neighbours, and the lines that call at each.

    stations   stationID,name,lon,lat,neighbour        neighbour: "[312, 314]"
    lines      Station Name,Metro Line(s)              "Line 1, Line 5"

The tables do not give the order of a line's stations; it follows from the neighbours: within one
line each station leads to the next. Lines that branch, or that the neighbours leave in pieces,
become several lines, told apart by their ends.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from re import findall

from ridecode.city.draft import Draft, Ids, told_apart
from ridecode.city.model import Line, Operator, Product, Stop
from ridecode.city.notices import LeftOut, Notice
from ridecode.city.rows import Row, read_table
from ridecode.city.track import undrawn_m
from ridecode.core import Mode, Words

_NO_COLOUR = "#5d636e"
_METRO = Product("metro", Words(zh="地铁", en="Metro"), Mode.METRO)
_OPERATOR = Operator("metro", Words(zh="地铁公司", en="Metro operator"))
_ALONE = Words(zh="线路上没有与它相邻的车站", en="no neighbour of it is on the line")
_UNKNOWN = Words(zh="车站表里没有这个编号", en="no station of the table has that number")
_NO_LINE = Words(zh="没有线路经过", en="no line calls at it")

Links = dict[str, set[str]]
"""Of each station of one line, its neighbours on that line."""


def read_station_tables(stations: Path, lines: Path, prefix: str) -> Draft:
    """The lines that two tables describe; raises `BadInputError` with file and line."""
    rows: dict[str, Row] = {}
    for row in read_table(stations, "stationID", "name", "lon", "lat", "neighbour"):
        if rows.setdefault(row.text("name"), row) is not row:
            raise row.error(f"{row.text('name')} stands twice in the table")
    name_of = {row.text("stationID"): name for name, row in rows.items()}
    notices: list[Notice] = []
    neighbours: dict[str, set[str]] = {name: set() for name in rows}
    for name, row in rows.items():
        for key in findall("[0-9]+", row.either("neighbour")):
            if key in name_of:
                neighbours[name].add(name_of[key])
            else:
                notices.append(LeftOut(row.file, row.line, f"neighbour {key} of {name}", _UNKNOWN))
    ids = Ids(prefix)
    stops = {
        name: Stop(
            ids.of(name, row.text("stationID")), Words(name, name), *row.position("lat", "lon")
        )
        for name, row in rows.items()
    }
    line_ids, drafted, by_line = Ids(f"{prefix}l-"), [], _lines(lines, stops)
    called_at = {name for called in by_line.values() for name in called}
    notices += [
        LeftOut(row.file, row.line, name, _NO_LINE)
        for name, row in rows.items()
        if name not in called_at
    ]
    for line, called in by_line.items():
        links = {name: neighbours[name] & called.keys() for name in called}
        for name in [name for name in called if not links[name]]:
            notices.append(LeftOut(str(lines), called[name], f"{name} on {line}", _ALONE))
        for way, loop in _ways(links):
            drafted.append(_line(line_ids.of(line), line, [stops[name] for name in way], loop=loop))
    served = {stop for line in drafted for stop in line.stops}
    kept = tuple(stop for stop in stops.values() if stop.id in served)
    return Draft(kept, told_apart(drafted, kept), (_OPERATOR,), (_METRO,), tuple(notices))


def _lines(path: Path, stops: Mapping[str, Stop]) -> dict[str, dict[str, int]]:
    """Of each line its stations, in no order, with the row that says so."""
    lines: dict[str, dict[str, int]] = {}
    for row in read_table(path, "Station Name", "Metro Line(s)"):
        name = row.text("Station Name")
        if name not in stops:
            raise row.error(f"{name} is not in the table of stations")
        for line in filter(None, map(str.strip, row.text("Metro Line(s)").split(","))):
            lines.setdefault(line, {})[name] = row.line
    return lines


def _ways(links: Links) -> Iterator[tuple[list[str], bool]]:
    """Walk a line's links end to end, then what is left of them; a ring is one loop."""
    left = {name: set(near) for name, near in links.items()}
    while open_ended := [name for name, near in left.items() if near]:
        ends = [name for name in open_ended if len(left[name]) == 1]
        way = _walk(left, (ends or open_ended)[0])
        ring = way[0] == way[-1] and len(way) > 3
        yield (way[:-1] if ring else way), ring


def _walk(left: Links, start: str) -> list[str]:
    """Follow links from a station until none is left, taking each away."""
    way = [start]
    while left[way[-1]]:
        here = way[-1]
        there = min(left[here])
        left[here].discard(there)
        left[there].discard(here)
        way.append(there)
    return way


def _line(at: str, name: str, calls: list[Stop], *, loop: bool) -> Line:
    places = [(stop.lat, stop.lon) for stop in (*calls, *calls[: 1 if loop else 0])]
    return Line(
        id=at,
        name=Words(name, name),
        number=next(iter(findall("[0-9]+", name)), name),
        mode=Mode.METRO,
        product=_METRO.id,
        operator=_OPERATOR.id,
        colour=_NO_COLOUR,
        stops=tuple(stop.id for stop in calls),
        track_m=undrawn_m(places),
        loop=loop,
    )
