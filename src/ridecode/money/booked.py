"""What is in the books of rides. The books alone say it: the id of a ride's journal is made of the
ride and of how many it has before, so that one is asked for behind another until there is none."""

from collections.abc import Mapping
from uuid import UUID

from ridecode.money.bookings import fare_id
from ridecode.money.ledger import Line, Where, lines_with


def fare_lines(where: Where, rides: Mapping[UUID, tuple[str, int]]) -> dict[UUID, list[Line]]:
    """By ride the lines of its fare, in their order; nothing for those that were never booked.

    `rides` have their account and their start, UTC epoch microseconds.
    """
    found: dict[UUID, list[Line]] = {}
    nth, asked = 1, rides
    while asked:
        lines = lines_with(where, [fare_id(*of, ride, nth) for ride, of in asked.items()])
        for line in lines:
            found.setdefault(line.journal.about, []).append(line)
        nth, asked = nth + 1, {line.journal.about: rides[line.journal.about] for line in lines}
    return found
