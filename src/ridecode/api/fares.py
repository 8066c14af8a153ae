"""What a ride would cost, before anybody takes it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from ridecode.api import wire
from ridecode.api.allowed import PUBLIC
from ridecode.api.desk import Held
from ridecode.api.say import price_out
from ridecode.city import Pack
from ridecode.core import BadInputError, Ride, RideState
from ridecode.fares import NOTHING_EARLIER, price

router = APIRouter(prefix="/v1/fares", tags=["fares"])


@router.get("", dependencies=[PUBLIC])
def quote(
    desk: Held,
    product: Annotated[wire.Name, Query(examples=["metro"])],
    entry: Annotated[wire.Name, Query(alias="from", examples=["sz-luohu"])],
    exit_: Annotated[wire.Name, Query(alias="to", examples=["sz-gangxia"])],
    account_type: Annotated[int, Query(ge=0, le=5)] = 1,
    line: wire.Name = "",
) -> wire.QuoteOut:
    """The price of a ride begun now by an account without earlier rides, and why."""
    ride = _imagined(desk.pack, product, entry, exit_, account_type, line, desk.clock.now())
    tariff = desk.tariffs.at(ride.start_ts)
    told, _ = price(tariff, NOTHING_EARLIER, ride)
    return wire.QuoteOut(
        distance_m=ride.distance_m, **price_out(tariff, ride, told).model_dump()
    ).model_copy(update={"ride_id": None})


def _imagined(
    pack: Pack, product: str, entry: str, exit_: str, account_type: int, line: str, now: int
) -> Ride:
    if product not in pack.products:
        raise BadInputError(
            f"{product!r} is no product.", f"Give one of {', '.join(pack.products)}."
        )
    for stop in (entry, exit_):
        if stop not in pack.stops:
            raise BadInputError(f"{stop!r} is no stop.", "GET /v1/city lists them.")
    distance_m = pack.network.distance_m(entry, exit_, product)
    if distance_m is None:
        raise BadInputError(f"No way by {product} leads from {entry} to {exit_}.")
    nobody = UUID(int=0)
    return Ride(
        ride_id=nobody, city=pack.id, account="", account_type=account_type,
        mode=pack.products[product].mode, product=product, operator="", line=line,
        entry_tap=nobody, exit_tap=nobody, entry_stop=entry, exit_stop=exit_, entry_ts=now,
        exit_ts=now, distance_m=distance_m, state=RideState.COMPLETE, journey_id=nobody, leg=0,
    )  # fmt: skip
