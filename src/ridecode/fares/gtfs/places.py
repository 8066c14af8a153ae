"""Reading routes, stops and services of a feed."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from ridecode.core import BadInputError
from ridecode.fares.gtfs.facts import Places
from ridecode.fares.gtfs.tables import Row, Tables
from ridecode.fares.times import Days

_EPOCH: Final = date(1970, 1, 1)
_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BASIC: Final = {
    **dict.fromkeys((0, 1, 2, 12), "metro"), **dict.fromkeys((3, 11), "bus"), 4: "ferry",
    **dict.fromkeys((5, 6, 7), "cable-car"),
}  # fmt: skip
_HUNDREDS: Final = {
    **dict.fromkeys((1, 4, 5, 6, 9), "metro"), **dict.fromkeys((2, 7, 8), "bus"),
    10: "ferry", 12: "ferry", 13: "cable-car", 14: "cable-car",
}  # fmt: skip
"""As `ridecode city import` names the products of a feed."""


def read_places(tables: Tables) -> Places:
    agencies = list(tables.rows("agency.txt", "agency_timezone"))
    if not agencies:
        raise BadInputError("The feed has no agency: expected agency.txt.", file=tables.source)
    zone = _zone(agencies[0])
    routes: dict[str, str] = {}
    agency: dict[str, str] = {}
    for row in tables.rows("routes.txt", "route_id", "route_type"):
        at = row.text("route_id")
        routes[at], agency[at] = _product(row), row.cell("agency_id")
    stops: dict[str, str] = {}
    parents: dict[str, str] = {}
    for row in tables.rows("stops.txt", "stop_id"):
        at = row.text("stop_id")
        if row.integer("location_type", 0, 4) in (None, 0):
            stops[at] = row.cell("zone_id")
        parents[at] = row.cell("parent_station")
    return Places(zone, routes, agency, stops, parents, _served(tables, routes, stops))


def _zone(agency: Row) -> str:
    name = agency.text("agency_timezone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise agency.error(f"agency_timezone is {name!r}", "a time zone of IANA") from error
    return name


def _product(route: Row) -> str:
    kind = route.integer("route_type", 0, 1_799)
    found = None if kind is None else _BASIC.get(kind) or _HUNDREDS.get(kind // 100)
    if found is None:
        raise route.error(f"route_type is {kind}", "a type of route of GTFS")
    return found


def _served(
    tables: Tables, routes: Mapping[str, str], stops: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """By route the stops at which its trips call. A feed without calls serves any stop anywhere."""
    trips = {
        row.text("trip_id"): row.text("route_id")
        for row in tables.rows("trips.txt", "trip_id", "route_id")
    }
    served: dict[str, dict[str, None]] = {route: {} for route in routes}
    called = False
    for row in tables.rows("stop_times.txt", "trip_id"):
        stop, route = row.cell("stop_id"), trips.get(row.cell("trip_id"), "")
        if stop in stops and route in served:
            called = True
            served[route][stop] = None
    if not called:
        return dict.fromkeys(routes, tuple(stops))
    return {route: tuple(some) for route, some in served.items()}


def read_services(tables: Tables) -> dict[str, Days]:
    """The dates of each service."""
    weeks: dict[str, tuple[int, int, int]] = {}
    for row in tables.rows("calendar.txt", "service_id", "start_date", "end_date"):
        bits = sum(1 << at for at, name in enumerate(_WEEK) if row.integer(name, 0, 1))
        weeks[row.text("service_id")] = bits, _day(row, "start_date"), _day(row, "end_date")
    also: dict[str, set[int]] = {}
    never: dict[str, set[int]] = {}
    for row in tables.rows("calendar_dates.txt", "service_id", "date", "exception_type"):
        kind = also if row.integer("exception_type", 1, 2) == 1 else never
        kind.setdefault(row.text("service_id"), set()).add(_day(row, "date"))
    return {
        at: Days(
            *weeks.get(at, (0, 0, 0)), frozenset(also.get(at, ())), frozenset(never.get(at, ()))
        )
        for at in (*weeks, *(other for other in also if other not in weeks))
    }


def _day(row: Row, key: str) -> int:
    text = row.text(key)
    try:
        if len(text) == 8 and text.isdigit():
            return (date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}") - _EPOCH).days
    except ValueError:
        pass
    raise row.error(f"{key} is {text!r}", "a date as YYYYMMDD")
