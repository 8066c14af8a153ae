"""Reading GTFS-Fares v2: products, leg rules, joins and transfers.

A row that fills a column which GTFS does not define is kept with its refusal, for the rides that it
may be for must not get another price. `contains_exactly_area_set_id` is a proposal that real feeds
and a peer follow, so it is understood.
"""

from collections.abc import Mapping
from typing import Final

from ridecode.core import BadInputError
from ridecode.fares.gtfs.amounts import amount_of, money_of
from ridecode.fares.gtfs.facts import (
    FaresV2,
    JoinRule,
    LegRule,
    Named,
    Places,
    Product,
    TransferRule,
)
from ridecode.fares.gtfs.memberships import (
    read_area_sets,
    read_areas,
    read_networks,
    read_timeframes,
)
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables import Row, Tables
from ridecode.fares.money import Money

_PRODUCTS: Final = frozenset(
    ["fare_product_id", "fare_product_name", "rider_category_id", "fare_media_id", "amount",
     "currency"]
)  # fmt: skip
_LEGS: Final = frozenset(
    ["leg_group_id", "network_id", "from_area_id", "to_area_id", "from_timeframe_group_id",
     "to_timeframe_group_id", "fare_product_id", "rule_priority", "contains_exactly_area_set_id"]
)  # fmt: skip
_TRANSFERS: Final = frozenset(
    ["from_leg_group_id", "to_leg_group_id", "transfer_count", "duration_limit",
     "duration_limit_type", "fare_transfer_type", "fare_product_id"]
)  # fmt: skip


def read_v2(tables: Tables, places: Places) -> FaresV2:
    rows = list(tables.rows("fare_products.txt", "fare_product_id", "amount", "currency"))
    if not rows:
        what = "The feed has no fares: expected fare_products.txt."
        raise BadInputError(what, file=tables.source)
    money = money_of(rows[0], "currency")
    products, odd = _products(rows, money)
    times = read_timeframes(tables, places.zone)
    areas = read_areas(tables, places)
    area_sets = read_area_sets(tables)
    networks = read_networks(tables)
    legs = list(tables.rows("fare_leg_rules.txt", "fare_product_id"))
    rules = tuple(_leg_rule(row, products, odd, set(times), set(area_sets)) for row in legs)
    transfers = tuple(
        _transfer(row, products, odd)
        for row in tables.rows("fare_transfer_rules.txt", "fare_transfer_type")
    )
    categories = list(tables.rows("rider_categories.txt", "rider_category_id"))
    defaults = [row for row in categories if row.integer("is_default_fare_category", 0, 1)]
    named = _named(legs, areas, networks)
    refused = [
        *odd.values(),
        *(rule.refused for rule in rules if rule.refused),
        *(transfer.refused for transfer in transfers if transfer.refused),
    ]
    return FaresV2(
        money=money,
        products=products,
        rules=rules,
        named=Named(
            frozenset(rule.network for rule in rules),
            frozenset(rule.from_area for rule in rules),
            frozenset(rule.to_area for rule in rules),
        ),
        has_priorities="rule_priority" in tables.columns("fare_leg_rules.txt"),
        joins=tuple(_join(row) for row in tables.rows("fare_leg_join_rules.txt")),
        transfers=transfers,
        areas=areas,
        area_sets=area_sets,
        networks=networks,
        times=times,
        riders=tuple(dict.fromkeys(row.text("rider_category_id") for row in categories)),
        default_rider=defaults[0].text("rider_category_id") if defaults else "",
        media=tuple(
            dict.fromkeys(one.medium for some in products.values() for one in some if one.medium)
        ),
        refused=tuple(dict.fromkeys([*refused, *named])),
    )


