"""Reading a city pack from its folder.

pack.toml       the city, its institutions and products     required
network.toml    stops and lines                             required
tariff.toml     [[tariff]], for the fares room              required
validator.toml  [validator], for the validator room         required
matching.toml   [matching], for the rides room              required
imports.toml    [imports.<format>], for the taps room       where there is any
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeVar

from ridecode.city.model import (
    CardCompany,
    Co2,
    Currency,
    Issuer,
    Line,
    Operator,
    Pack,
    Platform,
    Product,
    Sections,
    Stop,
)
from ridecode.city.network import Network
from ridecode.city.notices import (
    DemoNumber,
    DuplicateId,
    NameClash,
    Notice,
    PackError,
    RepeatedStop,
    SegmentCount,
    Severity,
    UnknownReference,
)
from ridecode.city.section import Section, read_toml
from ridecode.city.track import undrawn_m
from ridecode.core import BusinessCalendar, Mode, NotFoundError

_SHIPPED = Path(__file__).parent / "packs"
_ID = "[a-z0-9][a-z0-9-]*"
_EIGHT_DIGITS = "[0-9]{8}"


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T")
H = TypeVar("H", bound=_HasId)


def shipped_packs() -> tuple[str, ...]:
    """The names of the packs that come with ridecode."""
    return tuple(sorted(path.parent.name for path in _SHIPPED.glob("*/pack.toml")))


def load_pack(pack: Path | str) -> Pack:
    """A pack from its folder, or a shipped one by its name.

    Raises `NotFoundError` where there is no such pack, and `PackError` with file, line and what
    was expected for the first fault in it.
    """
    found, notices = read_pack(pack_folder(pack))
    errors = [notice for notice in notices if notice.severity is Severity.ERROR]
    if errors or found is None:
        raise PackError(errors[0])
    return found


def pack_folder(pack: Path | str) -> Path:
    """The folder of a pack that is named by path or, if shipped, by name."""
    if isinstance(pack, str) and pack in shipped_packs():
        return _SHIPPED / pack
    folder = Path(pack)
    if folder.is_dir():
        return folder
    raise NotFoundError(
        f"There is no city pack {str(pack)!r}.",
        f"Name a folder with a pack.toml, or one of {', '.join(shipped_packs())}.",
    )


def read_pack(folder: Path) -> tuple[Pack | None, list[Notice]]:
    """All that can be read of a pack, with a notice for every fault; None if not whole."""
    reader = _Reader(folder)
    with reader.noting():
        pack = reader.pack()
        return (pack if not reader.notices else None), reader.notices
    return None, reader.notices


class _Reader:
    """Reads on after a fault wherever the next table can still be read, to note them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.notices: list[Notice] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        try:
            yield
        except PackError as error:
            self.notices.append(error.notice)

    def pack(self) -> Pack:
        sections = self._sections()
        root = read_toml(self._folder / "pack.toml")
        network = read_toml(self._folder / "network.toml")
        issuers = self._each(root, "issuer", _issuer, _number_of)
        platforms = self._each(root, "platform", _platform, _id_of)
        operators = self._each(root, "operator", _operator, _id_of)
        products = self._each(root, "product", _product, _id_of)
        stops = self._each(network, "stop", _stop, _id_of)
        lines = self._each(
            network, "line", lambda table: _line(table, stops, products, operators), _id_of
        )
        network.done()
        stop_names = self._names(network, "stop", stops)
        line_names = self._names(network, "line", lines)
        pack = Pack(
            id=root.text("id", pattern=_ID),
            name=root.words("name"),
            version=root.text("version"),
            demo=root.flag("demo"),
            currency=_currency(root.table("currency")),
            calendar=_calendar(root.table("calendar")),
            card_company=_card_company(root.table("card_company"), issuers),
            issuers=issuers,
            platforms=platforms,
            operators=operators,
            products=products,
            lines=lines,
            stops=stops,
            network=Network(lines.values()),
            co2=_co2(root.table("co2")),
            sections=sections,
            stop_names=stop_names,
            line_names=line_names,
        )
        root.done()
        self._no_demo_numbers(pack, root)
        return pack

    def _no_demo_numbers(self, pack: Pack, root: Section) -> None:
        for platform, table in zip(pack.platforms.values(), root.tables("platform"), strict=False):
            if platform.demo and not pack.demo:
                line = table.line_of("demo")
                self.notices.append(DemoNumber(root.file, line, platform.id))

    def _sections(self) -> Sections:
        validator = read_toml(self._folder / "validator.toml")
        matching = read_toml(self._folder / "matching.toml")
        tariff = read_toml(self._folder / "tariff.toml")
        sections = Sections(
            validator=validator.table("validator"),
            matching=matching.table("matching"),
            tariffs=tariff.tables("tariff"),
            imports=self._imports(),
        )
        for section in (validator, matching, tariff):
            with self.noting():
                section.done()
        return sections

    def _imports(self) -> dict[str, Section]:
        path = self._folder / "imports.toml"
        if not path.exists():
            return {}
        root = read_toml(path)
        table = root.table("imports")
        root.done()
        return {name: table.table(name) for name in table}

    def _each(
        self, root: Section, key: str, read: Callable[[Section], T], by: Callable[[T], str]
    ) -> dict[str, T]:
        """The items of an array of tables by id; a faulty or repeated one is noted, not kept."""
        items: dict[str, T] = {}
        lines: dict[str, int] = {}
        for table in root.tables(key):
            with self.noting():
                item = read(table)
                table.done()
                at = by(item)
                if at in items:
                    raise PackError(DuplicateId(table.file, table.line, key, at, lines[at]))
                items[at], lines[at] = item, table.line
        return items

    def _names(
        self, root: Section, key: str, items: Mapping[str, Stop] | Mapping[str, Line]
    ) -> dict[str, str]:
        """Every id, Chinese name and alias to the one id it means; one that means two is noted.

        An English name counts where it is nobody else's: pinyin drops tones, so two stations may
        share one.
        """
        line_of = {table.text("id", "-"): table.line for table in root.tables(key)}
        names: dict[str, str] = {}
        for item in items.values():
            for name in dict.fromkeys((item.id, item.name.zh, *item.aliases)):
                other = names.setdefault(name, item.id)
                if other != item.id:
                    clash = NameClash(root.file, line_of[item.id], name, item.id, other)
                    self.notices.append(clash)
        english = Counter(item.name.en for item in items.values())
        for item in items.values():
            if english[item.name.en] == 1:
                names.setdefault(item.name.en, item.id)
        return names


