"""What each leg of an itinerary can be paid with by GTFS-Fares v2.

1. Legs that a join rule joins are one fare leg.
2. Of the leg rules that are for it those of the highest priority give the products that can be
   bought for it: its own.
3. A transfer rule without product lets whatever paid the leg before pay this one; one with a
   product lets it be bought after a product of the leg before, and within one group it then pays
   further legs.
4. Of one product the earliest purchase that still reaches counts.

Within one group the time runs from the leg of the purchase, between two groups from the leg before.
Where transfers are counted, a leg that is one opens no other.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, RefusedError
from ridecode.fares.gtfs.facts import FaresV2, JoinRule, Leg, LegRule, TransferRule

_WAITED: Final[tuple[Callable[[Leg, Leg], int], ...]] = (
    lambda before, after: after.arrives - before.departs,
    lambda before, after: after.departs - before.departs,
    lambda before, after: after.departs - before.arrives,
    lambda before, after: after.arrives - before.arrives,
)


class FareLeg(Struct, frozen=True):
    """Legs that are one for fares."""

    legs: tuple[Leg, ...]

    @property
    def whole(self) -> Leg:
        first, last = self.legs[0], self.legs[-1]
        stops = tuple(stop for leg in self.legs for stop in leg.stops)
        return Leg(first.route, stops, first.departs, last.arrives)


class Offer(Struct, frozen=True):
    """A product that pays a leg: `leg` is the index of the fare leg for which it is bought, `after`
    the products of which one must have been bought before (of a transfer)."""

    product: str
    leg: int
    after: tuple[str, ...] = ()
    opened: int = 0
    """The leg from which the time of its transfers runs."""
    used: int = 0
    """How many transfers of one group it paid."""


def joined(fares: FaresV2, legs: Sequence[Leg]) -> tuple[FareLeg, ...]:
    """The fare legs of an itinerary."""
    found: list[FareLeg] = [FareLeg((legs[0],))] if legs else []
    for before, after in pairwise(legs):
        if any(_joins(rule, fares, before, after) for rule in fares.joins):
            found[-1] = FareLeg((*found[-1].legs, after))
        else:
            found.append(FareLeg((after,)))
    return tuple(found)


def _joins(rule: JoinRule, fares: FaresV2, before: Leg, after: Leg) -> bool:
    nobody: frozenset[str] = frozenset()
    return (
        rule.from_network in fares.networks.get(before.route, nobody)
        and rule.to_network in fares.networks.get(after.route, nobody)
        and rule.from_stop in ("", before.stops[-1])
        and rule.to_stop in ("", after.stops[0])
    )


def offers(
    fares: FaresV2, legs: Sequence[FareLeg], medium: str, rider: str
) -> tuple[tuple[Offer, ...], ...]:
    """What each fare leg can be paid with, by a medium and a category of riders.

    Refuses where a rule that cannot be told might be for it.
    """
    found: list[tuple[Offer, ...]] = []
    own: list[tuple[LegRule, ...]] = []
    for at, leg in enumerate(legs):
        rules = _rules(fares, leg, medium, rider)
        some: list[Offer] = []
        if at:
            for rule in fares.transfers:
                if _between(fares, rule, own[-1], rules):
                    some += _transferred(fares, rule, legs, at, found, own, (medium, rider))
        singles = dict.fromkeys(rule.product for rule in rules)
        some += [Offer(product, at, (), at) for product in singles]
        found.append(_earliest(some))
        own.append(rules)
    return tuple(found)


def _earliest(some: list[Offer]) -> tuple[Offer, ...]:
    best: dict[str, Offer] = {}
    for offer in some:
        known = best.get(offer.product)
        if known is None or offer.leg < known.leg:
            best[offer.product] = offer
    return tuple(best.values())


def _transferred(
    fares: FaresV2,
    rule: TransferRule,
    legs: Sequence[FareLeg],
    at: int,
    found: list[tuple[Offer, ...]],
    own: list[tuple[LegRule, ...]],
    who: tuple[str, str],
) -> list[Offer]:
    if rule.refused:
        raise RefusedError(f"A transfer of the itinerary is refused: {rule.refused}.")
    if rule.product and not sold(fares, rule.product, *who):
        return []
    within = rule.from_group == rule.to_group
    before = [Offer(one.product, at - 1, (), at - 1) for one in own[-1]]
    if within and rule.count > 0 and any(offer.used for offer in found[-1]):
        before = []
    carried = []
    for offer in found[-1]:
        if rule.product and offer.product != rule.product:
            continue
        since = offer.opened if within else at - 1
        counted = rule.count < 0 or not within or offer.used < rule.count
        if (
            counted
            and in_time(rule, legs[since].whole, legs[at].whole)
            and (within or not rule.product)
        ):
            carried.append(
                Offer(offer.product, offer.leg, offer.after, offer.opened, offer.used + 1)
            )
    if not in_time(rule, legs[at - 1].whole, legs[at].whole):
        before = []
    if rule.product:
        names = tuple(dict.fromkeys(offer.product for offer in before))
        bought = [Offer(rule.product, at, names, at - 1, 1)] if names else []
        return carried or bought
    return carried + [Offer(one.product, one.leg, (), one.opened, 1) for one in before]


def in_time(rule: TransferRule, before: Leg, after: Leg) -> bool:
    """Whether a transfer is within the limit of its rule, which is inclusive."""
    return rule.limit_s is None or _WAITED[rule.limit_type](before, after) <= rule.limit_s * MICROS


def _between(
    fares: FaresV2, rule: TransferRule, before: Sequence[LegRule], after: Sequence[LegRule]
) -> bool:
    """Whether a transfer rule is for these groups; empty means all groups that no rule names."""
    named_from = {other.from_group for other in fares.transfers}
    named_to = {other.to_group for other in fares.transfers}
    return any(
        one.group == rule.from_group if rule.from_group else one.group not in named_from
        for one in before
    ) and any(
        one.group == rule.to_group if rule.to_group else one.group not in named_to for one in after
    )


def _rules(fares: FaresV2, leg: FareLeg, medium: str, rider: str) -> tuple[LegRule, ...]:
    """The leg rules of a fare leg whose product is sold there."""
    whole = leg.whole
    networks = frozenset.intersection(
        *(fares.networks.get(one.route, frozenset()) for one in leg.legs)
    )
    at = frozenset(group for group, times in fares.times.items() if times.at(whole.departs))
    until = frozenset(group for group, times in fares.times.items() if times.at(whole.arrives))
    nobody: frozenset[str] = frozenset()
    met = matching(
        fares, networks,
        (fares.areas.get(whole.stops[0], nobody), fares.areas.get(whole.stops[-1], nobody)),
        (at, until),
        frozenset(area for stop in whole.stops for area in fares.areas.get(stop, nobody)),
    )  # fmt: skip
    sellable = [
        rule
        for rule in met
        if rule.product not in fares.products or sold(fares, rule.product, medium, rider)
    ]
    for rule in sellable:
        if rule.refused:
            raise RefusedError(f"A rule of such a leg is refused: {rule.refused}.")
    return tuple(sellable)


def matching(
    fares: FaresV2,
    networks: frozenset[str],
    areas: tuple[frozenset[str], frozenset[str]],
    times: tuple[frozenset[str], frozenset[str]],
    passed: frozenset[str],
) -> list[LegRule]:
    """The leg rules for a leg, those of the highest priority where there are any."""
    met = to_areas(fares, from_areas(fares, of_networks(fares, networks), areas[0]), areas[1])
    return highest(
        [
            rule
            for rule in met
            if (not rule.from_time or rule.from_time in times[0])
            and (not rule.to_time or rule.to_time in times[1])
            and (not rule.area_set or fares.area_sets[rule.area_set] == passed)
        ]
    )


def of_networks(fares: FaresV2, networks: frozenset[str]) -> list[LegRule]:
    return [
        rule for rule in fares.rules if _is(fares, rule.network, networks, fares.named.networks)
    ]


def from_areas(fares: FaresV2, rules: list[LegRule], areas: frozenset[str]) -> list[LegRule]:
    named = fares.named.from_areas
    return [rule for rule in rules if _is(fares, rule.from_area, areas, named)]


def to_areas(fares: FaresV2, rules: list[LegRule], areas: frozenset[str]) -> list[LegRule]:
    named = fares.named.to_areas
    return [rule for rule in rules if _is(fares, rule.to_area, areas, named)]


def highest(rules: list[LegRule]) -> list[LegRule]:
    most = max((rule.priority for rule in rules), default=0)
    return [rule for rule in rules if rule.priority == most]


def _is(fares: FaresV2, wanted: str, found: frozenset[str], named: frozenset[str]) -> bool:
    if wanted:
        return wanted in found
    return fares.has_priorities or not found.intersection(named)


def sold(fares: FaresV2, product: str, medium: str, rider: str) -> bool:
    """Whether a product is sold on a medium to a category of riders."""
    return bool(prices(fares, product, medium, rider))


def prices(fares: FaresV2, product: str, medium: str, rider: str) -> list[int]:
    """What a product costs there; empty medium: on any."""
    return [
        one.amount
        for one in fares.products.get(product, ())
        if (not medium or one.medium in ("", medium)) and one.rider in ("", rider)
    ]
