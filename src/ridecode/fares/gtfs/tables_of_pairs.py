"""Tables of prices by pairs of zones, as fares of a tariff."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ridecode.core import RideState, Words
from ridecode.fares.gtfs.refusals import Refusal
from ridecode.fares.scope import NAMED, AccountClass, Scope
from ridecode.fares.shapes import Shape, flat
from ridecode.fares.tariff import Fare
from ridecode.fares.times import Times
from ridecode.fares.way import Onward
from ridecode.fares.zones import Refusing, zones

NO_MAXIMUM = "GTFS does not say what a missing entry or exit costs"
_PRICED = tuple(state for state in RideState if state.has_price)

Pair = tuple[str, str]


class Told(Struct, frozen=True):
    """The price of a pair, and the leg groups (v2) that it is in."""

    amount: int
    groups: tuple[str, ...] = ()


Cells = Mapping[Pair, Told | Refusal]


class Table(Struct, frozen=True, kw_only=True):
    """Prices of some routes for some riders at some hours."""

    product: str
    routes: tuple[str, ...]
    accounts: tuple[AccountClass, ...]
    """Empty: all."""
    when: tuple[Times, ...]
    zones_of: Mapping[str, tuple[str, ...]]
    cells: Cells

    def fares(self, ids: "Ids") -> list[tuple[Fare, tuple[str, ...]]]:
        """One fare for each leg group. The last is for all rides, and refuses what it must; pairs
        that stand nowhere are not sold."""
        by_group: dict[tuple[str, ...], dict[Pair, int]] = {}
        refused: dict[Pair, str] = {}
        for pair, cell in self.cells.items():
            if isinstance(cell, Told):
                by_group.setdefault(cell.groups, {})[pair] = cell.amount
            else:
                refused[pair] = str(cell)
        if (amount := self._everywhere()) is not None:
            (groups,) = by_group
            at = ids.of(*groups)
            return [(self._made(at, flat(at, amount)), groups)]
        *partial, last = by_group or {(): {}}
        found = [
            (self._fare(ids.of(*groups), by_group[groups], {}, partial=True), groups)
            for groups in partial
        ]
        whole = self._fare(ids.of(*last), by_group.get(last, {}), refused, partial=False)
        return [*found, (whole, last)]

    def _everywhere(self) -> int | None:
        """What every pair costs alike, so that one tap is enough; None where they differ."""
        names = {zone for some in self.zones_of.values() for zone in some}
        cells = set(self.cells.values())
        if len(cells) != 1 or len(self.cells) != len(names) ** 2:
            return None
        (cell,) = cells
        return cell.amount if isinstance(cell, Told) else None

    def _fare(
        self, at: str, cells: Mapping[Pair, int], refused: Mapping[Pair, str], *, partial: bool
    ) -> Fare:
        names = tuple(dict.fromkeys(zone for some in self.zones_of.values() for zone in some))
        shape = zones(at, names, self.zones_of, cells, refused)
        return self._made(at, shape, names, partial=partial)

    def _made(
        self, at: str, shape: Shape, names: tuple[str, ...] = (), *, partial: bool = False
    ) -> Fare:
        return Fare(
            id=at,
            name=Words(zh="票价", en="Fare"),
            scope=Scope((self.product,), self.accounts, _PRICED, self.when),
            lines=self.routes,
            shape=shape,
            maximum=Refusing(at, NO_MAXIMUM),
            zones=names,
            partial=partial,
        )


class Ids:
    """Ids of fares, each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, *names: str) -> str:
        slug = "-".join(filter(None, map(_slugged, names))) or "fare"
        made, count = slug, 1
        while made in self._given:
            count += 1
            made = f"{slug}.{count}"
        self._given.add(made)
        return made


def _slugged(name: str) -> str:
    kept = (letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return "-".join(filter(None, "".join(kept).split("-")))


def accounts_by_rider(
    riders: Mapping[AccountClass, str],
) -> dict[str, tuple[AccountClass, ...]]:
    """The classes of each category of riders; empty where it is all of them."""
    found: dict[str, tuple[AccountClass, ...]] = {}
    for account, rider in riders.items():
        found[rider] = (*found.get(rider, ()), account)
    return {rider: () if len(some) == len(NAMED) else some for rider, some in found.items()}


def with_onward(fare: Fare, onward: Iterable[Onward]) -> Fare:
    """A fare whose rides may go on."""
    return Fare(
        id=fare.id, name=fare.name, scope=fare.scope, lines=fare.lines, shape=fare.shape,
        maximum=fare.maximum, zones=fare.zones, partial=fare.partial, onward=tuple(onward),
    )  # fmt: skip


def pairs_of(tables: Iterable[Table]) -> tuple[int, dict[str, int]]:
    """How many pairs of zones have a price, and why how many others are refused."""
    priced, refused = 0, dict[str, int]()
    for table in tables:
        for cell in table.cells.values():
            if isinstance(cell, Told):
                priced += 1
            else:
                refused[str(cell)] = refused.get(str(cell), 0) + 1
    return priced, refused
