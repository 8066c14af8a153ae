"""A business day of rides as matching leaves them, for measuring what comes behind it.

Riders go to work and back by metro, half of them with a bus on one of the two ways: 2.5 rides each.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.city import Line, Pack
from ridecode.core import MICROS, Mode, Progress, Ride, RideState, unseen
from ridecode.rides import db, rows
from ridecode.store import Cell

_RIDES_A_RIDER: Final = 2.5
_WAYS: Final = 20_000
_CHUNK: Final = 20_000
_METRES_A_SECOND: Final = 11
_VERSION_7: Final = 0x7 << 76 | 0b10 << 62


def filled_account(number: int) -> str:
    """The card account of a rider, from 0."""
    return f"99999999000{number:08}"


def fill_day(cell: Cell, pack: Pack, rides: int, day: int, progress: Progress = unseen) -> int:
    """Store about so many rides of one business day; of how many riders they are.

    They are of one pass of matching, and have no price yet. The same call makes the same rides.
    """
    riders = round(rides / _RIDES_A_RIDER)
    made = _day(pack, riders, pack.calendar.starts(day))
    stored = 0
    with db.alone(cell.dsn) as conn:
        number = db.begin_pass(conn)
        while chunk := list(islice(made, _CHUNK)):
            db.add_rides(conn, [rows.ride_row(one, one.end_ts) for one in chunk], number)
            stored += len(chunk)
            progress(stored, rides)
        db.vacuum(conn)
    return riders


class _Way(Struct, frozen=True):
    """From one place to another on one line."""

    line: Line
    entry_stop: str
    exit_stop: str
    metres: int | None
    lasts: int
    """Microseconds."""


def _day(pack: Pack, riders: int, starts: int) -> Iterator[Ride]:
    """The rides of a day, by rider and time."""
    dice = random.Random("a city's day")
    lines = list(pack.lines.values())
    metros = [_metro(pack, dice, lines) for _ in range(_WAYS)]
    buses = [_Way(line, "", "", None, 0) for line in lines if line.mode is Mode.BUS]
    for number in range(riders):
        account = filled_account(number)
        out = starts + 3 * 3_600 * MICROS + dice.randrange(4 * 3_600 * MICROS)
        back = out + 8 * 3_600 * MICROS + dice.randrange(3 * 3_600 * MICROS)
        by_bus = number % 4
        if by_bus == 0:
            yield _ride(dice, pack.id, account, number, dice.choice(buses), out - 1_200 * MICROS)
        yield _ride(dice, pack.id, account, number, dice.choice(metros), out)
        yield _ride(dice, pack.id, account, number, dice.choice(metros), back)
        if by_bus == 1:
            later = back + 2 * 3_600 * MICROS
            yield _ride(dice, pack.id, account, number, dice.choice(buses), later)


def _metro(pack: Pack, dice: random.Random, lines: Sequence[Line]) -> _Way:
    line = dice.choice([one for one in lines if one.mode is Mode.METRO])
    entry, out = dice.sample(line.stops, 2)
    metres = pack.network.distance_m(entry, out, line.product) or 0
    return _Way(line, entry, out, metres, (metres // _METRES_A_SECOND + 300) * MICROS)


def _ride(
    dice: random.Random, city: str, account: str, number: int, way: _Way, starts: int
) -> Ride:
    first = _id(dice, starts)
    return Ride(
        ride_id=first, city=city, account=account,
        account_type=1 + (number % 20 == 0) + (number % 33 == 0), mode=way.line.mode,
        product=way.line.product, operator=way.line.operator, line=way.line.id, entry_tap=first,
        exit_tap=_id(dice, starts + way.lasts) if way.lasts else None, entry_stop=way.entry_stop,
        exit_stop=way.exit_stop, entry_ts=starts, exit_ts=starts + way.lasts,
        distance_m=way.metres, state=RideState.COMPLETE, journey_id=first, leg=0,
    )  # fmt: skip


def _id(dice: random.Random, ts: int) -> UUID:
    """As a gate makes it for a tap."""
    bits = dice.getrandbits(74)
    return UUID(int=ts // 1_000 << 80 | _VERSION_7 | bits >> 62 << 64 | bits & (1 << 62) - 1)
