"""What another tariff would have done to rides that have been: asked before it is signed.

The rides are those that are stored; nothing is written, and PostgreSQL is told to let nothing be.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from msgspec import Struct, json

from ridecode.city import Pack
from ridecode.core import BadInputError, Progress, RefusedError, Ride, unseen
from ridecode.fares import NOTHING_EARLIER, Earlier, Tariff, Tariffs, price
from ridecode.rides import db, rows
from ridecode.rides.work import spread
from ridecode.store import Cell, Connection

_earlier = json.Decoder(Earlier).decode


class ProductWhatIf(Struct, frozen=True):
    """Of the rides of one product. Amounts are in the smallest unit of the currency."""

    product: str
    rides: int
    dearer: int
    cheaper: int
    before: int
    """The sum of the stored prices; a ride that has none counts as 0."""
    after: int

    @property
    def difference(self) -> int:
        """By how much all of them together would have cost more."""
        return self.after - self.before

    def plus(self, other: "ProductWhatIf") -> "ProductWhatIf":
        return ProductWhatIf(
            self.product,
            self.rides + other.rides,
            self.dearer + other.dearer,
            self.cheaper + other.cheaper,
            self.before + other.before,
            self.after + other.after,
        )


class WhatIf(Struct, frozen=True, kw_only=True):
    """What a tariff would have done. Moments are UTC epoch microseconds."""

    tariff: str
    """Id of the version that was asked about."""
    digest: str
    """Of the tariffs that were asked about, 32 hexadecimal digits: what is signed must be them."""
    since: int
    until: int
    """Rides that began from the one moment on and before the other."""
    riders: int
    rides: int
    before: int
    after: int
    products: tuple[ProductWhatIf, ...]
    """In the order of their names; they sum to the figures above."""
    refused: tuple[tuple[str, int], ...]
    """Why rides would have no price, and how many."""

    @property
    def difference(self) -> int:
        """By how much all rides together would have cost more, in the smallest unit."""
        return self.after - self.before


def what_if(
    cell: Cell, pack: Pack, tariffs: Tariffs, since: int, until: int, progress: Progress = unseen
) -> WhatIf:
    """The rides of a span, had the newest version of `tariffs` been in force all the time.

    What riders had paid by `since` in that month counts as it was. A ride that is open, or whose
    stop is not known, has no price in either.
    """
    if since >= until:
        raise BadInputError("The span of time is empty.", "Give a beginning before its end.")
    if not len(tariffs):
        raise BadInputError(f"The tariffs of {pack.id} are empty.", "Give at least one version.")
    *_, newest = tariffs
    dsn = db.read_only(cell.dsn)
    found = _Found(0, (), ())
    with db.lasting(dsn) as conn:
        first = db.begun(conn, since, until)
        for chunk in spread(conn, dsn, first, partial(_chunk, cell.city, newest, until), progress):
            found = found.plus(chunk)
    products = tuple(sorted(found.products, key=lambda one: one.product))
    return WhatIf(
        tariff=newest.id,
        digest=tariffs.digest.hex(),
        since=since,
        until=until,
        riders=found.riders,
        rides=sum(one.rides for one in products),
        before=sum(one.before for one in products),
        after=sum(one.after for one in products),
        products=products,
        refused=tuple(sorted(found.refused)),
    )


class _Found(Struct, frozen=True):
    riders: int
    products: tuple[ProductWhatIf, ...]
    refused: tuple[tuple[str, int], ...]

    def plus(self, other: "_Found") -> "_Found":
        refused = dict(self.refused)
        for reason, count in other.refused:
            refused[reason] = refused.get(reason, 0) + count
        products = _summed((*self.products, *other.products))
        return _Found(self.riders + other.riders, products, tuple(refused.items()))


def _chunk(
    city: str, tariff: Tariff, until: int, conn: Connection, since: Mapping[str, int]
) -> _Found:
    carries = db.carries_before(conn, since)
    refused: dict[str, int] = {}
    each: list[ProductWhatIf] = []
    for account, stored in db.priced_rides(conn, since, until).items():
        carry = carries.get(account)
        earlier = NOTHING_EARLIER if carry is None else _earlier(carry)
        for *row, before in stored:
            ride = rows.ride_of(city, tuple(row))
            after = 0
            if ride.state.has_price:
                try:
                    priced, earlier = price(tariff, earlier, ride)
                    after = priced.amount
                except RefusedError as error:
                    refused[error.what] = refused.get(error.what, 0) + 1
            each.append(_one(ride, before or 0, after))
    return _Found(len(since), _summed(each), tuple(refused.items()))


def _one(ride: Ride, before: int, after: int) -> ProductWhatIf:
    return ProductWhatIf(ride.product, 1, int(after > before), int(after < before), before, after)


def _summed(each: Iterable[ProductWhatIf]) -> tuple[ProductWhatIf, ...]:
    by_product: dict[str, ProductWhatIf] = {}
    for one in each:
        known = by_product.get(one.product)
        by_product[one.product] = one if known is None else known.plus(one)
    return tuple(by_product.values())
