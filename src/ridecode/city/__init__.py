"""The city: what is local to one city, as data, and how far apart its stops are.

In: a city pack's folder (TOML), a GTFS feed or a metro map to make one from. Out: the frozen
`Pack` with lines, stops and `Network`, and for each room its own `Section` of the pack.
Never: a rule of one city in code, a fare, a network connection.
"""

from ridecode.city.check import check_pack
from ridecode.city.draft import Draft
from ridecode.city.importing import import_network
from ridecode.city.model import (
    Line,
    Pack,
    Product,
    Stop,
)
from ridecode.city.network import Network
from ridecode.city.notices import Notice, PackError, Severity
from ridecode.city.pack import load_pack, shipped_packs
from ridecode.city.section import Section, parse_toml

__all__ = [
    "Draft",
    "Line",
    "Network",
    "Notice",
    "Pack",
    "PackError",
    "Product",
    "Section",
    "Severity",
    "Stop",
    "check_pack",
    "import_network",
    "load_pack",
    "parse_toml",
    "shipped_packs",
]
