"""Reading the [[tariff.fare]] tables: one function a shape."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

from ridecode.city import Pack, Section
from ridecode.core import MICROS
from ridecode.fares.matrix_file import read_matrix
from ridecode.fares.reading_scope import ID, MOST, names, read_fare_scope
from ridecode.fares.scope import Scope
from ridecode.fares.shapes import Band, Part, SameStation, Shape, distance, flat, matrix
from ridecode.fares.tariff import Fare


class Form(Enum):
    """The shape of a fare, as tariff.toml names it."""

    FLAT = 1
    DISTANCE = 2
    MATRIX = 3


def read_fare(table: Section, pack: Pack) -> Fare:
    rule = table.text("id", pattern=ID)
    scope = read_fare_scope(table, pack)
    lines = names(table, "lines", _lines(pack, scope), ())
    form = table.choice("shape", Form)
    shape = _READERS[form](table, pack, rule, lines or _lines(pack, scope))
    if table.has("same_station"):
        shape = _same_station(table.table("same_station"), rule, shape)
    # A flat fare is known before anyone leaves; of the other shapes the city must say it.
    usual = table.integer("amount", least=0, most=MOST) if form is Form.FLAT else None
    fare = Fare(
        id=rule, name=table.words("name"), scope=scope, lines=lines, shape=shape,
        maximum=flat(
            rule, table.integer("maximum", usual, least=0, most=MOST), Part.MAXIMUM
        ),
    )  # fmt: skip
    table.done()
    return fare


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


def _matrix(table: Section, pack: Pack, rule: str, lines: tuple[str, ...]) -> Shape:
    name = table.text("file", pattern=r"[A-Za-z0-9_.-]+\.csv")
    path = Path(table.file).with_name(name)
    if not path.is_file():
        raise table.error("file", "a CSV file beside this one")
    column = table.text("column", "fare")
    return matrix(rule, read_matrix(path, column, _stops(pack, lines), pack.stops))


def _same_station(table: Section, rule: str, other: Shape) -> Shape:
    minutes = table.integer("within_min", least=0, most=1_440)
    amount = table.integer("amount", least=0, most=MOST)
    table.done()
    return SameStation(minutes * 60 * MICROS, other, flat(rule, amount, Part.SAME_STATION, minutes))


_READERS: Mapping[Form, Callable[[Section, Pack, str, tuple[str, ...]], Shape]] = {
    Form.FLAT: _flat,
    Form.DISTANCE: _distance,
    Form.MATRIX: _matrix,
}
