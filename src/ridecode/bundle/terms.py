"""What validators are to trust, out of the city pack: the next terms, and their file."""

from collections.abc import Iterable

from ridecode.city import Pack
from ridecode.code import Root, v1
from ridecode.core import BadInputError, RefusedError, to_iso
from ridecode.fares import Tariff, Tariffs, tap_fare
from ridecode.validator import BundleFile, Terms, read_rules


def terms_of(
    pack: Pack,
    tariffs: Tariffs,
    roots: Iterable[Root],
    *,
    active_from: int,
    v1_keys: Iterable[v1.Key] = (),
) -> Terms:
    """The pack's rules and flat prices with these roots and keys, from a moment on.

    Raises `RefusedError` for a test root in a city that is no demonstration, `PackError` for a
    fault in validator.toml.
    """
    roots = tuple(roots)
    if not pack.demo and any(root.is_test for root in roots):
        raise RefusedError(
            f"{pack.name.en} is no demonstration, and this is a test root.",
            "Give the roots of the clearing body.",
        )
    return Terms(
        active_from=active_from,
        roots=roots,
        v1_keys=tuple(v1_keys),
        rules=read_rules(pack),
        single_fare=single_fares(pack, tariffs.at(active_from)),
        tariff=tariffs.digest.hex(),
    )


def single_fares(pack: Pack, tariff: Tariff) -> dict[str, int]:
    """The price of one tap, of each product that has the same one on all its lines."""
    fares: dict[str, set[int | None]] = {}
    for line in pack.lines.values():
        fares.setdefault(line.product, set()).add(tap_fare(tariff, line.product, line.id))
    flat = {product: next(iter(amounts)) for product, amounts in fares.items() if len(amounts) == 1}
    return {product: amount for product, amount in flat.items() if amount}


def next_file(before: BundleFile, terms: Terms, now: int) -> BundleFile:
    """The file with new terms after those that are in force or to come.

    Raises `BadInputError` where they would begin before `now`, or not after the last.
    """
    last = before.terms[-1].active_from
    if terms.active_from < now or terms.active_from <= last:
        raise BadInputError(
            "New terms begin in the future, and after all that are published already.",
            f"Name a moment after {to_iso(max(now, last))}.",
        )
    in_force = before.at(now)
    stay = [one for one in before.terms if one is in_force or one.active_from > now]
    return BundleFile(city=before.city, terms=(*stay, terms))
