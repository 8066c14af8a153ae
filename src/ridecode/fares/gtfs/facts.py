"""What a feed says of fares, as frozen values: places, then both versions of GTFS-Fares.

Amounts are whole numbers of the currency's smallest unit, times UTC epoch microseconds.
"""

from collections.abc import Mapping

from msgspec import Struct

from ridecode.fares.gtfs.refusals import Refusal
from ridecode.fares.money import Money
from ridecode.fares.times import Times


class Places(Struct, frozen=True):
    """Routes and stops of a feed."""

    zone: str
    """The time zone of its agencies."""
    routes: Mapping[str, str]
    """The product (bus, metro, …) of each route."""
    agencies: Mapping[str, str]
    """The agency of each route; empty where the feed has one only."""
    stops: Mapping[str, str]
    """The zone_id of each stop that can be boarded, empty where it has none."""
    parents: Mapping[str, str]
    served: Mapping[str, tuple[str, ...]]
    """The stops of each route; all stops where the feed has no stop_times."""


class Leg(Struct, frozen=True):
    """One boarding: a route, the stops from entry to exit (those between may be left out), when."""

    route: str
    stops: tuple[str, ...]
    departs: int
    arrives: int


class FareV1(Struct, frozen=True):
    """A fare of fare_attributes.txt with its rules."""

    id: str
    amount: int
    transfers: int | None
    """None for any number."""
    duration_s: int | None
    agency: str
    riders: tuple[str, ...]
    """Who may buy it (fare_rider_categories.txt); empty for all."""
    rules: tuple["RuleV1", ...]
    """Empty: it is for every ride."""
    place: tuple[str, int]
    refused: Refusal | None


class RuleV1(Struct, frozen=True):
    """A rule of fare_rules.txt; what is empty is not asked. Rows that differ by contains_id alone
    are one rule."""

    route: str
    origin: str
    destination: str
    contains: frozenset[str]


class FaresV1(Struct, frozen=True):
    """GTFS-Fares v1 of a feed."""

    money: Money
    fares: tuple[FareV1, ...]
    zones: Mapping[str, str]
    """The zone of each stop, empty where it has none."""
    riders: tuple[str, ...]
    """The rider categories that fares name."""
    refused: tuple[Refusal, ...]


class Product(Struct, frozen=True):
    """A row of fare_products.txt; empty medium or rider: any."""

    id: str
    medium: str
    rider: str
    amount: int


class LegRule(Struct, frozen=True):
    """A row of fare_leg_rules.txt."""

    group: str
    network: str
    from_area: str
    to_area: str
    from_time: str
    to_time: str
    area_set: str
    product: str
    priority: int
    place: tuple[str, int]
    refused: Refusal | None
    """Why it cannot be told when it holds; empty conditions that are not known count as met."""


class JoinRule(Struct, frozen=True):
    """A row of fare_leg_join_rules.txt; empty stops: any."""

    from_network: str
    to_network: str
    from_stop: str
    to_stop: str
    place: tuple[str, int]


class TransferRule(Struct, frozen=True):
    """A row of fare_transfer_rules.txt."""

    from_group: str
    to_group: str
    count: int
    """How many transfers in a row within one group; -1 for any number."""
    limit_s: int | None
    limit_type: int
    """0 departure to arrival, 1 departure to departure, 2 arrival to departure, 3 arrival to
    arrival, of the leg before and the leg after."""
    kind: int
    """0: the leg before, and the product; 1: those and the leg after; 2: the product alone."""
    product: str
    place: tuple[str, int]
    refused: Refusal | None


class Named(Struct, frozen=True):
    """What leg rules name, for an empty cell may mean all else."""

    networks: frozenset[str]
    from_areas: frozenset[str]
    to_areas: frozenset[str]


class FaresV2(Struct, frozen=True):
    """GTFS-Fares v2 of a feed."""

    money: Money
    products: Mapping[str, tuple[Product, ...]]
    rules: tuple[LegRule, ...]
    named: Named
    has_priorities: bool
    """Whether an empty cell means any; else it means all that no other row names."""
    joins: tuple[JoinRule, ...]
    transfers: tuple[TransferRule, ...]
    areas: Mapping[str, frozenset[str]]
    """The areas of each stop that has one."""
    area_sets: Mapping[str, frozenset[str]]
    networks: Mapping[str, frozenset[str]]
    """The networks of each route that is in one."""
    times: Mapping[str, Times]
    """By timeframe group."""
    riders: tuple[str, ...]
    default_rider: str
    media: tuple[str, ...]
    refused: tuple[Refusal, ...]
