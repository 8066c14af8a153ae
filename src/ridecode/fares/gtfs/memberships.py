"""Reading what belongs to what: stops to areas, routes to networks, hours to groups."""

from re import fullmatch

from ridecode.fares.gtfs.facts import Places
from ridecode.fares.gtfs.places import read_services
from ridecode.fares.gtfs.tables import Row, Tables
from ridecode.fares.times import Days, Span, Times


def read_areas(tables: Tables, places: Places) -> dict[str, frozenset[str]]:
    """The areas of each stop: its own and those of its station."""
    own: dict[str, set[str]] = {}
    for row in tables.rows("stop_areas.txt", "area_id", "stop_id"):
        own.setdefault(row.text("stop_id"), set()).add(row.text("area_id"))
    found = {}
    for stop, parent in places.parents.items():
        areas = own.get(stop, set()) | own.get(parent, set())
        if areas:
            found[stop] = frozenset(areas)
    return found


def read_area_sets(tables: Tables) -> dict[str, frozenset[str]]:
    sets: dict[str, set[str]] = {}
    for row in tables.rows("area_set_elements.txt", "area_set_id", "area_id"):
        sets.setdefault(row.text("area_set_id"), set()).add(row.text("area_id"))
    return {at: frozenset(areas) for at, areas in sets.items()}


def read_networks(tables: Tables) -> dict[str, frozenset[str]]:
    """The networks of each route, from routes.txt and route_networks.txt."""
    found: dict[str, set[str]] = {}
    for row in (
        *tables.rows("routes.txt", "route_id"),
        *tables.rows("route_networks.txt", "route_id", "network_id"),
    ):
        if network := row.cell("network_id"):
            found.setdefault(row.text("route_id"), set()).add(network)
    return {route: frozenset(networks) for route, networks in found.items()}


def read_timeframes(tables: Tables, zone: str) -> dict[str, Times]:
    """The hours of each group. One whose service has no dates is left out: whoever names it has
    to refuse it."""
    services = read_services(tables)
    spans: dict[str, list[Span]] = {}
    lost: set[str] = set()
    for row in tables.rows("timeframes.txt", "timeframe_group_id", "service_id"):
        group = row.text("timeframe_group_id")
        days = services.get(row.text("service_id"))
        if days is None:
            lost.add(group)
        else:
            spans.setdefault(group, []).append(_span(row, days))
    return {
        group: Times(group, 0, tuple(some), zone)
        for group, some in spans.items()
        if group not in lost
    }


def _span(row: Row, days: Days) -> Span:
    start, end = _second(row, "start_time", 0), _second(row, "end_time", 86_400)
    if end <= start:
        raise row.error(f"end_time is {row.cell('end_time')!r}", "a time after start_time")
    return Span(days, start, end)


def _second(row: Row, key: str, usual: int) -> int:
    text = row.cell(key)
    if not text:
        return usual
    found = fullmatch("([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])", text)
    second = (
        86_401
        if found is None
        else sum(
            int(part) * unit for part, unit in zip(found.groups(), (3_600, 60, 1), strict=True)
        )
    )
    if second > 86_400:
        raise row.error(f"{key} is {text!r}", "a time of day to 24:00:00")
    return second
