"""A network from a metro map in JSON: per line its stations, their positions, and drawn track.

The format, as public metro data sets have it:

    { "<line>": { "id2name": [{"0": "<name>", …}], "center_gps": [{"0": [lon, lat], …}],
                  "(0,1)": {"lng": […], "lat": […], "dist": […]}, … },
      "Line_name": […] }

A segment's polyline may begin and end short of its stations, and its `dist` counts the polyline
alone: it is not used, the track is made whole by the rule of `ridecode.city.track`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ridecode.city.draft import Draft, Ids
from ridecode.city.model import Line, Operator, Product, Stop
from ridecode.city.track import Position, drawn_m
from ridecode.core import BadInputError, Mode, Words

_NO_COLOUR = "#5d636e"
_METRO = Product("metro", Words(zh="地铁", en="Metro"), Mode.METRO)
_OPERATOR = Operator("metro", Words(zh="地铁公司", en="Metro operator"))


_Number = Annotated[str, Meta(pattern="^[0-9]+$")]
_Name = Annotated[str, Meta(min_length=1)]
_Lat = Annotated[float, Meta(ge=-90, le=90)]
_Lon = Annotated[float, Meta(ge=-180, le=180)]


class _Drawn(Struct):
    lng: list[_Lon]
    lat: list[_Lat]


class MapLine(Struct, frozen=True):
    """One line of the map: its stations in order, each with its own position on this line."""

    name: str
    stations: tuple[str, ...]
    places: tuple[Position, ...]
    track_m: tuple[int, ...]


def read_map(source: Path) -> tuple[MapLine, ...]:
    """The lines of a metro map; raises `BadInputError` naming the line and segment at fault."""
    try:
        document = msgspec.json.decode(source.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"This is not a metro map in JSON: {error}.", file=str(source)
        ) from error
    lines = tuple(
        _map_line(source, name, line) for name, line in document.items() if isinstance(line, dict)
    )
    if not lines:
        raise BadInputError("This metro map has no line.", file=str(source))
    return lines


def read_metro_map(source: Path, prefix: str, english: Mapping[str, str]) -> Draft:
    """All lines of a metro map as a draft; ids come from the English names where there are any."""
    ids, stops, places = Ids(prefix), {}, _places(lines := read_map(source))
    for order, line in enumerate(lines, 1):
        for number, name in enumerate(line.stations, 1):
            if name not in stops:
                lat, lon = places[name]
                at = ids.of(english.get(name, ""), f"{order}-{number}")
                stops[name] = Stop(at, Words(name, english.get(name, name)), lat, lon)
    line_ids = Ids(f"{prefix}l-")
    drafted = tuple(
        Line(
            id=line_ids.of(line.name, str(order)),
            name=Words(line.name, english.get(line.name, line.name)),
            number=str(order),
            mode=Mode.METRO,
            product=_METRO.id,
            operator=_OPERATOR.id,
            colour=_NO_COLOUR,
            stops=tuple(stops[name].id for name in line.stations),
            track_m=line.track_m,
            loop=False,
        )
        for order, line in enumerate(lines, 1)
    )
    return Draft(tuple(stops.values()), drafted, (_OPERATOR,), (_METRO,), ())


def _places(lines: Sequence[MapLine]) -> dict[str, Position]:
    """One position a station: the middle of its positions on its lines."""
    seen: dict[str, list[Position]] = {}
    for line in lines:
        for name, place in zip(line.stations, line.places, strict=True):
            seen.setdefault(name, []).append(place)
    return {
        name: (sum(lat for lat, _ in some) / len(some), sum(lon for _, lon in some) / len(some))
        for name, some in seen.items()
    }


def _map_line(source: Path, name: str, line: dict[str, Any]) -> MapLine:
    names = _only(source, name, "id2name", line, dict[_Number, _Name])
    centres = _only(source, name, "center_gps", line, dict[str, tuple[_Lon, _Lat]])
    order = sorted(names, key=int)
    if len(order) < 2:
        raise BadInputError(f"{name}: id2name has fewer than two stations.", file=str(source))
    missing = [names[key] for key in order if key not in centres]
    if missing:
        raise BadInputError(f"{name}: center_gps lacks {missing[0]}.", file=str(source))
    places = tuple((centres[key][1], centres[key][0]) for key in order)
    return MapLine(
        name=name,
        stations=tuple(names[key] for key in order),
        places=places,
        track_m=tuple(
            _segment_m(source, name, f"({a},{b})", line, here, there)
            for (a, b), (here, there) in zip(pairwise(order), pairwise(places), strict=True)
        ),
    )


def _only(source: Path, name: str, key: str, line: dict[str, Any], of: Any) -> Any:
    """The one table that the format wraps in a list."""
    try:
        (table,) = msgspec.convert(line.get(key), list[of])
    except (msgspec.ValidationError, ValueError) as error:
        what = f"{name}: {key} is not a list of one table by station number: {error}."
        raise BadInputError(what, file=str(source)) from error
    return table


def _segment_m(
    source: Path, name: str, key: str, line: dict[str, Any], a: Position, b: Position
) -> int:
    try:
        drawn = msgspec.convert(line.get(key), _Drawn)
        track = list(zip(drawn.lat, drawn.lng, strict=True))
    except (msgspec.ValidationError, ValueError) as error:
        what = f"{name}: segment {key} is not a table with lng and lat of one length."
        raise BadInputError(what, file=str(source)) from error
    return drawn_m(a, b, [a, *track, b] if track else [])
