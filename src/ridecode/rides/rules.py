"""The matching rules of a city, as data: `[matching]` of the pack's matching.toml."""

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.core import MICROS

_DAY_S = 86_400


class MatchingRules(Struct, frozen=True, kw_only=True, dict=True):
    """How taps become rides and rides become journeys. Times are microseconds."""

    pair_within: int
    """An exit belongs to an entry at most so long before it, inclusive."""
    overtime: int
    """A ride that lasts longer than this is OVERTIME; at most `pair_within`."""
    remedy_within: int
    """For how long after a ride's start the rider may supply a missing tap (补登), inclusive."""
    top_speed_kmh: int
    """Faster than this nobody gets from one place to another in this city."""
    clocks_apart: int
    """By so much the clocks of two devices may differ."""
    transfers: Mapping[tuple[str, str], int]
    """From which product to which a ride is continued as one journey, and within what time."""

    @cached_property
    def silence(self) -> int:
        """Nothing is matched or chained across a pause between two taps longer than this."""
        return max(self.pair_within, *self.transfers.values(), 0)


def read_rules(pack: Pack) -> MatchingRules:
    """The rules of a pack; raises `PackError` with file, line and what was expected."""
    section = pack.sections.matching
    pair_within_s = section.integer("pair_within_s", least=60, most=_DAY_S)
    rules = MatchingRules(
        pair_within=pair_within_s * MICROS,
        overtime=section.integer("overtime_s", least=60, most=pair_within_s) * MICROS,
        remedy_within=section.integer("remedy_within_s", least=0, most=90 * _DAY_S) * MICROS,
        top_speed_kmh=section.integer("top_speed_kmh", least=30, most=1_000),
        clocks_apart=section.integer("clocks_apart_s", least=0, most=3_600) * MICROS,
        transfers=dict(_transfer(pack, table) for table in section.tables("transfer")),
    )
    section.done()
    return rules


def _transfer(pack: Pack, table: Section) -> tuple[tuple[str, str], int]:
    pair = (_product(pack, table, "from"), _product(pack, table, "to"))
    within = table.integer("within_s", least=1, most=_DAY_S) * MICROS
    table.done()
    return pair, within


def _product(pack: Pack, table: Section, key: str) -> str:
    named = table.text(key)
    if named not in pack.products:
        raise table.error(key, "a product of the pack: " + ", ".join(pack.products))
    return named
