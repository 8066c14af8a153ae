"""GTFS-Fares v1 as fares of a tariff: the cheapest fare of each pair of zones of each route."""

from collections.abc import Mapping
from typing import Final

from ridecode.core import MICROS
from ridecode.fares.gtfs.choices import Choices
from ridecode.fares.gtfs.facts import FaresV1, FareV1, Places, RuleV1
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables_of_pairs import (
    Ids,
    Pair,
    Table,
    Told,
    accounts_by_rider,
    with_onward,
)
from ridecode.fares.scope import AccountClass
from ridecode.fares.tariff import Fare
from ridecode.fares.way import Onward, Pays, Since

NO_ZONE: Final = "-"
"""The zone of stops that have none; no zone_id of a feed is used for it."""

Index = dict[Pair, list[tuple[FareV1, RuleV1 | None]]]


def fares_of_v1(
    fares: FaresV1, places: Places, riders: Mapping[AccountClass, str], choices: Choices
) -> tuple[tuple[Fare, ...], list[Table]]:
    """The fares, and the tables that they were made from."""
    ids = Ids()
    made: list[Fare] = []
    every: list[Table] = []
    for rider, accounts in accounts_by_rider(riders).items():
        mine = [fare for fare in fares.fares if not fare.riders or rider in fare.riders]
        tables = _tables(mine, fares, places, accounts)
        some = [fare for table in tables for fare, _ in table.fares(ids)]
        onward = _onward(mine, places, tuple(fare.id for fare in some), choices)
        made += [with_onward(fare, onward) for fare in some] if onward else some
        every += tables
    return tuple(made), every


def _tables(
    mine: list[FareV1], fares: FaresV1, places: Places, accounts: tuple[AccountClass, ...]
) -> list[Table]:
    """Routes whose zones and prices are the same share a table."""
    index = _index(mine)
    alike: dict[
        tuple[str, tuple[str, ...], tuple[tuple[Pair, Told | Refusal], ...]], list[str]
    ] = {}
    for route, product in places.routes.items():
        zones = tuple(sorted({_zone(fares, stop) for stop in places.served[route]}))
        cells = tuple(
            ((a, b), cell)
            for a in zones
            for b in zones
            if (cell := _cell(index, places, route, (a, b))) is not None
        )
        alike.setdefault((product, zones, cells), []).append(route)
    return [
        Table(
            product=product, routes=tuple(routes), accounts=accounts, when=(),
            zones_of={
                stop: (_zone(fares, stop),)
                for some in {places.served[route] for route in routes}
                for stop in some
            },
            cells=dict(cells),
        )
        for (product, _, cells), routes in alike.items()
        if cells
    ]  # fmt: skip


def _zone(fares: FaresV1, stop: str) -> str:
    return fares.zones.get(stop) or NO_ZONE


def _index(mine: list[FareV1]) -> Index:
    index: Index = {}
    for fare in mine:
        if not fare.rules:
            index.setdefault(("", ""), []).append((fare, None))
        for rule in fare.rules:
            index.setdefault((rule.origin, rule.destination), []).append((fare, rule))
    return index


def _cell(index: Index, places: Places, route: str, pair: Pair) -> Told | Refusal | None:
    """The cheapest fare; None where none is sold."""
    origin, destination = (zone if zone != NO_ZONE else "" for zone in pair)
    keys = dict.fromkeys([(origin, destination), (origin, ""), ("", destination), ("", "")])
    found: list[int] = []
    for key in keys:
        for fare, rule in index.get(key, ()):
            if rule is not None and rule.route not in ("", route):
                continue
            if fare.agency and places.agencies[route] not in ("", fare.agency):
                continue
            if fare.refused:
                return fare.refused
            if rule is not None and rule.contains:
                return Refusal(*fare.place, Why.CONTAINS, f"contains_id of fare {fare.id!r}")
            found.append(fare.amount)
    return Told(min(found)) if found else None


def _onward(
    mine: list[FareV1], places: Places, ids: tuple[str, ...], choices: Choices
) -> tuple[Onward, ...]:
    """What a ride costs that may be a transfer: the rest of the whole way, if all fares transfer
    alike and each is for every route that any is for."""
    sold = [fare for fare in mine if not fare.refused]
    kinds = {(fare.transfers, fare.duration_s) for fare in sold}
    if not sold or all(transfers == 0 for transfers, _ in kinds):
        return ()
    place = next(fare.place for fare in sold if fare.transfers != 0)
    refused = ""
    limits = [fare.duration_s for fare in sold if fare.transfers != 0]
    limit = None if None in limits else max(one for one in limits if one is not None)
    if limit is None:
        limit = choices.transfer_s
    if len(kinds) > 1 or not _any_route(sold, places):
        refused = str(Refusal(*place, Why.MIXED_TRANSFERS, "transfers"))
    elif limit is None:
        refused = str(Refusal(*place, Why.NO_TIME_LIMIT, "transfers without transfer_duration"))
    return (
        Onward(
            after=ids, within_us=None if limit is None else limit * MICROS, pays=Pays.REST,
            since=Since.FIRST_ENTRY, most=sold[0].transfers or 0, refused=refused,
        ),
    )  # fmt: skip


def _any_route(sold: list[FareV1], places: Places) -> bool:
    named = {rule.route for fare in sold for rule in fare.rules if rule.route in places.routes}
    for fare in sold:
        routes: dict[Pair, set[str]] = {}
        for rule in fare.rules:
            routes.setdefault((rule.origin, rule.destination), set()).add(rule.route)
        if any("" not in some and not named <= some for some in routes.values()):
            return False
    return True
