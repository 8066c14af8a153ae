"""What money does all day, a moment behind the prices: fares are booked, channels worked off."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from ridecode.city import Pack
from ridecode.money.booking import NOTHING_BOOKED, Booked, book_fares
from ridecode.money.carried import carried_by
from ridecode.money.channels import Channel, Worked, work
from ridecode.money.ledger import Ledger
from ridecode.store import Cell


class Followed(Struct, frozen=True):
    """What one round did."""

    booked: Booked = NOTHING_BOOKED
    worked: Mapping[str, Worked] = {}
    """By channel."""


def follow(
    cell: Cell, pack: Pack, channels: Mapping[str, Channel], clock: Callable[[], int]
) -> Followed:
    """One round: book what rides cost by now, and do all that is due at every channel.

    `clock` tells UTC epoch microseconds. Killed anywhere, the next round goes on from where it
    stood.
    """
    booked = book_fares(cell, pack, clock())
    ledger, rides = Ledger(pack.card_company.id), carried_by(cell, pack)
    worked = {
        name: work(cell, pack.calendar, ledger, channel, rides, clock)
        for name, channel in channels.items()
    }
    return Followed(booked, worked)
