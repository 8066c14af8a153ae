"""Reading the [[tariff.fare]] tables: one function a shape."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

from ridecode.city import Pack, Section
from ridecode.core import MICROS
from ridecode.fares.matrix_file import read_matrix
from ridecode.fares.reading_scope import ID, MOST, Around, names, read_fare_scope
from ridecode.fares.scope import Scope
from ridecode.fares.shapes import Band, Part, SameStation, Shape, distance, flat, matrix
from ridecode.fares.tariff import Fare
from ridecode.fares.way import Onward, Pays, Since, Until
from ridecode.fares.zone_files import read_stages, read_zone_fares, read_zones
from ridecode.fares.zones import Stages, Zones, zones


class Form(Enum):
    """The shape of a fare, as tariff.toml names it."""

    FLAT = 1
    DISTANCE = 2
    MATRIX = 3
    ZONE = 4
    STAGE = 5


def read_fare(table: Section, around: Around) -> Fare:
    pack, rule = around.pack, table.text("id", pattern=ID)
    scope = read_fare_scope(table, around)
    lines = names(table, "lines", _lines(pack, scope), ())
    form = table.choice("shape", Form)
    shape = _READERS[form](table, pack, rule, lines or _lines(pack, scope))
    zones = _zone_names(shape)
    if table.has("same_station"):
        shape = _same_station(table.table("same_station"), rule, shape)
    # A flat fare is known before anyone leaves; of the other shapes the city must say it.
    usual = table.integer("amount", least=0, most=MOST) if form is Form.FLAT else None
    fare = Fare(
        id=rule, name=table.words("name"), scope=scope, lines=lines, shape=shape,
        maximum=flat(
            rule, table.integer("maximum", usual, least=0, most=MOST), Part.MAXIMUM
        ),
        zones=zones,
        onward=tuple(_onward(inner, pack, rule) for inner in table.tables("onward")),
    )  # fmt: skip
    table.done()
    return fare


def _zone_names(shape: Shape) -> tuple[str, ...]:
    if not isinstance(shape, Zones):
        return ()
    return tuple(dict.fromkeys(zone for some in shape.zones_of.values() for zone in some))


def _lines(pack: Pack, scope: Scope) -> tuple[str, ...]:
    return tuple(line.id for line in pack.lines.values() if line.product in scope.products)


def _stops(pack: Pack, lines: Iterable[str]) -> list[str]:
    """The stops between which rides of some lines may lead, each once."""
    return list(dict.fromkeys(stop for line in lines for stop in pack.lines[line].stops))


def _flat(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:  # noqa: ARG001
    return flat(rule, table.integer("amount", least=0, most=MOST))


def _distance(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:
    bands = tuple(_band(band) for band in table.tables("bands"))
    if not bands or bands[0].each_m:
        raise table.error("bands", "a first band with `fare`")
    if not all(low.to_m and _reaches(high, low.to_m) for low, high in pairwise(bands)):
        raise table.error("bands", "ascending `to_m`, and only the last band without")
    end = bands[-1].to_m
    if end and (longest := _longest_m(pack, lines)) > end:
        raise table.error("bands", f"bands to at least {longest} m, the longest way of the network")
    return distance(rule, bands)


def _reaches(band: Band, beyond_m: int) -> bool:
    return not band.to_m or band.to_m > beyond_m


def _band(table: Section) -> Band:
    to_m = table.integer("to_m", 0, least=1)
    if table.has("fare"):
        band = Band(to_m, fare=table.integer("fare", least=0, most=MOST))
    else:
        band = Band(
            to_m,
            each_m=table.integer("each_m", least=1),
            adds=table.integer("adds", least=0, most=MOST),
        )
    table.done()
    return band


def _longest_m(pack: Pack, lines: tuple[str, ...]) -> int:
    """Of the ways by each product alone, as rides are measured."""
    served: dict[str, list[str]] = {}
    for line in lines:
        served.setdefault(pack.lines[line].product, []).append(line)
    ways = (
        pack.network.distance_m(origin, destination, product)
        for product, of_product in served.items()
        for origin, destination in combinations_with_replacement(_stops(pack, of_product), 2)
    )
    return max((way for way in ways if way is not None), default=0)


def _file(table: Section, key: str) -> Path:
    path = Path(table.file).with_name(table.text(key, pattern=r"[A-Za-z0-9_.-]+\.csv"))
    if not path.is_file():
        raise table.error(key, "a CSV file beside this one")
    return path


def _matrix(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:
    path = _file(table, "file")
    column = table.text("column", "fare")
    return matrix(rule, read_matrix(path, column, _stops(pack, lines), pack.stops))


def _zone(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:
    stops = _stops(pack, lines)
    zones_of = read_zones(_file(table, "zones"), stops, pack.stops)
    served = tuple(dict.fromkeys(zone for stop in stops for zone in zones_of[stop]))
    every = tuple(dict.fromkeys(zone for some in zones_of.values() for zone in some))
    column = table.text("column", "fare")
    fares, refused = read_zone_fares(_file(table, "file"), column, every, served)
    return zones(rule, every, zones_of, fares, refused)


def _stage(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:
    """Where no file says otherwise, every stop begins a stage of its own."""
    of_lines = [pack.lines[line] for line in lines]
    if table.has("stages"):
        stages = read_stages(_file(table, "stages"), of_lines)
        loops = {}
    else:
        stages = {line.id: {stop: at for at, stop in enumerate(line.stops)} for line in of_lines}
        loops = {line.id: len(line.stops) for line in of_lines if line.loop}
    bands = table.tables("bands")
    ends = [band.integer("to", 0, least=1) for band in bands]
    amounts = tuple(band.integer("fare", least=0, most=MOST) for band in bands)
    for band in bands:
        band.done()
    known = ends if ends and ends[-1] else ends[:-1]
    if not bands or 0 in known or known != sorted(set(known)):
        raise table.error("bands", "ascending `to`, and only the last band without")
    longest = max((max(some.values()) - min(some.values()) for some in stages.values()), default=0)
    if ends[-1] and longest > ends[-1]:
        raise table.error("bands", f"bands to at least {longest} stages, the longest line")
    return Stages(rule, stages, loops, tuple(known), amounts)


def _onward(table: Section, pack: Pack, rule: str) -> Onward:
    pays = table.choice("pays", Pays)
    onward = Onward(
        after=table.texts("after", (rule,)),
        within_us=table.integer("within_min", least=1, most=1_440) * 60 * MICROS,
        pays=pays,
        amount=table.integer("amount", least=0, most=MOST) if pays is Pays.AMOUNT else 0,
        since=table.choice("since", Since, Since.LAST_EXIT),
        until=table.choice("until", Until, Until.ENTRY),
        at=frozenset(_pair(table, text, pack) for text in table.texts("at", ())),
        most=table.integer("most_in_a_row", 0, least=1, most=100),
    )
    table.done()
    return onward


def _pair(table: Section, text: str, pack: Pack) -> tuple[str, str]:
    left, _, entered = (part.strip() for part in text.partition(">"))
    if left not in pack.stops or entered not in pack.stops:
        raise table.error("at", 'pairs of stops of this pack, like "left > entered"')
    return left, entered


def _same_station(table: Section, rule: str, other: Shape) -> Shape:
    minutes = table.integer("within_min", least=0, most=1_440)
    amount = table.integer("amount", least=0, most=MOST)
    table.done()
    return SameStation(minutes * 60 * MICROS, other, flat(rule, amount, Part.SAME_STATION, minutes))


_READERS: Mapping[Form, Callable[[Section, Pack, str, tuple[str, ...]], Shape]] = {
    Form.FLAT: _flat,
    Form.DISTANCE: _distance,
    Form.MATRIX: _matrix,
    Form.ZONE: _zone,
    Form.STAGE: _stage,
}
