"""A tariff version made ready for rating, and all versions of a city in order of time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b

from msgspec import Struct, msgpack
from msgspec.structs import astuple, replace

from ridecode.core import (
    BusinessCalendar,
    NotFoundError,
    Price,
    RefusedError,
    Ride,
    RideState,
    Words,
    to_iso,
)
from ridecode.fares.earlier import Earlier
from ridecode.fares.money import Money
from ridecode.fares.rules import LineOf, Rule, Timely, Transfer
from ridecode.fares.scope import AccountClass, Scope, account_class
from ridecode.fares.shapes import Full, FullFare, Shape, unknown
from ridecode.fares.way import GoingOn, Onward
from ridecode.fares.zones import Zones

_RATED = tuple(state for state in RideState if state.has_price)
_INCOMPLETE = (RideState.MISSING_ENTRY, RideState.MISSING_EXIT)
_STATES = len(RideState) + 1


class Fare(Struct, frozen=True, kw_only=True):
    """What a ride costs before any rule moves the price."""

    id: str
    name: Words
    scope: Scope
    lines: tuple[str, ...]
    """The lines that it is for; empty for all lines of its products."""
    shape: Shape
    maximum: Shape
    """Charged where entry or exit is missing (最高票价)."""
    zones: tuple[str, ...] = ()
    """The names of the zones that its lines tell by number."""
    partial: bool = False
    """Whether rides between zones that it does not name are for the next fare."""
    onward: tuple[Onward, ...] = ()
    """When a ride goes on from the one before, and what it then pays."""

    def of(self, state: RideState) -> FullFare:
        if state in _INCOMPLETE:
            return self.maximum.full
        return GoingOn(self.id, self.shape, self.onward).full if self.onward else self.shape.full

    @property
    def always(self) -> bool:
        """Whether it prices all rides of its scope and lines."""
        return not self.scope.when and not self.partial

    def serves(self, line: str) -> bool:
        return not self.lines or line in self.lines


class Choice(Struct, frozen=True):
    """The first of some fares whose hours it is and, if it is partial, whose zones they are."""

    product: str
    options: tuple[tuple[Scope, FullFare, Zones | None], ...]

    def full(self, ride: Ride, earlier: Earlier) -> Full:
        for scope, full, zones in self.options:
            if scope.now(ride.start_ts) and (zones is None or zones.knows(ride)):
                return full(ride, earlier)
        raise unknown(self.product, ride, "is for no fare at this hour or between these zones")


Move = tuple[LineOf, bool]
"""What a rule does for a class of accounts, and whether it is a transfer discount."""


class Plan(Struct, frozen=True):
    """How rides of one product, account class and state are priced, looked up once a ride."""

    by_line: Mapping[str, FullFare | None]
    full: FullFare | None
    """For lines that `by_line` does not name; None where no fare is for them."""
    moves: tuple[Move, ...]


class Tariff(Struct, frozen=True, kw_only=True):
    """One version of a city's tariff: fares, and the rules in the order in which they apply."""

    id: str
    valid_from: int
    """In force for rides that start from here on, UTC epoch microseconds."""
    source: Words
    """Where the figures come from; says so where they are assumed."""
    money: Money
    calendar: BusinessCalendar
    fares: tuple[Fare, ...]
    """The first that is for a ride prices it."""
    rules: tuple[Rule, ...]
    plans: Mapping[str, Mapping[int, Plan]]
    """By product, then by `_key`."""
    opening: frozenset[str]
    """The fares from which a ride of some fare may go on."""

    def plan(self, ride: Ride) -> Plan:
        """The plan of a ride; refuses a product without fare, and a ride that has no price."""
        plans = self.plans.get(ride.product)
        if plans is None:
            raise self._no_fare(ride)
        plan = plans.get(_key(ride.account_type, ride.state))
        if plan is None:
            plan = plans.get(_key(account_class(ride.account_type), ride.state))
        assert plan is not None, f"a ride that is {ride.state.name} has no price"
        return plan

    def full_of(self, plan: Plan, ride: Ride) -> FullFare:
        """What tells the full fare of a ride; refuses a line without fare."""
        full = plan.by_line.get(ride.line, plan.full) if plan.by_line else plan.full
        if full is None:
            raise self._no_fare(ride)
        return full

    def has_fare(self, product: str, line: str, account: AccountClass) -> bool:
        """Whether rides of a product, on this line and of this class, have one at any time."""
        return any(
            fare.scope.takes(product, account) and fare.always and fare.serves(line)
            for fare in self.fares
        )

    def full_fare(self, price: Price) -> int:
        """The part of a price that the fare itself asked for, before any rule moved it."""
        ids = [fare.id for fare in self.fares]
        return sum(line.amount for line in price.lines if line.rule in ids)

    def without(self, rule: str) -> "Tariff":
        """This tariff as if it never had the rule of that id."""
        rules = tuple(other for other in self.rules if other.id != rule)
        if len(rules) == len(self.rules):
            raise NotFoundError(f"Tariff {self.id} has no rule {rule}.")
        return replace(self, rules=rules, plans=plans_of(self.fares, rules))

    def _no_fare(self, ride: Ride) -> RefusedError:
        return RefusedError(
            f"Tariff {self.id} has no fare for product {ride.product!r}, line {ride.line!r}.",
            "Add a fare for it to tariff.toml.",
        )


