"""What only a demonstration has: a clock that may be put forward."""

from fastapi import APIRouter

from ridecode.access import Right
from ridecode.api import wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment

router = APIRouter(prefix="/v1/demo", tags=["demonstration"])


@router.get("/clock", dependencies=[needs(Right.DEMONSTRATE)])
def clock(desk: Held) -> wire.ClockOut:
    """What time it is in the city."""
    return _shown(desk)


@router.post("/clock/advance", dependencies=[needs(Right.DEMONSTRATE)])
def advance(asked: wire.AdvanceIn, desk: Held) -> wire.ClockOut:
    """Put the city's clock forward, so that nobody need wait for the end of a ride.

    The other riders do soon after what they had to do meanwhile.
    """
    desk.advance(asked.seconds)
    return _shown(desk)


def _shown(desk: Desk) -> wire.ClockOut:
    clock = desk.clock
    return wire.ClockOut(
        now=moment(desk.pack, clock.now()), ahead_s=clock.ahead_s, speed=clock.speed
    )