def _products(
    rows: list[Row], money: Money
) -> tuple[dict[str, tuple[Product, ...]], dict[str, Refusal]]:
    """The products by id, and those that are refused."""
    products: dict[str, tuple[Product, ...]] = {}
    odd: dict[str, Refusal] = {}
    for row in rows:
        at = row.text("fare_product_id")
        if money_of(row, "currency") != money:
            odd[at] = row.refusal(Why.CURRENCY, f"currency {row.cell('currency')!r}")
            continue
        if strange := row.strange(_PRODUCTS):
            odd.setdefault(at, strange)
        made = Product(
            at, row.cell("fare_media_id"), row.cell("rider_category_id"),
            amount_of(row, "amount", money.minor_digits),
        )  # fmt: skip
        products[at] = (*products.get(at, ()), made)
    return products, odd


def _leg_rule(
    row: Row,
    products: Mapping[str, tuple[Product, ...]],
    odd: Mapping[str, Refusal],
    times: set[str],
    area_sets: set[str],
) -> LegRule:
    product, when = row.text("fare_product_id"), row.cell("from_timeframe_group_id")
    area_set = row.cell("contains_exactly_area_set_id")
    refused = row.strange(_LEGS) or odd.get(product)
    until = row.cell("to_timeframe_group_id")
    if product not in products and product not in odd:
        refused = row.refusal(Why.DANGLING, f"fare_product_id {product!r}")
    for time in (when, until):
        if time and time not in times:
            refused = row.refusal(Why.DANGLING, f"timeframe group {time!r}")
    if area_set and area_set not in area_sets:
        refused = row.refusal(Why.DANGLING, f"area set {area_set!r}")
    return LegRule(
        group=row.cell("leg_group_id"),
        network=row.cell("network_id"),
        from_area=row.cell("from_area_id"),
        to_area=row.cell("to_area_id"),
        from_time=when if when in times else "",
        to_time=until if until in times else "",
        area_set=area_set if area_set in area_sets else "",
        product=product,
        priority=row.integer("rule_priority", 0, 999_999_999) or 0,
        place=(row.file, row.line),
        refused=refused,
    )


def _transfer(
    row: Row, products: Mapping[str, tuple[Product, ...]], odd: Mapping[str, Refusal]
) -> TransferRule:
    product = row.cell("fare_product_id")
    limit = row.integer("duration_limit", 1, 999_999_999)
    kind = row.integer("duration_limit_type", 0, 3)
    if (limit is None) is not (kind is None):
        raise row.error(
            "duration_limit and duration_limit_type stand alone", "both of them or neither"
        )
    refused = row.strange(_TRANSFERS) or odd.get(product)
    if product and product not in products and product not in odd:
        refused = row.refusal(Why.DANGLING, f"fare_product_id {product!r}")
    count = row.integer("transfer_count", -1, 999)
    if count == 0:
        raise row.error("transfer_count is 0", "-1, or 1 and more")
    how = row.integer("fare_transfer_type", 0, 2)
    if how is None:
        raise row.error("fare_transfer_type is empty", "0, 1 or 2")
    return TransferRule(
        from_group=row.cell("from_leg_group_id"),
        to_group=row.cell("to_leg_group_id"),
        count=-1 if count is None else count,
        limit_s=limit,
        limit_type=kind or 0,
        kind=how,
        product=product,
        place=(row.file, row.line),
        refused=refused,
    )


def _join(row: Row) -> JoinRule:
    return JoinRule(
        row.cell("from_network_id"), row.cell("to_network_id"), row.cell("from_stop_id"),
        row.cell("to_stop_id"), (row.file, row.line),
    )  # fmt: skip


def _named(
    legs: list[Row], areas: Mapping[str, frozenset[str]], networks: Mapping[str, frozenset[str]]
) -> list[Refusal]:
    """Areas without stop and networks without route that rules name: no ride meets such a rule.
    Told once each."""
    known = {
        "from_area_id": {area for some in areas.values() for area in some},
        "network_id": {network for some in networks.values() for network in some},
    }
    known["to_area_id"] = known["from_area_id"]
    told: dict[tuple[str, str], Refusal] = {}
    for row in legs:
        for key, ids in known.items():
            at = row.cell(key)
            kind = key.removeprefix("from_").removeprefix("to_")
            if at and at not in ids and (kind, at) not in told:
                told[kind, at] = row.refusal(Why.DANGLING, f"{kind} {at!r}, which has no member")
    return list(told.values())
