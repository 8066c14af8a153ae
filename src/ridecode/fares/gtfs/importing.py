"""A feed's fares as a tariff; what cannot be expressed is refused by name, never priced wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from ridecode.core import BadInputError, BusinessCalendar, RefusedError, Words
from ridecode.fares.gtfs.choices import Choices
from ridecode.fares.gtfs.compiling_v1 import fares_of_v1
from ridecode.fares.gtfs.compiling_v2 import fares_of_v2
from ridecode.fares.gtfs.facts import FaresV1, FaresV2, Places
from ridecode.fares.gtfs.places import read_places
from ridecode.fares.gtfs.reading_v1 import read_v1
from ridecode.fares.gtfs.reading_v2 import read_v2
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables import NEEDED, Tables, open_feed
from ridecode.fares.gtfs.tables_of_pairs import pairs_of
from ridecode.fares.scope import NAMED, AccountClass
from ridecode.fares.tariff import Tariff, make_tariff

_V1: Final = "fare_attributes.txt"
_V2: Final = "fare_products.txt"


class Imported(Struct, frozen=True):
    """What an import made. A *pair* is an origin and a destination zone of some routes, at some
    hours, for some accounts."""

    version: int
    """Of GTFS-Fares."""
    tariff: Tariff
    """Its products, lines and stops are those of the feed: mode, route_id, stop_id."""
    priced: int
    """Pairs that have a price."""
    unpriced: tuple[tuple[str, int], ...]
    """Why others are refused, and how many; pairs that the feed does not sell are in neither."""
    refused: tuple[Refusal, ...]
    """What the feed says and is not expressed."""


def import_gtfs(source: Path, choices: Choices | None = None) -> Imported:
    """The tariff of a feed (zip).

    Raises `BadInputError` with file, line and what was expected for a row that is malformed,
    `RefusedError` for a feed no ride of which can be told.
    """
    return import_tables(open_feed(source), choices or Choices())


def import_tables(tables: Tables, choices: Choices) -> Imported:
    for name in tables.names():
        if name not in NEEDED:
            refusal = Refusal(tables.place(name), 0, Why.UNKNOWN_TABLE, name)
            raise RefusedError(f"{refusal}.")
    version = choices.version or (2 if tables.has(_V2) else 1)
    places = read_places(tables)
    fares: FaresV1 | FaresV2
    if version == 2:
        fares = read_v2(tables, places)
        _is_medium(fares, choices.medium)
    else:
        fares = read_v1(tables, places)
    riders, odd = _riders(fares, choices, tables)
    made, compiled = (
        fares_of_v1(fares, places, riders, choices)
        if isinstance(fares, FaresV1)
        else fares_of_v2(fares, places, riders, choices)
    )
    priced, unpriced = pairs_of(compiled)
    tariff = make_tariff(
        id="gtfs", valid_from=0, source=_source(tables), money=fares.money,
        calendar=BusinessCalendar(_offset_s(places), 0), fares=made, rules=(),
    )  # fmt: skip
    return Imported(
        version, tariff, priced, tuple(sorted(unpriced.items())), (*fares.refused, *odd)
    )


def _is_medium(fares: FaresV2, medium: str) -> None:
    if medium and medium not in fares.media:
        told = ", ".join(fares.media) or "none"
        raise BadInputError(f"{medium!r} is no fare medium of the feed.", f"It has {told}.")


def _riders(
    fares: FaresV1 | FaresV2, choices: Choices, tables: Tables
) -> tuple[Mapping[AccountClass, str], tuple[Refusal, ...]]:
    """The category of each class of accounts. Where prices differ by category, a class for which
    none is chosen has no price."""
    if isinstance(fares, FaresV2):
        known, usual = fares.riders, fares.default_rider
        told = {one.rider for some in fares.products.values() for one in some} - {"", usual}
    else:
        known, usual, told = fares.riders, "", set(fares.riders)
    for rider in choices.riders.values():
        if rider not in known:
            said = ", ".join(known) or "none"
            raise BadInputError(f"{rider!r} is no rider category of the feed.", f"It has {said}.")
    chosen = dict(choices.riders)
    if not told or usual:
        chosen.setdefault(AccountClass.ORDINARY, usual)
    odd = []
    for account in NAMED:
        if account in chosen:
            continue
        if told:
            name = account.name.lower()
            odd.append(Refusal(tables.source, 0, Why.RIDERS, f"accounts of class {name}"))
        else:
            chosen[account] = usual
    return {account: chosen[account] for account in NAMED if account in chosen}, tuple(odd)


def _source(tables: Tables) -> Words:
    name = "".join(filter(str.isprintable, Path(tables.source).name))
    return Words(zh=f"由 {name} 导入", en=f"imported from {name}")


def _offset_s(places: Places) -> int:
    """GTFS has no caps, so the day is not cut by it: the hours of fares know their own zone."""
    offset = datetime(2024, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(places.zone)).utcoffset()
    return 0 if offset is None else offset.days * 86_400 + offset.seconds
