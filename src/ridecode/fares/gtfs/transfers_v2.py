"""Transfer and join rules of GTFS-Fares v2 as rides that go on."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS
from ridecode.fares.gtfs.choices import Choices
from ridecode.fares.gtfs.facts import FaresV2, JoinRule, TransferRule
from ridecode.fares.gtfs.offers_v2 import prices
from ridecode.fares.gtfs.refusals import Refusal, Why
from ridecode.fares.gtfs.tables_of_pairs import with_onward
from ridecode.fares.tariff import Fare
from ridecode.fares.way import Onward, Pays, Since, Until

_SINCE_LAST: Final = (Since.LAST_ENTRY, Since.LAST_ENTRY, Since.LAST_EXIT, Since.LAST_EXIT)
_SINCE_FIRST: Final = (Since.FIRST_ENTRY, Since.FIRST_ENTRY, Since.FIRST_EXIT, Since.FIRST_EXIT)
_UNTIL: Final = (Until.EXIT, Until.ENTRY, Until.ENTRY, Until.EXIT)
"""By duration_limit_type."""


class GroupedFare(Struct, frozen=True):
    """A fare with the leg groups and networks of its rides."""

    fare: Fare
    groups: tuple[str, ...]
    networks: frozenset[str]


def with_transfers(
    some: Sequence[GroupedFare], fares: FaresV2, rider: str, choices: Choices
) -> list[Fare]:
    """The fares of one category of riders, each with what goes on into it."""
    return [with_onward(one.fare, _into(one, some, fares, rider, choices)) for one in some]


def _into(
    to: GroupedFare, some: Sequence[GroupedFare], fares: FaresV2, rider: str, choices: Choices
) -> list[Onward]:
    """First what is surely free, then what is refused, then what costs something."""
    found: list[Onward] = []
    for rule in fares.transfers:
        if _names(rule.to_group, to.groups, {one.to_group for one in fares.transfers}):
            named = {one.from_group for one in fares.transfers}
            after = tuple(one.fare.id for one in some if _names(rule.from_group, one.groups, named))
            onward = _onward(rule, after, fares, rider, choices) if after else None
            if onward is not None:
                found.append(onward)
    for join in fares.joins:
        if join.to_network in to.networks:
            after = tuple(one.fare.id for one in some if join.from_network in one.networks)
            if after:
                found.append(_joined(join, after, choices))
    return sorted(found, key=lambda one: (bool(one.refused) or one.amount > 0, not one.refused))


def _names(group: str, groups: tuple[str, ...], named: set[str]) -> bool:
    if group:
        return group in groups
    return any(one not in named for one in groups)


def _onward(
    rule: TransferRule, after: tuple[str, ...], fares: FaresV2, rider: str, choices: Choices
) -> Onward | None:
    """None where the product of the transfer is not sold to such riders."""
    sold = prices(fares, rule.product, choices.medium, rider) if rule.product else [0]
    if rule.product in fares.products and not sold:
        return None
    within = rule.from_group == rule.to_group
    limit_s = choices.transfer_s if rule.limit_s is None else rule.limit_s
    refused = rule.refused
    if refused is None and limit_s is None:
        refused = Refusal(*rule.place, Why.NO_TIME_LIMIT, "no duration_limit")
    if refused is None and (rule.kind != 0 or (within and rule.product and rule.count != 1)):
        refused = Refusal(*rule.place, Why.TRANSFER_KIND, f"fare_transfer_type {rule.kind}")
    if refused is None and len(set(sold)) > 1 and not choices.medium:
        refused = Refusal(*rule.place, Why.SEVERAL_MEDIA, f"product {rule.product!r}")
    return Onward(
        after=after,
        within_us=None if limit_s is None else limit_s * MICROS,
        pays=Pays.AMOUNT,
        amount=min(sold, default=0),
        since=(_SINCE_FIRST if within else _SINCE_LAST)[rule.limit_type],
        until=_UNTIL[rule.limit_type],
        most=max(0, rule.count) if within else 0,
        refused=str(refused) if refused else "",
    )


def _joined(join: JoinRule, after: tuple[str, ...], choices: Choices) -> Onward:
    limit_s = choices.transfer_s
    refused = Refusal(*join.place, Why.JOIN, f"{join.from_network!r} to {join.to_network!r}")
    at = {(join.from_stop, join.to_stop)} if join.from_stop and join.to_stop else set()
    return Onward(
        after=after, within_us=None if limit_s is None else limit_s * MICROS, pays=Pays.REST,
        at=frozenset(at), refused=str(refused),
    )  # fmt: skip