def _id_of(item: _HasId) -> str:
    return item.id


def _number_of(issuer: Issuer) -> str:
    return issuer.number


def _issuer(table: Section) -> Issuer:
    return Issuer(
        number=table.text("number", pattern=_EIGHT_DIGITS),
        name=table.words("name"),
        iin=table.text("iin", pattern=_EIGHT_DIGITS),
    )


def _platform(table: Section) -> Platform:
    return Platform(
        id=table.text("id", pattern=_ID),
        name=table.words("name"),
        number=table.text("number", pattern=_EIGHT_DIGITS),
        demo=table.flag("demo", default=False),
    )


def _operator(table: Section) -> Operator:
    return Operator(id=table.text("id", pattern=_ID), name=table.words("name"))


def _product(table: Section) -> Product:
    return Product(
        id=table.text("id", pattern=_ID), name=table.words("name"), mode=table.choice("mode", Mode)
    )


def _stop(table: Section) -> Stop:
    return Stop(
        id=table.text("id", pattern=_ID),
        name=table.words("name"),
        lat=table.number("lat", least=-90, most=90),
        lon=table.number("lon", least=-180, most=180),
        aliases=table.texts("aliases", ()),
    )


def _line(
    table: Section,
    stops: Mapping[str, Stop],
    products: Mapping[str, Product],
    operators: Mapping[str, Operator],
) -> Line:
    at = table.text("id", pattern=_ID)
    product = _known(table, "product", products, at)
    calls = table.texts("stops")
    loop = table.flag("loop", default=False)
    if len(calls) < 2:
        raise table.error("stops", "at least two stops")
    for stop in calls:
        if stop not in stops:
            raise PackError(
                UnknownReference(table.file, table.line_of("stops"), "stop", stop, f"line {at}")
            )
    for stop, after in pairwise((*calls, *calls[: 1 if loop else 0])):
        if stop == after:
            raise PackError(RepeatedStop(table.file, table.line_of("stops"), f"line {at}", stop))
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


def _currency(table: Section) -> Currency:
    read = Currency(
        code=table.text("code", pattern="[A-Z]{3}"),
        minor_digits=table.integer("minor_digits", least=0, most=4),
        symbol=table.text("symbol"),
    )
    table.done()
    return read


def _calendar(table: Section) -> BusinessCalendar:
    read = BusinessCalendar(
        utc_offset_s=table.integer("utc_offset_s", least=-43_200, most=50_400),
        cut_s=table.integer("cut_s", least=0, most=86_399),
    )
    table.done()
    return read


def _card_company(table: Section, issuers: Mapping[str, Issuer]) -> CardCompany:
    read = CardCompany(
        id=table.text("id", pattern=_ID),
        name=table.words("name"),
        issuer=table.text("issuer", pattern=_EIGHT_DIGITS),
    )
    if read.issuer not in issuers:
        line = table.line_of("issuer")
        raise PackError(UnknownReference(table.file, line, "issuer", read.issuer, "card_company"))
    table.done()
    return read


def _co2(table: Section) -> Co2:
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