def make_tariff(
    *,
    id: str,  # noqa: A002  the fields of a tariff, under their names
    valid_from: int,
    source: Words,
    money: Money,
    calendar: BusinessCalendar,
    fares: tuple[Fare, ...],
    rules: tuple[Rule, ...],
) -> Tariff:
    """A tariff with its plans."""
    return Tariff(
        id=id, valid_from=valid_from, source=source, money=money, calendar=calendar,
        fares=fares, rules=rules, plans=plans_of(fares, rules),
        opening=frozenset(opens for fare in fares for one in fare.onward for opens in one.after),
    )  # fmt: skip


def plans_of(fares: tuple[Fare, ...], rules: tuple[Rule, ...]) -> Mapping[str, Mapping[int, Plan]]:
    """A plan for every product that has a fare, account class and state of a ride."""
    products = dict.fromkeys(product for fare in fares for product in fare.scope.products)
    return {
        product: {
            _key(account, state): _plan(fares, rules, product, account, state)
            for account in AccountClass
            for state in _RATED
        }
        for product in products
    }


def _plan(
    fares: tuple[Fare, ...],
    rules: tuple[Rule, ...],
    product: str,
    account: AccountClass,
    state: RideState,
) -> Plan:
    rated_as = account_class(account)
    taking = [fare for fare in fares if fare.scope.takes(product, rated_as)]
    named = dict.fromkeys(line for fare in taking for line in fare.lines)
    by_line = {line: _first(product, taking, line, state) for line in named}
    moves = tuple(
        (Timely(rule.scope, line_of).line if rule.scope.when else line_of,
         isinstance(rule, Transfer))
        for rule in rules
        if rule.scope.moves(product, rated_as, state) and (line_of := rule.of(rated_as))
    )  # fmt: skip
    return Plan(by_line, _first(product, taking, "", state), moves)


def _first(product: str, fares: list[Fare], line: str, state: RideState) -> FullFare | None:
    """What tells the full fare on a line (empty: on one that no fare names)."""
    options: list[tuple[Scope, FullFare, Zones | None]] = []
    for fare in fares:
        if fare.lines and line not in fare.lines:
            continue
        zones = fare.shape if fare.partial and isinstance(fare.shape, Zones) else None
        if state in _INCOMPLETE:
            zones = None
        options.append((fare.scope, fare.of(state), zones))
        if not fare.scope.when and zones is None:
            break
    if not options:
        return None
    scope, full, zones = options[0]
    return Choice(product, tuple(options)).full if scope.when or zones else full


def _key(account_type: int, state: int) -> int:
    return account_type * _STATES + state


class Tariffs:
    """All tariff versions of a city, in order of the moments from which they are in force."""

    def __init__(self, versions: Iterable[Tariff]) -> None:
        self._versions = tuple(sorted(versions, key=lambda tariff: tariff.valid_from))
        self._from = [tariff.valid_from for tariff in self._versions]
        self._by_id = {tariff.id: tariff for tariff in self._versions}

    def __iter__(self) -> Iterator[Tariff]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def at(self, ts: int) -> Tariff:
        """The version in force at a moment (UTC epoch microseconds)."""
        at = bisect_right(self._from, ts)
        if at == 0:
            first = to_iso(self._from[0]) if self._from else "no moment"
            raise NotFoundError(
                f"There is no tariff for {to_iso(ts)}: the first is in force from {first}.",
                "Add the older version to the city pack's tariff.toml.",
            )
        return self._versions[at - 1]

    @cached_property
    def digest(self) -> bytes:
        """16 bytes that differ where any price may differ: of all fares and rules, by value, the
        same in every process."""
        versions = [
            _told((tariff.id, tariff.valid_from, tariff.money, tariff.calendar, tariff.fares,
                   tariff.rules))
            for tariff in self._versions
        ]  # fmt: skip
        return blake2b(msgpack.encode(versions), digest_size=16).digest()

    def by_id(self, id: str) -> Tariff:  # noqa: A002
        """The version of that id, as a stored price names it."""
        found = self._by_id.get(id)
        if found is None:
            raise NotFoundError(f"There is no tariff {id!r}.", "Use the pack that priced the ride.")
        return found


def _told(value: object) -> object:
    """What a digest is of: with the types, which the encoding of a struct does not tell, and with
    sets in order, which they have anew in every process."""
    if isinstance(value, Struct):
        return [type(value).__name__, *map(_told, astuple(value))]
    if isinstance(value, tuple):
        return [_told(one) for one in value]
    return sorted(value) if isinstance(value, frozenset) else value
