"""Reading a city pack's tariff.toml: its versions, and what must hold among them.

docs/fares.md tells every key.
"""

import itertools

from ridecode.city import Pack, PackError, Section
from ridecode.fares.money import Money
from ridecode.fares.notices import NoTariff
from ridecode.fares.reading_fares import read_fare
from ridecode.fares.reading_rules import read_rule
from ridecode.fares.reading_scope import ID, Around
from ridecode.fares.reading_times import read_holidays, read_times
from ridecode.fares.rounding import TO_THE_UNIT, Between, Rounding
from ridecode.fares.scope import NAMED
from ridecode.fares.tariff import Fare, Tariff, Tariffs, make_tariff


def read_tariffs(pack: Pack) -> Tariffs:
    """All tariff versions of a pack.

    Raises `PackError` with file, line and what was expected for the first fault.
    """
    tables = pack.sections.tariffs
    if not tables:
        raise PackError(NoTariff("tariff.toml", 0))
    versions: list[Tariff] = []
    for table in tables:
        tariff = _tariff(table, pack)
        if any(tariff.id == other.id for other in versions):
            raise table.error("id", "an id that no other tariff has")
        if versions and tariff.valid_from <= versions[-1].valid_from:
            raise table.error("from", "a moment after that of the tariff before it")
        versions.append(tariff)
    _every_ride_has_a_fare(tables[-1], pack, versions[-1])
    return Tariffs(versions)


def _every_ride_has_a_fare(table: Section, pack: Pack, newest: Tariff) -> None:
    """An older version may lack a product that came later; nobody rode it then."""
    for product in pack.products:
        if product not in newest.plans:
            raise table.error("fare", f"a fare for product {product}")
        lines = [line.id for line in pack.lines.values() if line.product == product] or [""]
        for line, account in itertools.product(lines, NAMED):
            if not newest.has_fare(product, line, account):
                of = f"class {account.name.lower()}" + (f" on line {line}" if line else "")
                raise table.error("fare", f"a fare for product {product}, {of}")


def _tariff(table: Section, pack: Pack) -> Tariff:
    times = read_times(table.tables("time"), read_holidays(table), pack)
    around = Around(pack, _rounding(table), times)
    fare_tables, rule_tables = table.tables("fare"), table.tables("rule")
    tariff = make_tariff(
        id=table.text("id", pattern=ID),
        valid_from=table.moment("from"),
        source=table.words("source"),
        money=Money(pack.currency.code, pack.currency.minor_digits, pack.currency.symbol),
        calendar=pack.calendar,
        fares=tuple(read_fare(fare, around) for fare in fare_tables),
        rules=tuple(read_rule(rule, around) for rule in rule_tables),
    )
    table.done()
    _ids_differ((*fare_tables, *rule_tables))
    for at, fare in enumerate(tariff.fares):
        _can_be_chosen(fare, tariff.fares[:at], fare_tables[at])
        _goes_on_from_fares(fare, tariff.fares, fare_tables[at])
    return tariff


def _rounding(table: Section) -> Rounding:
    if not table.has("rounding"):
        return TO_THE_UNIT
    inner = table.table("rounding")
    read = Rounding(inner.integer("to", least=1, most=10_000), inner.choice("between", Between))
    inner.done()
    return read


def _ids_differ(tables: tuple[Section, ...]) -> None:
    """Lines of a price name fares and rules by id, so one id must mean one of them."""
    seen: set[str] = set()
    for table in tables:
        at = table.text("id")
        if at in seen:
            raise table.error("id", "an id that no other fare or rule of this tariff has")
        seen.add(at)


def _can_be_chosen(fare: Fare, before: tuple[Fare, ...], table: Section) -> None:
    """A fare behind one that takes all its rides would never be asked: an order by mistake."""
    for other in before:
        products = set(fare.scope.products) <= set(other.scope.products)
        lines = not other.lines or (fare.lines and set(fare.lines) <= set(other.lines))
        hours = not other.scope.when or (
            fare.scope.when and set(fare.scope.when) <= set(other.scope.when)
        )
        classes = set(fare.scope.classes) <= set(other.scope.classes)
        if products and lines and hours and classes:
            raise table.error("id", f"a place before {other.id}, which takes all of its rides")


def _goes_on_from_fares(fare: Fare, fares: tuple[Fare, ...], table: Section) -> None:
    ids = [other.id for other in fares]
    for onward, inner in zip(fare.onward, table.tables("onward"), strict=True):
        if not set(onward.after) <= set(ids):
            raise inner.error("after", f"fares of this tariff, of {', '.join(ids)}")
