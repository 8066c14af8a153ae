"""Reading the tables of pack.toml and network.toml, one function a kind of table.

Each takes a `Section`, answers a frozen value of `ridecode.city.model`, and raises `PackError`
for the first fault. docs/city-packs.md tells every key.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Protocol, TypeVar

from ridecode.city.model import (
    CardCompany,
    Co2,
    Currency,
    Issuer,
    Line,
    Operator,
    Platform,
    Product,
    Stop,
)
from ridecode.city.notices import PackError, RepeatedStop, SegmentCount, UnknownReference
from ridecode.city.section import Section
from ridecode.city.track import undrawn_m
from ridecode.core import BusinessCalendar, Mode, Words

ID = "[a-z0-9][a-z0-9-]*"
_EIGHT_DIGITS = "[0-9]{8}"


class HasId(Protocol):
    @property
    def id(self) -> str: ...


H = TypeVar("H", bound=HasId)


def read_issuer(table: Section) -> Issuer:
    return Issuer(
        number=table.text("number", pattern=_EIGHT_DIGITS),
        name=table.words("name"),
        iin=table.text("iin", pattern=_EIGHT_DIGITS),
    )


def read_platform(table: Section) -> Platform:
    return Platform(
        id=table.text("id", pattern=ID),
        name=table.words("name"),
        number=table.text("number", pattern=_EIGHT_DIGITS),
        demo=table.flag("demo", default=False),
    )


def read_operator(table: Section) -> Operator:
    return Operator(id=table.text("id", pattern=ID), name=table.words("name"))


def read_product(table: Section) -> Product:
    return Product(
        id=table.text("id", pattern=ID), name=table.words("name"), mode=table.choice("mode", Mode)
    )


def read_stop(table: Section) -> Stop:
    return Stop(
        id=table.text("id", pattern=ID),
        name=table.words("name"),
        lat=table.number("lat", least=-90, most=90),
        lon=table.number("lon", least=-180, most=180),
        aliases=table.texts("aliases", ()),
    )


def read_line(
    table: Section,
    stops: Mapping[str, Stop],
    products: Mapping[str, Product],
    operators: Mapping[str, Operator],
) -> Line:
    at = table.text("id", pattern=ID)
    product = _known(table, "product", products, at)
    calls = table.texts("stops")
    loop = table.flag("loop", default=False)
    if len(calls) < 2:
        raise table.error("stops", Words(zh="至少两站", en="at least two stops"))
    for index, stop in enumerate(calls):
        if stop not in stops:
            where = table.line_of("stops", index)
            raise PackError(UnknownReference(table.file, where, "stop", stop, f"line {at}"))
    for index, (stop, after) in enumerate(pairwise((*calls, *calls[: 1 if loop else 0]))):
        if stop == after:
            where = table.line_of("stops", (index + 1) % len(calls))
            raise PackError(RepeatedStop(table.file, where, f"line {at}", stop))
    return Line(
        id=at,
        name=table.words("name"),
        number=table.text("number"),
        mode=product.mode,
        product=product.id,
        operator=_known(table, "operator", operators, at).id,
        colour=table.text("colour", pattern="#[0-9a-f]{6}"),
        stops=calls,
        track_m=_track_m(table, at, [stops[stop] for stop in calls], loop=loop),
        loop=loop,
        length_m=round(table.number("length_km", 0.0, least=0.1) * 1000),
        aliases=table.texts("aliases", ()),
    )


def _track_m(table: Section, at: str, calls: list[Stop], *, loop: bool) -> tuple[int, ...]:
    places = [(stop.lat, stop.lon) for stop in calls]
    if loop:
        places.append(places[0])
    given = table.integers("track_m", (), least=1)
    if given and len(given) != len(places) - 1:
        raise PackError(
            SegmentCount(
                table.file, table.line_of("track_m"), f"line {at}", len(places) - 1, len(given)
            )
        )
    return given or undrawn_m(places)


def _known(table: Section, key: str, among: Mapping[str, H], by: str) -> H:
    named = table.text(key)
    if named not in among:
        raise PackError(UnknownReference(table.file, table.line_of(key), key, named, f"line {by}"))
    return among[named]


def read_currency(table: Section) -> Currency:
    read = Currency(
        code=table.text("code", pattern="[A-Z]{3}"),
        minor_digits=table.integer("minor_digits", least=0, most=4),
        symbol=table.text("symbol"),
    )
    table.done()
    return read


def read_calendar(table: Section) -> BusinessCalendar:
    read = BusinessCalendar(
        utc_offset_s=table.integer("utc_offset_s", least=-43_200, most=50_400),
        cut_s=table.integer("cut_s", least=0, most=86_399),
    )
    table.done()
    return read


def read_card_company(table: Section, issuers: Mapping[str, Issuer]) -> CardCompany:
    read = CardCompany(
        id=table.text("id", pattern=ID),
        name=table.words("name"),
        issuer=table.text("issuer", pattern=_EIGHT_DIGITS),
    )
    if read.issuer not in issuers:
        line = table.line_of("issuer")
        raise PackError(UnknownReference(table.file, line, "issuer", read.issuer, "card_company"))
    table.done()
    return read


def read_co2(table: Section) -> Co2:
    modes = table.table("g_per_passenger_km")
    read = Co2(
        car=table.number("car_g_per_passenger_km", least=0),
        by_mode={
            mode: modes.number(mode.name.lower(), least=0)
            for mode in Mode
            if modes.has(mode.name.lower())
        },
        source=table.words("source"),
    )
    modes.done()
    table.done()
    return read
