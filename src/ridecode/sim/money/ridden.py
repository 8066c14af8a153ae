"""What riders ride, and when the centre learns of it: late, twice, out of order.

A few rides a day of each rider, by rail and by bus, close together or far apart, so that a small
city's transfers, caps and tiers are reached; some lack a tap.
"""

from collections.abc import Iterator
from itertools import count
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import MICROS, Mode, Tap, TapKind, Verdict, derived_id
from ridecode.sim.money.dice import Dice

MINUTE: Final = 60 * MICROS
HOUR: Final = 60 * MINUTE
_RIDES_MOST: Final = 5


class Arrival(Struct, frozen=True):
    """A tap on its way."""

    at: int
    """When it comes to the centre, UTC epoch microseconds."""
    tap: Tap


def arrivals(pack: Pack, city: str, account: str, days: range, seed: int) -> Iterator[Arrival]:
    """The taps of a rider on business days, in no order; the same for the same seed."""
    dice, numbers = Dice(seed, "rides", account), count(1)
    for day in days:
        for tap in _taps_of_day(pack, city, account, day, dice, numbers):
            for at in _comes(tap.ts, dice):
                yield Arrival(at, tap)


def _comes(ts: int, dice: Dice) -> Iterator[int]:
    """Mostly at once; some after hours, some when their day has long been closed, some twice."""
    late = dice.below(100)
    minutes = (
        dice.below(5) if late < 75 else dice.between(60, 600) if late < 90
        else dice.between(1_100, 2_600)
    )  # fmt: skip
    yield ts + (minutes + 1) * MINUTE
    if dice.happens(10):
        yield ts + dice.between(1, 1_800) * MINUTE


def _taps_of_day(
    pack: Pack, city: str, account: str, day: int, dice: Dice, numbers: Iterator[int]
) -> Iterator[Tap]:
    starts, ends = pack.calendar.starts(day), pack.calendar.starts(day + 1)
    at = starts + dice.between(60, 480) * MINUTE
    for _ in range(dice.below(_RIDES_MOST + 1)):
        if at > ends - HOUR:
            return
        for tap in _ride(pack, city, account, at, dice, numbers):
            at = tap.ts
            yield tap
        at += (dice.between(5, 40) if dice.happens(50) else dice.between(90, 300)) * MINUTE


def _ride(
    pack: Pack, city: str, account: str, at: int, dice: Dice, numbers: Iterator[int]
) -> Iterator[Tap]:
    if dice.happens(4):
        denied = _bus(pack, city, account, at - MINUTE, dice, numbers)
        yield _replaced(denied, Verdict.DENIED)
    if dice.happens(50):
        yield _bus(pack, city, account, at, dice, numbers)
    else:
        yield from _rail(pack, city, account, at, dice, numbers)


def _replaced(tap: Tap, verdict: Verdict) -> Tap:
    fields = {name: getattr(tap, name) for name in tap.__struct_fields__}
    return Tap(**{**fields, "verdict": verdict})


def _bus(pack: Pack, city: str, account: str, at: int, dice: Dice, numbers: Iterator[int]) -> Tap:
    product = dice.one_of([one for one in pack.products.values() if one.mode is Mode.BUS])
    return Tap(
        tap_id=_id(account, at, numbers), city=city, account=account, account_type=1, ts=at,
        kind=TapKind.SINGLE, mode=product.mode, product=product.id,
        operator=dice.one_of(list(pack.operators)), line=f"{product.id}-{dice.between(1, 9)}",
        stop="", validator="v",
    )  # fmt: skip


def _rail(
    pack: Pack, city: str, account: str, at: int, dice: Dice, numbers: Iterator[int]
) -> Iterator[Tap]:
    line = dice.one_of([one for one in pack.lines.values() if one.mode is Mode.METRO])
    stops, lacks = dice.shuffled(line.stops)[:2], dice.below(25)
    until = at + dice.between(8, 40) * MINUTE
    for nth, (kind, ts, stop) in enumerate(
        [(TapKind.ENTRY, at, stops[0]), (TapKind.EXIT, until, stops[1])]
    ):
        if lacks != nth:
            yield Tap(
                tap_id=_id(account, ts, numbers), city=city, account=account, account_type=1,
                ts=ts, kind=kind, mode=line.mode, product=line.product, operator=line.operator,
                line=line.id, stop=stop, validator="v",
            )  # fmt: skip


def _id(account: str, ts: int, numbers: Iterator[int]) -> UUID:
    return derived_id(ts, f"tap {account} {next(numbers)}".encode())
