"""Rides, their prices with the reason for every fen, and the remedy for a missing tap (补登)."""

from typing import Annotated

from fastapi import APIRouter, Query

from ridecode import rides
from ridecode.access import Right
from ridecode.api import wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import price_out, ride_out, uuid_of
from ridecode.api.subjects import rider_asked_for, rider_of_ride
from ridecode.core import NotFoundError, Ride, from_iso

router = APIRouter(prefix="/v1/rides", tags=["rides"])


@router.get("", dependencies=[needs(Right.SEE_RIDER, rider_asked_for)])
def of_account(
    desk: Held,
    account: Annotated[wire.Account, Query(min_length=1)],
    limit: Annotated[int, Query(ge=1, le=1_000)] = 20,
) -> list[wire.RideOut]:
    """The latest rides of an account, the newest first."""
    desk.catch_up()
    found = rides.rides_of(desk.cell, account, limit)
    prices = rides.prices_of(desk.cell, found)
    return [
        ride_out(desk.pack, ride, prices[ride.ride_id].amount if ride.ride_id in prices else None)
        for ride in found
    ]


@router.get("/{ride_id}", dependencies=[needs(Right.SEE_RIDER, rider_of_ride)])
def one(ride_id: wire.Id, desk: Held) -> wire.RideOut:
    """The current version of a ride."""
    desk.catch_up()
    return _shown(desk, rides.ride(desk.cell, uuid_of(ride_id)))


@router.get("/{ride_id}/price", dependencies=[needs(Right.SEE_RIDER, rider_of_ride)])
def price(ride_id: wire.Id, desk: Held) -> wire.PriceOut:
    """What the ride costs and why, by the tariff that was in force at its first tap."""
    desk.catch_up()
    ride = rides.ride(desk.cell, uuid_of(ride_id))
    told = rides.prices_of(desk.cell, [ride]).get(ride.ride_id)
    if told is None:
        raise NotFoundError(
            f"Ride {ride_id} has no price.", "It has not ended, or a stop of it is not known."
        )
    return price_out(desk.tariffs.by_id(told.tariff), ride, told)


@router.post("/{ride_id}/remedy", dependencies=[needs(Right.ACT_FOR_RIDER, rider_of_ride)])
def remedy(ride_id: wire.Id, supplied: wire.RemedyIn, desk: Held) -> wire.RideOut:
    """The rider supplies the missing tap; the ride as it is then, with its new price."""
    desk.catch_up()
    healed = rides.supply(
        desk.cell, desk.pack, uuid_of(ride_id), supplied.stop, from_iso(supplied.at),
        desk.clock.now(),
    )  # fmt: skip
    desk.brought()
    desk.catch_up()
    return _shown(desk, rides.ride(desk.cell, healed))


def _shown(desk: Desk, ride: Ride) -> wire.RideOut:
    told = rides.prices_of(desk.cell, [ride]).get(ride.ride_id)
    return ride_out(desk.pack, ride, told.amount if told else None)
