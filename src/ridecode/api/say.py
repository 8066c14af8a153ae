"""Facts of the road as bodies of the HTTP interface, and back."""

from uuid import UUID

from ridecode.api import wire
from ridecode.city import Pack
from ridecode.core import (
    BadInputError,
    Price,
    Ride,
    Tap,
    Words,
)
from ridecode.fares import Tariff, explain


def text(words: Words) -> wire.Text:
    return wire.Text(zh=words.zh, en=words.en)


def moment(pack: Pack, ts: int) -> str:
    return pack.calendar.iso(ts)


def tap_out(pack: Pack, tap: Tap) -> wire.TapOut:
    return wire.TapOut(
        tap_id=str(tap.tap_id),
        at=moment(pack, tap.ts),
        account=tap.account,
        account_type=tap.account_type,
        kind=tap.kind.name.lower(),
        mode=tap.mode.name.lower(),
        product=tap.product,
        operator=tap.operator,
        line=tap.line,
        stop=tap.stop,
        validator=tap.validator,
        vehicle=tap.vehicle,
        verdict=tap.verdict.name,
        source=tap.source.name.lower(),
        code=tap.code.hex(),
    )


def ride_out(pack: Pack, ride: Ride, amount: int | None) -> wire.RideOut:
    way: tuple[tuple[str, tuple[str, ...]], ...] = ()
    if ride.entry_stop and ride.exit_stop:
        way = pack.network.route(ride.entry_stop, ride.exit_stop, ride.product)
    return wire.RideOut(
        ride_id=str(ride.ride_id),
        account=ride.account,
        account_type=ride.account_type,
        state=ride.state.name.lower(),
        mode=ride.mode.name.lower(),
        product=ride.product,
        operator=ride.operator,
        line=ride.line,
        entry_stop=ride.entry_stop,
        exit_stop=ride.exit_stop,
        entry_at=None if ride.entry_ts is None else moment(pack, ride.entry_ts),
        exit_at=None if ride.exit_ts is None else moment(pack, ride.exit_ts),
        entry_tap=None if ride.entry_tap is None else str(ride.entry_tap),
        exit_tap=None if ride.exit_tap is None else str(ride.exit_tap),
        distance_m=ride.distance_m,
        journey_id=str(ride.journey_id),
        leg=ride.leg,
        remedy_until=None if ride.remedy_until is None else moment(pack, ride.remedy_until),
        amount=amount,
        way=[(line, list(stops)) for line, stops in way],
        co2_saved_g=_co2_saved_g(pack, ride),
    )


def price_out(tariff: Tariff, ride: Ride, price: Price) -> wire.PriceOut:
    return wire.PriceOut(
        ride_id=str(ride.ride_id),
        tariff=price.tariff,
        amount=price.amount,
        lines=[
            wire.PriceLineOut(rule=line.rule, amount=line.amount, words=text(line.words))
            for line in explain(tariff, price, ride)
        ],
    )


def _co2_saved_g(pack: Pack, ride: Ride) -> int | None:
    """Against a car over the same distance, in whole grams; None where either is not known."""
    own = pack.co2.by_mode.get(ride.mode)
    if own is None or not ride.distance_m:
        return None
    return round((pack.co2.car - own) * ride.distance_m / 1_000)


def uuid_of(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise BadInputError(f"{written!r} is no id.", "Give a UUID.") from error
