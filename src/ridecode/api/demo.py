"""What only a demonstration has: a clock that may be put forward."""

from fastapi import APIRouter, Request

from ridecode.api import wire
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment

router = APIRouter(prefix="/v1/demo", tags=["demonstration"])


@router.get("/clock")
def clock(desk: Held) -> wire.ClockOut:
    """What time it is in the city."""
    return _shown(desk)


@router.post("/clock/advance")
def advance(asked: wire.AdvanceIn, desk: Held, request: Request) -> wire.ClockOut:
    """Put the city's clock forward, so that nobody need wait for the end of a ride.

    The other passengers do meanwhile what they had to do.
    """
    request.app.state.passengers.advance(asked.seconds)
    return _shown(desk)


def _shown(desk: Desk) -> wire.ClockOut:
    clock = desk.clock
    return wire.ClockOut(
        now=moment(desk.pack, clock.now()), ahead_s=clock.ahead_s, speed=clock.speed
    )
