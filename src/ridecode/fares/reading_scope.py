"""Reading what fares and rules have in common: names from the pack, and which rides are meant."""

from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Final, TypeVar

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.core import RideState
from ridecode.fares.rounding import Rounding
from ridecode.fares.scope import NAMED, Scope
from ridecode.fares.times import Times

ID: Final = "[a-z0-9][a-z0-9.-]*"
MOST: Final = 100_000_000
"""A fare above this (a million yuan in fen) is a slip of the pen."""

E = TypeVar("E", bound=IntEnum)

_STATES: Final = [state for state in RideState if state.has_price]


class Around(Struct, frozen=True):
    """What the fares and rules of a version are read with."""

    pack: Pack
    rounding: Rounding
    times: Mapping[str, Times]


def names(
    table: Section, key: str, among: Collection[str], default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """A list of ids, each of which the pack has and none twice; not empty unless by default."""
    if default is not None and not table.has(key):
        return default
    read = table.texts(key)
    if not read or len(set(read)) < len(read) or not set(read) <= set(among):
        raise table.error(key, f"a list of different ones of {', '.join(among)}")
    return read


def members(
    table: Section, key: str, among: Collection[E], default: tuple[E, ...]
) -> tuple[E, ...]:
    """A list of members of an enum, by their names in small letters."""
    by_name = {member.name.lower(): member for member in among}
    return tuple(by_name[name] for name in names(table, key, by_name, ())) or default


def read_scope(table: Section, around: Around) -> Scope:
    return Scope(
        products=names(table, "products", around.pack.products),
        accounts=members(table, "accounts", NAMED, ()),
        on=members(table, "on", _STATES, (RideState.COMPLETE,)),
        when=_when(table, around),
    )


def read_fare_scope(table: Section, around: Around) -> Scope:
    """As for a rule, but a fare is for every state that has a price."""
    return Scope(
        products=names(table, "products", around.pack.products),
        accounts=members(table, "accounts", NAMED, ()),
        on=tuple(_STATES),
        when=_when(table, around),
    )


def _when(table: Section, around: Around) -> tuple[Times, ...]:
    return tuple(around.times[at] for at in names(table, "when", around.times, ()))
