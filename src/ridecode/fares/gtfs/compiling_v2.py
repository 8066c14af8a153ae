"""GTFS-Fares v2 as fares of a tariff: the cheapest product of each pair of areas.

Stops that are in the same areas are one zone. For each network, hour and category of riders the
leg rules are asked for every pair of zones, so that a ride costs what the rules themselves say.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ridecode.core import RefusedError
from ridecode.fares.gtfs.choices import Choices
from ridecode.fares.gtfs.facts import FaresV2, LegRule, Places
from ridecode.fares.gtfs.offers_v2 import from_areas, highest, of_networks, prices, to_areas
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables_of_pairs import (
    Ids,
    Pair,
    Table,
    Told,
    accounts_by_rider,
)
from ridecode.fares.gtfs.transfers_v2 import GroupedFare, with_transfers
from ridecode.fares.scope import AccountClass
from ridecode.fares.tariff import Fare
from ridecode.fares.times import Span, Times

_NOBODY: Final[frozenset[str]] = frozenset()


def fares_of_v2(
    fares: FaresV2, places: Places, riders: Mapping[AccountClass, str], choices: Choices
) -> tuple[tuple[Fare, ...], list[Table]]:
    """The fares, and the tables that they were made from."""
    ids = Ids()
    made: list[Fare] = []
    tables: list[Table] = []
    for who in accounts_by_rider(riders).items():
        some: list[GroupedFare] = []
        for of in _routes(fares, places):
            for group in (*_hours(fares), ""):
                table = _table(fares, places, of, who, group, choices.medium)
                if table.cells:
                    tables.append(table)
                    some += [GroupedFare(fare, groups, of[2]) for fare, groups in table.fares(ids)]
        made += with_transfers(some, fares, who[0], choices)
    return tuple(made), tables


def _routes(fares: FaresV2, places: Places) -> list[tuple[tuple[str, ...], str, frozenset[str]]]:
    """Routes of one product, in the same networks."""
    alike: dict[tuple[str, frozenset[str]], list[str]] = {}
    for route, product in places.routes.items():
        alike.setdefault((product, fares.networks.get(route, _NOBODY)), []).append(route)
    return [(tuple(some), product, networks) for (product, networks), some in alike.items()]


def _hours(fares: FaresV2) -> tuple[str, ...]:
    """The timeframe groups that rules name, of which at most one may hold at any time."""
    named = [group for group in fares.times if any(group == rule.from_time for rule in fares.rules)]
    for at, group in enumerate(named):
        for other in named[:at]:
            if _overlap(fares.times[group], fares.times[other]):
                raise RefusedError(
                    f"The timeframe groups {other!r} and {group!r} overlap: "
                    f"{Why.TIMES_OVERLAP.words.en}."
                )
    return tuple(named)


def _overlap(one: Times, other: Times) -> bool:
    """Whether some hours may be in both; dates are compared as far as they go by weekday."""
    return any(_meet(a, b) for a in one.spans for b in other.spans)


def _meet(one: Span, other: Span) -> bool:
    if one.from_s >= other.to_s or other.from_s >= one.to_s:
        return False
    since = max(one.days.since, other.days.since)
    until = min(one.days.until, other.days.until)
    by_week = since <= until and one.days.weekdays & other.days.weekdays
    return bool(by_week) or any(
        one.days.has(day) and other.days.has(day) for day in one.days.also | other.days.also
    )


def _table(
    fares: FaresV2,
    places: Places,
    of: tuple[tuple[str, ...], str, frozenset[str]],
    who: tuple[str, tuple[AccountClass, ...]],
    group: str,
    medium: str,
) -> Table:
    (routes, product, networks), (rider, accounts) = of, who
    served = dict.fromkeys(
        stop for some in {places.served[route] for route in routes} for stop in some
    )
    areas_of = {stop: fares.areas.get(stop, _NOBODY) for stop in served}
    zones = {areas: _name(areas) for areas in dict.fromkeys(areas_of.values())}
    here = [rule for rule in of_networks(fares, networks) if rule.from_time in ("", group)]
    cells: dict[Pair, Told | Refusal] = {}
    for origin, origin_name in zones.items():
        leaving = from_areas(fares, here, origin)
        for destination, destination_name in zones.items():
            met = highest(to_areas(fares, leaving, destination))
            cell = _cell(fares, met, medium, rider)
            if cell is not None:
                cells[origin_name, destination_name] = cell
    return Table(
        product=product, routes=routes, accounts=accounts,
        when=(fares.times[group],) if group else (),
        zones_of={stop: (zones[areas],) for stop, areas in areas_of.items()}, cells=cells,
    )  # fmt: skip


def _name(areas: Iterable[str]) -> str:
    return "+".join(sorted(areas)) or "-"


def _cell(fares: FaresV2, met: list[LegRule], medium: str, rider: str) -> Told | Refusal | None:
    """The cheapest product of some rules, and the groups of all that are sold; None: none is."""
    amounts: dict[str, list[int]] = {}
    groups: dict[str, None] = {}
    for rule in met:
        if rule.product in fares.products and not prices(fares, rule.product, medium, rider):
            continue
        if refused := _untellable(rule):
            return refused
        groups[rule.group] = None
        for one in _media(fares, medium):
            amounts.setdefault(one, []).extend(prices(fares, rule.product, one, rider))
    cheapest = {min(some) for some in amounts.values() if some}
    if not cheapest:
        return None
    if len(cheapest) > 1:
        return Refusal(*met[0].place, Why.SEVERAL_MEDIA, f"product {met[0].product!r}")
    return Told(min(cheapest), tuple(sorted(groups)))


def _media(fares: FaresV2, medium: str) -> tuple[str, ...]:
    return (medium,) if medium or not fares.media else fares.media


def _untellable(rule: LegRule) -> Refusal | None:
    if rule.refused:
        return rule.refused
    if rule.area_set:
        return Refusal(*rule.place, Why.AREA_SET, f"area set {rule.area_set!r}")
    if rule.to_time:
        return Refusal(*rule.place, Why.EXIT_TIME, f"timeframe group {rule.to_time!r}")
    return None
