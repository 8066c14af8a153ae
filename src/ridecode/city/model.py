"""What a city pack says, as frozen values."""

from collections.abc import Mapping

from msgspec import Struct

from ridecode.city.network import Network
from ridecode.city.section import Section
from ridecode.core import BusinessCalendar, Mode, Words


class Currency(Struct, frozen=True):
    """The city's money: amounts are whole numbers of 10 to the −`minor_digits` of `code`."""

    code: str
    """ISO 4217, such as CNY."""
    minor_digits: int
    symbol: str


class CardCompany(Struct, frozen=True):
    """The city's card company (一卡通公司): every charge of the city settles on its platform."""

    id: str
    name: Words
    issuer: str
    """Its issuer number (发卡机构号), 8 digits; one of the pack's issuers."""


class Issuer(Struct, frozen=True):
    """An institution that signs riders' authorisations (发卡机构)."""

    number: str
    """8 digits: the institution's serial of 4, then the UnionPay area code of 4."""
    name: Words
    iin: str
    """The first 8 digits of its 19-digit card accounts."""


class Platform(Struct, frozen=True):
    """A code platform (发码平台): enrols riders and holds the app."""

    id: str
    name: Words
    number: str
    """The code issuer's number in the code, 8 digits."""
    demo: bool
    """Whether the number is invented, for a demonstration."""


class Operator(Struct, frozen=True):
    """Who runs lines and owns validators."""

    id: str
    name: Words


class Product(Struct, frozen=True):
    """A fare product: what a place sells. Rules ask for products, never for modes."""

    id: str
    name: Words
    mode: Mode


class Stop(Struct, frozen=True):
    """A station, stop or pier; positions are WGS-84 degrees."""

    id: str
    name: Words
    lat: float
    lon: float
    aliases: tuple[str, ...] = ()
    """Other names by which files know it, damaged spellings among them."""


class Line(Struct, frozen=True):
    """A line with its stops in order of one direction; it runs both ways."""

    id: str
    name: Words
    number: str
    """What riders call it: 1, M390, APM."""
    mode: Mode
    product: str
    operator: str
    colour: str
    """Its own colour on maps, #rrggbb."""
    stops: tuple[str, ...]
    track_m: tuple[int, ...]
    """Metres between neighbouring stops; of a loop the last one leads back to the first stop."""
    loop: bool
    length_m: int = 0
    """Its published length in metres, tail tracks included; 0 where the pack does not say."""
    aliases: tuple[str, ...] = ()
    """Other names by which files know it."""


class Co2(Struct, frozen=True):
    """Grams of CO₂ per passenger-kilometre, by mode and for the car that stayed at home."""

    car: float
    by_mode: Mapping[Mode, float]
    source: Words
    """Where the figures come from; says so where they are assumed."""


class Sections(Struct, frozen=True):
    """The parts of a pack that other rooms read, handed over unread."""

    validator: Section
    matching: Section
    tariffs: tuple[Section, ...]
    imports: Mapping[str, Section]
    """By the name of the file format."""
    riders: Section
    """Empty where the pack has none: then the defaults hold."""
    money: Section
    """As `riders`."""


class Pack(Struct, frozen=True, kw_only=True):
    """Everything local to one city (城市包)."""

    id: str
    name: Words
    version: str
    demo: bool
    """A demo city accepts test roots; no other does."""
    currency: Currency
    calendar: BusinessCalendar
    card_company: CardCompany
    issuers: Mapping[str, Issuer]
    """By issuer number."""
    platforms: Mapping[str, Platform]
    operators: Mapping[str, Operator]
    products: Mapping[str, Product]
    lines: Mapping[str, Line]
    stops: Mapping[str, Stop]
    network: Network
    co2: Co2
    sections: Sections
    stop_names: Mapping[str, str]
    """Every id, name and alias of a stop, to its id; see `resolve_stop`."""
    line_names: Mapping[str, str]

    def resolve_stop(self, name: str) -> str | None:
        """The id of the stop that a file or rider calls `name`: an id, a name or an alias."""
        return self.stop_names.get(name.strip())

    def resolve_line(self, name: str) -> str | None:
        """The id of the line that a file or rider calls `name`: an id, a name or an alias."""
        return self.line_names.get(name.strip())
