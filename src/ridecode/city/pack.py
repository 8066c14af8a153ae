"""Reading a city pack from its folder.

pack.toml       the city, its institutions and products     required
network.toml    stops and lines                             required
tariff.toml     [[tariff]], for the fares room              required
validator.toml  [validator], for the validator room         required
matching.toml   [matching], for the rides room              required
imports.toml    [imports.<format>], for the taps room       where there is any
riders.toml     [riders], for the riders room               where it differs from the defaults
money.toml      [money], for the money room                 where it differs from the defaults
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ridecode.city.model import Issuer, Line, Pack, Sections, Stop
from ridecode.city.network import Network
from ridecode.city.notices import DemoNumber, DuplicateId, NameClash, Notice, PackError, Severity
from ridecode.city.section import Section, parse_toml, read_toml
from ridecode.city.tables import (
    ID,
    HasId,
    read_calendar,
    read_card_company,
    read_co2,
    read_currency,
    read_issuer,
    read_line,
    read_operator,
    read_platform,
    read_product,
    read_stop,
)
from ridecode.core import NotFoundError

_SHIPPED = Path(__file__).parent / "packs"


T = TypeVar("T")


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
    pack = None
    with reader.noting():
        pack = reader.pack()
    return (pack if not reader.notices else None), reader.notices


class _Reader:
    """Reads on after a fault wherever the next table can still be read, to note them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.notices: list[Notice] = []
        self._kept: dict[str, dict[str, Section]] = {}
        """Of each kind the tables that were read well, by id: where a later notice points."""

    @contextmanager
    def noting(self) -> Iterator[None]:
        try:
            yield
        except PackError as error:
            self.notices.append(error.notice)

    def pack(self) -> Pack | None:
        root = read_toml(self._folder / "pack.toml")
        network = read_toml(self._folder / "network.toml")
        issuers = self._each(root, "issuer", read_issuer, _number_of)
        platforms = self._each(root, "platform", read_platform, _id_of)
        operators = self._each(root, "operator", read_operator, _id_of)
        products = self._each(root, "product", read_product, _id_of)
        stops = self._each(network, "stop", read_stop, _id_of)
        lines = self._each(
            network, "line", lambda table: read_line(table, stops, products, operators), _id_of
        )
        stop_names = self._names("stop", stops)
        line_names = self._names("line", lines)
        with self.noting():
            network.done()
        with self.noting():
            id_ = root.text("id", pattern=ID)
        with self.noting():
            name = root.words("name")
        with self.noting():
            version = root.text("version")
        with self.noting():
            demo = root.flag("demo")
        with self.noting():
            currency = read_currency(root.table("currency"))
        with self.noting():
            calendar = read_calendar(root.table("calendar"))
        with self.noting():
            card_company = read_card_company(root.table("card_company"), issuers)
        with self.noting():
            co2 = read_co2(root.table("co2"))
        with self.noting():
            root.done()
        with self.noting():
            sections = self._sections()
        if self.notices:
            return None
        pack = Pack(
            id=id_,
            name=name,
            version=version,
            demo=demo,
            currency=currency,
            calendar=calendar,
            card_company=card_company,
            issuers=issuers,
            platforms=platforms,
            operators=operators,
            products=products,
            lines=lines,
            stops=stops,
            network=Network(lines.values()),
            co2=co2,
            sections=sections,
            stop_names=stop_names,
            line_names=line_names,
        )
        self._no_demo_numbers(pack)
        return pack

    def _no_demo_numbers(self, pack: Pack) -> None:
        for platform in pack.platforms.values():
            if platform.demo and not pack.demo:
                table = self._kept["platform"][platform.id]
                self.notices.append(DemoNumber(table.file, table.line_of("demo"), platform.id))

    def _sections(self) -> Sections:
        return Sections(
            validator=self._alone("validator"),
            matching=self._alone("matching"),
            tariffs=self._tariffs(),
            imports=self._imports(),
            riders=self._where_there("riders"),
            money=self._where_there("money"),
        )

    def _alone(self, name: str) -> Section:
        """The one table of a file that is named after it."""
        root = read_toml(self._folder / f"{name}.toml")
        table = root.table(name)
        with self.noting():
            root.done()
        return table

    def _tariffs(self) -> tuple[Section, ...]:
        root = read_toml(self._folder / "tariff.toml")
        tables = root.tables("tariff")
        with self.noting():
            root.done()
        return tables

    def _imports(self) -> dict[str, Section]:
        path = self._folder / "imports.toml"
        if not path.exists():
            return {}
        root = read_toml(path)
        table = root.table("imports")
        root.done()
        return {name: table.table(name) for name in table}

    def _where_there(self, name: str) -> Section:
        """The table of a file that need not be there; an empty one where it is not."""
        path = self._folder / f"{name}.toml"
        return self._alone(name) if path.exists() else parse_toml("", str(path))

    def _each(
        self, root: Section, key: str, read: Callable[[Section], T], by: Callable[[T], str]
    ) -> dict[str, T]:
        """The items of an array of tables by id; a faulty or repeated one is noted, not kept."""
        items: dict[str, T] = {}
        kept = self._kept[key] = {}
        for table in root.tables(key):
            with self.noting():
                item = read(table)
                table.done()
                at = by(item)
                if at in items:
                    raise PackError(DuplicateId(table.file, table.line, key, at, kept[at].line))
                items[at], kept[at] = item, table
        return items

    def _names(self, kind: str, items: Mapping[str, Stop] | Mapping[str, Line]) -> dict[str, str]:
        """Every id, Chinese name and alias to the one id it means; one that means two is noted.

        An English name counts where it is nobody else's: pinyin drops tones, so two stations may
        share one.
        """
        names: dict[str, str] = {}
        for item in items.values():
            for name in dict.fromkeys((item.id, item.name.zh, *item.aliases)):
                other = names.setdefault(name, item.id)
                if other != item.id:
                    table = self._kept[kind][item.id]
                    clash = NameClash(table.file, table.line, kind, name, item.id, other)
                    self.notices.append(clash)
        english = Counter(item.name.en for item in items.values())
        for item in items.values():
            if english[item.name.en] == 1:
                names.setdefault(item.name.en, item.id)
        return names


def _id_of(item: HasId) -> str:
    return item.id


def _number_of(issuer: Issuer) -> str:
    return issuer.number
