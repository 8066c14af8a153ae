"""Reading GTFS-Fares v1: fare_attributes.txt and fare_rules.txt.

Of extensions one is understood, for it is in real feeds and says only who may buy a fare:
fare_rider_categories.txt, where its price is the fare's own. A fare whose row fills any other
column is refused.
"""

from typing import Final

from ridecode.core import BadInputError
from ridecode.fares.gtfs.amounts import amount_of, money_of
from ridecode.fares.gtfs.facts import FaresV1, FareV1, Places, RuleV1
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables import Row, Tables
from ridecode.fares.money import Money

_ATTRIBUTES: Final = frozenset(
    ["fare_id", "price", "currency_type", "payment_method", "transfers", "agency_id",
     "transfer_duration"]
)  # fmt: skip
_RULES: Final = frozenset(["fare_id", "route_id", "origin_id", "destination_id", "contains_id"])
_RIDERS: Final = frozenset(["fare_id", "rider_category_id", "price", "commencement_date"])

Rules = dict[str, list[Row]]


def read_v1(tables: Tables, places: Places) -> FaresV1:
    attributes = list(
        tables.rows("fare_attributes.txt", "fare_id", "price", "currency_type", "transfers")
    )
    if not attributes:
        what = "The feed has no fares: expected fare_attributes.txt."
        raise BadInputError(what, file=tables.source)
    money = money_of(attributes[0], "currency_type")
    rules = _rules(tables)
    riders = _riders(tables)
    fares: dict[str, FareV1] = {}
    for row in attributes:
        at = row.text("fare_id")
        if at in fares:
            raise row.error(f"fare_id {at!r} is there twice", "each fare once")
        fares[at] = _fare(row, money, rules.get(at, []), riders.get(at, []))
    for at, some in rules.items():
        if at not in fares:
            fares[at] = _lost(some)
    refused = [fare.refused for fare in fares.values() if fare.refused]
    refused += _unknown_routes(rules, places)
    named = dict.fromkeys(rider for fare in fares.values() for rider in fare.riders)
    return FaresV1(money, tuple(fares.values()), places.stops, tuple(named), tuple(refused))


def _rules(tables: Tables) -> Rules:
    rules: Rules = {}
    for row in tables.rows("fare_rules.txt", "fare_id"):
        rules.setdefault(row.text("fare_id"), []).append(row)
    return rules


def _riders(tables: Tables) -> Rules:
    riders: Rules = {}
    needed = ("fare_id", "rider_category_id", "price")
    for row in tables.rows("fare_rider_categories.txt", *needed):
        riders.setdefault(row.text("fare_id"), []).append(row)
    return riders


def _fare(row: Row, money: Money, rules: list[Row], riders: list[Row]) -> FareV1:
    amount = amount_of(row, "price", money.minor_digits)
    refused = row.strange(_ATTRIBUTES)
    if money_of(row, "currency_type") != money:
        refused = row.refusal(Why.CURRENCY, f"currency_type {row.cell('currency_type')!r}")
    for rule in rules:
        refused = refused or rule.strange(_RULES)
    for rider in riders:
        refused = refused or rider.strange(_RIDERS)
        if amount_of(rider, "price", money.minor_digits) != amount:
            found = f"price {rider.cell('price')!r} of rider {rider.cell('rider_category_id')!r}"
            refused = refused or rider.refusal(Why.RIDERS, found)
    return FareV1(
        id=row.text("fare_id"),
        amount=amount,
        transfers=row.integer("transfers", 0, 99),
        duration_s=row.integer("transfer_duration", 0, 999_999_999),
        agency=row.cell("agency_id"),
        riders=tuple(rider.text("rider_category_id") for rider in riders),
        rules=_merged(rules),
        place=(row.file, row.line),
        refused=refused,
    )


def _lost(rules: list[Row]) -> FareV1:
    """A fare that rules name and that has no price: its rides must not get another."""
    at = rules[0].text("fare_id")
    place = rules[0].file, rules[0].line
    refused = rules[0].refusal(Why.DANGLING, f"fare_id {at!r}")
    return FareV1(at, 0, 0, None, "", (), _merged(rules), place, refused)


def _merged(rows: list[Row]) -> tuple[RuleV1, ...]:
    contains: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        key = row.cell("route_id"), row.cell("origin_id"), row.cell("destination_id")
        zones = contains.setdefault(key, set())
        if zone := row.cell("contains_id"):
            zones.add(zone)
    return tuple(RuleV1(*key, frozenset(zones)) for key, zones in contains.items())


def _unknown_routes(rules: Rules, places: Places) -> list[Refusal]:
    """Harmless, for nobody can ride them; told once each."""
    told: dict[str, Refusal] = {}
    for some in rules.values():
        for row in some:
            route = row.cell("route_id")
            if route and route not in places.routes and route not in told:
                told[route] = row.refusal(Why.DANGLING, f"route_id {route!r}")
    return list(told.values())
