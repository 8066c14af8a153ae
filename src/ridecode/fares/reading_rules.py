"""Reading the [[tariff.rule]] tables: one function a kind."""

from collections.abc import Callable, Mapping
from enum import Enum

from ridecode.city import Section
from ridecode.core import MICROS, RideState
from ridecode.fares.reading_scope import ID, MOST, Around, names, read_scope
from ridecode.fares.rules import (
    DayCap,
    Graded,
    MonthTier,
    Overtime,
    Percent,
    Rule,
    Transfer,
    WeekCap,
)
from ridecode.fares.scope import NAMED, AccountClass, Scope


class Kind(Enum):
    """What a rule does, as tariff.toml names it."""

    PERCENT = 1
    GRADED = 2
    TRANSFER = 3
    OVERTIME = 4
    DAY_CAP = 5
    MONTH_TIER = 6
    WEEK_CAP = 7


def read_rule(table: Section, around: Around) -> Rule:
    rule = _READERS[table.choice("kind", Kind)](table, around)
    table.done()
    return rule


def _percent(table: Section, around: Around) -> Rule:
    scope = read_scope(table, around)
    return Percent(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=scope,
        percent=_by_class(table, scope), rounding=around.rounding,
    )  # fmt: skip


def _by_class(table: Section, scope: Scope) -> Mapping[AccountClass, int]:
    """A class that the rule is not for would have a percentage that nobody is ever given."""
    inner = table.table("percent")
    read = {
        account: inner.integer(account.name.lower(), least=0, most=100)
        for account in NAMED
        if inner.has(account.name.lower())
    }
    inner.done()
    if not read or not set(read) <= set(scope.classes):
        among = ", ".join(account.name.lower() for account in scope.classes)
        raise table.error("percent", f"a percentage for at least one of {among}, and no other")
    return read


def _graded(table: Section, around: Around) -> Rule:
    parts = tuple(
        (part.integer("to", 0, least=1, most=MOST), part.integer("percent", least=0, most=100))
        for part in _listed(table, "parts", "to", "percent")
    )
    ends = [to for to, _ in parts]
    if ends[-1] != 0 or not _ascending(ends[:-1], above=0):
        raise table.error("parts", "ascending `to`, and a last part without")
    return Graded(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=read_scope(table, around),
        parts=parts, rounding=around.rounding,
    )  # fmt: skip


def _transfer(table: Section, around: Around) -> Rule:
    return Transfer(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=read_scope(table, around),
        after=names(table, "after", around.pack.products),
        window_us=table.integer("window_min", least=1, most=1_440) * 60 * MICROS,
        amount=table.integer("amount", least=1, most=MOST),
        most=table.integer("most_in_a_row", 0, least=1, most=100),
    )  # fmt: skip


def _overtime(table: Section, around: Around) -> Rule:
    return Overtime(
        id=table.text("id", pattern=ID), name=table.words("name"),
        scope=Scope(
            products=names(table, "products", around.pack.products), on=(RideState.OVERTIME,)
        ),
        amount=table.integer("amount", least=1, most=MOST),
    )  # fmt: skip


def _day_cap(table: Section, around: Around) -> Rule:
    scope = read_scope(table, around)
    return DayCap(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=scope,
        counts=names(table, "counts", around.pack.products, scope.products),
        amount=table.integer("amount", least=1, most=MOST),
    )  # fmt: skip


def _week_cap(table: Section, around: Around) -> Rule:
    scope = read_scope(table, around)
    return WeekCap(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=scope,
        counts=names(table, "counts", around.pack.products, scope.products),
        amount=table.integer("amount", least=1, most=MOST),
    )  # fmt: skip


def _month_tier(table: Section, around: Around) -> Rule:
    scope = read_scope(table, around)
    tiers = tuple(
        (tier.integer("from", least=0, most=MOST), tier.integer("percent", least=0, most=100))
        for tier in _listed(table, "tiers", "from", "percent")
    )
    starts = [start for start, _ in tiers]
    if starts[0] != 0 or not _ascending(starts[1:], above=0):
        raise table.error("tiers", "ascending `from`, the first 0")
    return MonthTier(
        id=table.text("id", pattern=ID), name=table.words("name"), scope=scope,
        counts=names(table, "counts", around.pack.products, scope.products),
        tiers=tiers, rounding=around.rounding,
    )  # fmt: skip


def _listed(table: Section, key: str, *keys: str) -> tuple[Section, ...]:
    """The tables of a list that must not be empty, each known to have no other keys."""
    read = table.tables(key)
    if not read:
        raise table.error(key, "a list of at least one table")
    for inner in read:
        for known in keys:
            inner.has(known)
        inner.done()
    return read


def _ascending(values: list[int], *, above: int) -> bool:
    return all(low < high for low, high in zip([above, *values], values, strict=False))


_READERS: Mapping[Kind, Callable[[Section, Around], Rule]] = {
    Kind.PERCENT: _percent,
    Kind.GRADED: _graded,
    Kind.TRANSFER: _transfer,
    Kind.OVERTIME: _overtime,
    Kind.DAY_CAP: _day_cap,
    Kind.MONTH_TIER: _month_tier,
    Kind.WEEK_CAP: _week_cap,
}
