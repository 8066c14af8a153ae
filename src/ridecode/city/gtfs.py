"""A network from a GTFS feed (zip): routes become lines, with their stops in order.

Read are agency, routes, trips, stop_times, stops, and shapes and translations where they are
there (https://gtfs.org/documentation/schedule/reference/). Platforms become their parent
station. Of each route, the runs with the most stops are kept until every segment that any run
drives is on a line; runs that only skip stops of a kept one add nothing. Where a route needs
several lines, their ends tell them apart.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from re import fullmatch
from typing import IO
from zipfile import BadZipFile, ZipFile

from ridecode.city.draft import Draft, Ids, told_apart
from ridecode.city.model import Line, Operator, Product, Stop
from ridecode.city.notices import LeftOut, Notice
from ridecode.city.rows import Row, read_rows
from ridecode.city.shape import stretches
from ridecode.city.track import Position, drawn_m
from ridecode.core import BadInputError, Mode, Progress, Words

PRODUCT_WORDS = {
    Mode.BUS: Words(zh="公交", en="Bus"),
    Mode.METRO: Words(zh="地铁", en="Metro"),
    Mode.FERRY: Words(zh="轮渡", en="Ferry"),
    Mode.CABLE_CAR: Words(zh="索道", en="Cable car"),
}
NO_COLOUR = "#5d636e"
"""For a route that names no colour."""

_BASIC = {
    **dict.fromkeys((0, 1, 2, 12), Mode.METRO),
    **dict.fromkeys((3, 11), Mode.BUS),
    4: Mode.FERRY,
    **dict.fromkeys((5, 6, 7), Mode.CABLE_CAR),
}
_EXTENDED = {
    1: Mode.METRO,
    2: Mode.BUS,
    4: Mode.METRO,
    5: Mode.METRO,
    6: Mode.METRO,
    7: Mode.BUS,
    8: Mode.BUS,
    9: Mode.METRO,
    10: Mode.FERRY,
    12: Mode.FERRY,
    13: Mode.CABLE_CAR,
    14: Mode.CABLE_CAR,
}
"""Hundreds of the extended route types: 100 railway, 700 bus, 800 trolleybus, 900 tram, …"""

_TABLES = (
    "agency.txt",
    "routes.txt",
    "stops.txt",
    "trips.txt",
    "stop_times.txt",
    "shapes.txt",
    "translations.txt",
)
_TELL_EVERY = 10_000
"""Rows from one word about progress to the next."""


Run = tuple[str, ...]
"""The stations that one trip calls at, in order."""

_NO_RUNS = Words(zh="没有车次停靠", en="no trip calls anywhere")
_NO_ROUTE = Words(zh="routes.txt 中没有这条线路", en="the route is not in routes.txt")
_NO_TRIP = Words(zh="trips.txt 中没有这个车次", en="it is not in trips.txt")
_ODD_TYPE = Words(zh="不认识的 route_type", en="its route_type is not known")


def read_gtfs(source: Path, prefix: str, *, modes: frozenset[Mode], progress: Progress) -> Draft:
    """The lines of some modes in a feed. Ids get `prefix`; errors name file and row."""
    try:
        with ZipFile(source) as archive:
            return _Feed(_Files(archive, source, progress), modes).draft(prefix)
    except (BadZipFile, EOFError, zlib.error) as error:
        raise BadInputError(f"This is not a whole zip file: {error}.", file=str(source)) from error


class _Files:
    """The tables of a feed, and how many of their bytes were read."""

    def __init__(self, archive: ZipFile, source: Path, progress: Progress) -> None:
        self._archive = archive
        self._source = source
        self._progress = progress
        self._paths = {name: path for name in _TABLES if (path := _path(archive, name))}
        sizes = (archive.getinfo(path).file_size for path in self._paths.values())
        self._total = sum(sizes)
        self._read = 0

    def rows(self, name: str, *, needed: bool = True) -> Iterator[Row]:
        """The rows of one file of the feed, which may lie in a folder of the zip."""
        path = self._paths.get(name)
        if path is None:
            if needed:
                raise BadInputError(f"The feed has no {name}.", file=str(self._source))
            return
        with (
            self._opened(path) as raw,
            TextIOWrapper(raw, "utf-8-sig", newline="") as text,
        ):
            for count, row in enumerate(read_rows(text, f"{self._source}:{name}")):
                if count % _TELL_EVERY == 0:
                    self._progress(self._read + raw.tell(), self._total)
                yield row
        self._read += self._archive.getinfo(path).file_size
        self._progress(self._read, self._total)

    def _opened(self, path: str) -> IO[bytes]:
        try:
            return self._archive.open(path)
        except RuntimeError as error:  # a password is asked for, or a rare compression
            raise BadInputError(f"The zip cannot be read: {error}.", file=str(self._source)) from (
                error
            )


def _path(archive: ZipFile, name: str) -> str | None:
    """Where a table lies in a zip; the outermost of several."""
    return next((path for path in sorted(archive.namelist(), key=len) if _is(path, name)), None)


class _Feed:
    def __init__(self, files: _Files, modes: frozenset[Mode]) -> None:
        self._rows = files.rows
        self._modes = modes
        self._notices: list[Notice] = []

    def draft(self, prefix: str) -> Draft:
        routes = {row.text("route_id"): row for row in self._rows("routes.txt")}
        modes = {key: mode for key, row in routes.items() if (mode := self._mode(row))}
        stations = {row.text("stop_id"): row for row in self._rows("stops.txt")}
        runs, shape_of = self._runs(self._trips(routes), modes, stations)
        kept = {route: _covering(runs[route]) for route in modes}
        for route in modes:
            if not kept[route]:
                self._leave_out(routes[route], f"route {route}", _NO_RUNS)
        shapes = self._shapes({shape_of[run] for some in kept.values() for run in some})
        operators = self._operators()
        stops = self._stops(Ids(prefix), stations, kept)
        ids = Ids(f"{prefix}l-")
        lines = tuple(
            _line(
                ids.of(route),
                routes[route],
                modes[route],
                self._operator(routes[route], operators),
                [stops[station] for station in run],
                shapes.get(shape_of[run], []),
            )
            for route, some in kept.items()
            for run in some
        )
        used = dict.fromkeys(line.mode for line in lines)
        products = tuple(Product(_slug(mode), PRODUCT_WORDS[mode], mode) for mode in used)
        run_by = tuple(
            o for o in operators.values() if any(o.id == line.operator for line in lines)
        )
        apart = told_apart(lines, tuple(stops.values()))
        return Draft(tuple(stops.values()), apart, run_by, products, tuple(self._notices))

    def _mode(self, route: Row) -> Mode | None:
        """The mode of a route, if it is one of those wanted."""
        kind = int(route.number("route_type"))
        mode = _BASIC.get(kind) or _EXTENDED.get(kind // 100 if kind >= 100 else -1)
        if mode is None:
            self._leave_out(route, f"route {route.text('route_id')}", _ODD_TYPE)
        return mode if mode in self._modes else None

    def _leave_out(self, row: Row, what: str, why: Words) -> None:
        self._notices.append(LeftOut(row.file, row.line, what, why))

    def _trips(self, routes: Mapping[str, Row]) -> dict[str, tuple[str, str]]:
        """The route and shape of each trip. Of a route that is not there the first one is told."""
        trips: dict[str, tuple[str, str]] = {}
        unknown: set[str] = set()
        for row in self._rows("trips.txt"):
            route = row.text("route_id")
            trips[row.text("trip_id")] = route, row.either("shape_id")
            if route not in routes and route not in unknown:
                unknown.add(route)
                self._leave_out(row, f"every trip of route {route}", _NO_ROUTE)
        return trips

    def _runs(
        self,
        trips: Mapping[str, tuple[str, str]],
        routes: Mapping[str, Mode],
        stations: Mapping[str, Row],
    ) -> tuple[dict[str, Counter[Run]], dict[Run, str]]:
        """Of each route how many trips make each run, and for each run the shape of one trip."""
        calls: dict[str, list[tuple[float, str]]] = {}
        unknown: set[str] = set()
        for row in self._rows("stop_times.txt"):
            trip = row.text("trip_id")
            if trip not in trips:
                if trip not in unknown:
                    unknown.add(trip)
                    self._leave_out(row, f"trip {trip}", _NO_TRIP)
            elif trips[trip][0] in routes:
                station = _station(row, stations)
                calls.setdefault(trip, []).append((row.number("stop_sequence"), station))
        runs: dict[str, Counter[Run]] = {route: Counter() for route in routes}
        shape_of: dict[Run, str] = {}
        for trip, times in calls.items():
            route, shape = trips[trip]
            ordered = [station for _, station in sorted(times)]
            run = tuple(b for a, b in pairwise(("", *ordered)) if a != b)
            if len(run) > 1:
                runs[route][run] += 1
                shape_of.setdefault(run, shape)
        return runs, shape_of

    def _shapes(self, wanted: set[str]) -> dict[str, list[Position]]:
        points: dict[str, list[tuple[float, Position]]] = {}
        for row in self._rows("shapes.txt", needed=False):
            if (shape := row.text("shape_id")) in wanted:
                place = row.position("shape_pt_lat", "shape_pt_lon")
                points.setdefault(shape, []).append((row.number("shape_pt_sequence"), place))
        return {shape: [place for _, place in sorted(some)] for shape, some in points.items()}

    def _operators(self) -> dict[str, Operator]:
        """The agencies by agency_id."""
        ids = Ids("")
        return {
            row.either("agency_id"): Operator(
                ids.of(row.either("agency_id") or row.text("agency_name")),
                _both(row.text("agency_name")),
            )
            for row in self._rows("agency.txt")
        }

    def _operator(self, route: Row, operators: Mapping[str, Operator]) -> str:
        """Who runs a route; where a feed has one agency, its routes need not name it."""
        agency = route.either("agency_id")
        if not agency and len(operators) == 1:
            return next(iter(operators.values())).id
        if agency not in operators:
            raise route.error(f"agency_id {agency!r} is not in agency.txt")
        return operators[agency].id

    def _stops(
        self, ids: Ids, stations: Mapping[str, Row], kept: Mapping[str, list[Run]]
    ) -> dict[str, Stop]:
        english = {
            row.either("record_id") or row.either("field_value"): row.either("translation")
            for row in self._rows("translations.txt", needed=False)
            if row.either("field_name") == "stop_name" and row.either("language") == "en"
        }
        served = dict.fromkeys(stop for some in kept.values() for run in some for stop in run)
        stops: dict[str, Stop] = {}
        names = Counter(stations[key].text("stop_name") for key in served)
        for key in served:
            row = stations[key]
            name = row.text("stop_name")
            named = name if names[name] == 1 else f"{name} ({key})"
            lat, lon = row.position("stop_lat", "stop_lon")
            stops[key] = Stop(
                id=ids.of(key, name),
                name=Words(zh=named, en=english.get(key) or english.get(name) or named),
                lat=lat,
                lon=lon,
            )
        return stops


def _line(
    at: str, route: Row, mode: Mode, operator: str, calls: Sequence[Stop], shape: Sequence[Position]
) -> Line:
    """A line from one run of a route; a run that ends where it began is a loop."""
    loop = calls[0] == calls[-1] and len(calls) > 3
    places = [(stop.lat, stop.lon) for stop in calls]
    pieces = zip(pairwise(places), stretches(places, shape), strict=True)
    colour = route.either("route_color").lower()
    return Line(
        id=at,
        name=_both(route.either("route_long_name", "route_short_name", "route_id")),
        number=route.either("route_short_name", "route_id"),
        mode=mode,
        product=_slug(mode),
        operator=operator,
        colour=f"#{colour}" if fullmatch("[0-9a-f]{6}", colour) else NO_COLOUR,
        stops=tuple(stop.id for stop in (calls[:-1] if loop else calls)),
        track_m=tuple(drawn_m(a, b, piece) for (a, b), piece in pieces),
        loop=loop,
    )


def _is(path: str, name: str) -> bool:
    return path.rpartition("/")[2] == name and not path.startswith("__MACOSX")


def _station(row: Row, stations: Mapping[str, Row]) -> str:
    stop = row.text("stop_id")
    if stop not in stations:
        raise row.error(f"stop_id {stop!r} is not in stops.txt")
    parent = stations[stop].either("parent_station")
    return parent if parent in stations else stop


def _covering(runs: Counter[Run]) -> list[Run]:
    """The runs that hold every segment of a route: longest first, the commonest of equals."""
    kept: list[Run] = []
    covered: set[frozenset[str]] = set()
    for run in sorted(runs, key=lambda run: (-len(run), -runs[run], run)):
        segments = {frozenset(pair) for pair in pairwise(run)}
        skips = any(_within(run, other) or _within(run[::-1], other) for other in kept)
        if segments - covered and not skips:
            kept.append(run)
            covered |= segments
    return kept


def _within(run: Run, other: Run) -> bool:
    """Whether a run calls at some stops of the other and at no more, in its order."""
    rest = iter(other)
    return all(stop in rest for stop in run)


def _both(name: str) -> Words:
    return Words(zh=name, en=name)


def _slug(mode: Mode) -> str:
    return mode.name.lower().replace("_", "-")
