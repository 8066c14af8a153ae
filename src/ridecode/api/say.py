"""Facts of the road as bodies of the HTTP interface, and back."""

from collections.abc import Iterable
from uuid import UUID

from ridecode.api import wire
from ridecode.city import Pack
from ridecode.core import (
    BadInputError,
    Mode,
    Price,
    Ride,
    Tap,
    TapKind,
    TapSource,
    Verdict,
    Words,
    from_iso,
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


def tap_in(pack: Pack, told: wire.TapIn) -> Tap:
    """A device's tap; raises `BadInputError` for a name that is none."""
    verdict = Verdict[_known("verdict", told.verdict, Verdict.__members__)]
    if verdict.accepted and not told.account:
        # Nobody could be charged for it: it would be in no ride, and nobody would know.
        raise BadInputError(f"The accepted tap {told.tap_id} names no account.", "Name it.")
    return Tap(
        tap_id=_made_there(told.tap_id),
        city=pack.id,
        account=told.account,
        account_type=told.account_type,
        ts=from_iso(told.at),
        kind=TapKind[_known("kind", told.kind.upper(), TapKind.__members__)],
        mode=Mode[_known("mode", told.mode.upper(), Mode.__members__)],
        product=_known("product", told.product, pack.products),
        operator=told.operator,
        line=told.line,
        stop=told.stop,
        validator=told.validator,
        vehicle=told.vehicle,
        verdict=verdict,
        code=bytes.fromhex(told.code),
        code_time=told.code_time,
        source=TapSource.VALIDATOR,
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


def _known(what: str, name: str, among: Iterable[str]) -> str:
    names = list(among)
    if name not in names:
        raise BadInputError(
            f"{name!r} is no {what}.", f"Give one of {', '.join(map(str.lower, names))}."
        )
    return name


def _made_there(written: str) -> UUID:
    """The id of a tap begins with its moment: refusals are counted and the last tap found by it."""
    tap_id = uuid_of(written)
    if tap_id.version != 7:
        raise BadInputError(f"{written!r} is no id of a tap.", "Give a UUID of version 7.")
    return tap_id


def uuid_of(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise BadInputError(f"{written!r} is no id.", "Give a UUID.") from error
