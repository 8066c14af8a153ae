"""Whom a request is about, as the judgement on it needs to know.

For whoever may see his own alone, what is not there is out of reach, as if it were another's: so
nobody learns by asking which rides and accounts there are.
"""

from typing import Annotated

from fastapi import Path, Query

from ridecode import riders, rides, taps
from ridecode.access import WHOLE_CITY, About, Subject
from ridecode.api import wire
from ridecode.api.desk import Desk, Held
from ridecode.api.say import uuid_of
from ridecode.core import NotFoundError

Operator = Annotated[
    wire.Name,
    Query(description="Of this operator alone; empty: of all.", examples=["shenzhen-metro"]),
]


async def the_city() -> Subject:
    """All of it."""
    return WHOLE_CITY


async def of_operator(operator: Operator = "") -> Subject:
    """What is an operator's; of the whole city where none is named."""
    return Subject(About.OPERATOR, operator) if operator else WHOLE_CITY


def rider_in_path(account: Annotated[wire.Account, Path()], desk: Held) -> Subject:
    """The rider of an account."""
    return rider_of(desk, account)


def rider_asked_for(
    account: Annotated[wire.Account, Query(min_length=1)], desk: Held
) -> Subject:  # fmt: skip
    """The same, where the account stands behind the question mark."""
    return rider_of(desk, account)


def rider_of_ride(ride_id: wire.Id, desk: Held) -> Subject:
    """Whose ride it is, and with which operator."""
    try:
        ride = rides.ride(desk.cell, uuid_of(ride_id))
    except NotFoundError:
        return Subject(About.RIDER)
    return rider_of(desk, ride.account, ride.operator)


def rider_of_tap(tap_id: wire.Id, desk: Held) -> Subject:
    """Whose tap it is, and with which operator; of an unreadable code it is nobody's."""
    try:
        tap = taps.tap(desk.cell, uuid_of(tap_id))
    except NotFoundError:
        return Subject(About.RIDER)
    return rider_of(desk, tap.account, tap.operator)


def rider_of(desk: Desk, account: str, operator: str = "") -> Subject:
    """The rider of an account, where something of his was with an operator."""
    platform = riders.platform_of(desk.cell, account)
    return Subject(About.RIDER, account, operator=operator, platform=platform)
