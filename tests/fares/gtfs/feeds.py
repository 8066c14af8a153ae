"""Tiny feeds written out as text, and itineraries through them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ridecode.core import MICROS
from ridecode.fares.gtfs.facts import Leg
from ridecode.fares.gtfs.tables import Tables

AGENCY = "agency_id,agency_name,agency_url,agency_timezone\nx,X,https://x.test,Etc/UTC\n"


def feed(routes: str, stops: str, /, **tables: str) -> Tables:
    """A feed of bus routes and stops, each a space-separated list of `id` or `id:zone`, and
    further tables as text by name without ending."""
    files = {
        "agency": AGENCY,
        "routes": "route_id,agency_id,route_type,network_id\n"
        + "".join(f"{route},x,3,{network}\n" for route, network in _pairs(routes)),
        "stops": "stop_id,stop_name,zone_id\n"
        + "".join(f"{stop},{stop},{zone}\n" for stop, zone in _pairs(stops)),
        **tables,
    }
    return Tables({f"{name}.txt": text.encode() for name, text in files.items()}, "feed.zip")


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(at, other) for at, _, other in (item.partition(":") for item in text.split())]


def moment(text: str, zone: str = "Etc/UTC") -> int:
    """A time of day of 2022-03-30 (a Wednesday), or a whole date and time, on a zone's clock."""
    when = text if "-" in text else f"2022-03-30 {text}"
    return int(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).timestamp()) * MICROS


def leg(route: str, stops: str, times: str, zone: str = "Etc/UTC") -> Leg:
    """A leg by stops `a b c` and times `10:00-10:10`."""
    departs, arrives = times.split("-") if times.count("-") == 1 else times.split(" to ")
    return Leg(route, tuple(stops.split()), moment(departs, zone), moment(arrives, zone))
