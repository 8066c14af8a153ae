"""What the current business day has brought so far."""

from fastapi import APIRouter

from ridecode.access import Right
from ridecode.api import db, wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Held
from ridecode.api.say import moment
from ridecode.api.subjects import the_city
from ridecode.rides import totals

router = APIRouter(prefix="/v1", tags=["summary"])


@router.get("/summary", dependencies=[needs(Right.SEE_TOTALS, the_city)])
def summary(desk: Held) -> wire.SummaryOut:
    """Riders, rides, refused readings, exceptions, and the sum of all prices."""
    desk.catch_up()
    calendar, now = desk.pack.calendar, desk.clock.now()
    day = calendar.day(now)
    since, until = calendar.starts(day), calendar.starts(day + 1)
    counted = totals(desk.cell, since, until)
    return wire.SummaryOut(
        day=calendar.iso(since)[:10],
        as_of=moment(desk.pack, now),
        riders=counted.riders,
        rides=counted.rides,
        refused=db.refused(desk.cell, since, until),
        exceptions=counted.exceptions,
        amount=counted.amount,
    )
