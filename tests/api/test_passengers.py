"""The passengers of the demonstration: really signed codes through real readers, day after day."""

from ridecode import rides, taps
from ridecode.api import Desk, Passengers
from ridecode.api.passengers import PASSENGERS
from ridecode.core import Verdict

_FROM_THE_BEGINNING = 0


def _day(desk: Desk) -> tuple[int, int]:
    calendar = desk.pack.calendar
    day = calendar.day(desk.clock.now())
    return calendar.starts(day), calendar.starts(day + 1)


def test_their_day_until_now_is_there_when_the_city_opens(desk: Desk) -> None:
    Passengers(desk, _FROM_THE_BEGINNING).catch_up()
    counted = rides.totals(desk.cell, *_day(desk))
    assert counted.riders == PASSENGERS
    assert counted.rides > PASSENGERS
    assert counted.amount > 0


def test_what_was_done_before_a_restart_is_not_done_again(desk: Desk) -> None:
    Passengers(desk, _FROM_THE_BEGINNING).catch_up()
    before = taps.totals(desk.cell).taps
    Passengers(desk, desk.clock.now()).catch_up()
    assert taps.totals(desk.cell).taps == before


def test_they_go_on_as_the_clock_does_and_are_refused_for_no_reason_but_their_own(
    desk: Desk,
) -> None:
    passengers = Passengers(desk, _FROM_THE_BEGINNING)
    passengers.catch_up()
    before = rides.totals(desk.cell, *_day(desk)).rides
    day = _day(desk)
    for _ in range(10):
        desk.clock.advance(3_000)
        passengers.catch_up()
    assert rides.totals(desk.cell, *day).rides > before
    accounts = {ride.account for ride in rides.latest_rides(desk.cell, 500)}
    verdicts = {tap.verdict for account in accounts for tap in taps.taps_of(desk.cell, account)}
    assert verdicts <= {Verdict.ACCEPTED, Verdict.CODE_EXPIRED}
