"""What a reader trusts, as one value: made at the centre, carried to the lane, never changed."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from msgspec import Struct

from ridecode.city import Pack
from ridecode.code import RideCode, Root, Verifier, v1
from ridecode.core import BadInputError
from ridecode.validator.deny import DenyList
from ridecode.validator.rules import Origin, Rules, read_rules

_NO_FARES: Mapping[str, int] = MappingProxyType({})


class Bundle(Struct, frozen=True, kw_only=True, dict=True):
    """Roots, rules, deny list and flat prices of one city, at one moment."""

    city: str
    version: int
    """Counts up; a reader takes no bundle older than the one it has."""
    made: int
    """UTC epoch microseconds."""
    roots: tuple[Root, ...]
    v1_keys: tuple[v1.Key, ...]
    rules: Rules
    denied: DenyList
    single_fare: Mapping[str, int]
    """What one ride costs, of each product with a flat price: the full fare, without concession,
    in the currency's smallest unit."""

    @cached_property
    def verifier(self) -> Verifier:
        """Judges trust. It remembers which signatures were good, which changes no verdict."""
        return Verifier(self.roots, v1_keys=self.v1_keys, test_roots=self.rules.test_roots)

    def origin(self, code: RideCode | v1.Code) -> Origin:
        """Who issued a code that the verifier found worth proving, and in which form."""
        issuer = self.verifier.issuer(code)
        if isinstance(code, v1.Code):
            # Not the code's own version: that byte of a V1 code is under no signature.
            return issuer, "", v1.VERSION
        return issuer, code.platform, code.version


def make_bundle(
    pack: Pack,
    roots: Iterable[Root],
    *,
    version: int,
    made: int,
    v1_keys: Iterable[v1.Key] = (),
    denied: Iterable[str] = (),
    single_fare: Mapping[str, int] = _NO_FARES,
) -> Bundle:
    """The bundle of a city: its pack's rules with these roots, keys, accounts and flat prices.

    Raises `PackError` for a fault in validator.toml and `BadInputError` for two roots or keys of
    one name, an account that is none, or a price of no product of the pack.
    """
    for product, fare in single_fare.items():
        if product not in pack.products or fare < 0:
            raise BadInputError(
                f"{fare} is no flat price of {product!r}.",
                f"Give amounts from 0 for some of {', '.join(pack.products)}.",
            )
    bundle = Bundle(
        city=pack.id,
        version=version,
        made=made,
        roots=tuple(roots),
        v1_keys=tuple(v1_keys),
        rules=read_rules(pack),
        denied=DenyList(denied),
        single_fare=dict(single_fare),
    )
    _ = bundle.verifier  # built now, so that roots which cannot stand together are told here
    return bundle
