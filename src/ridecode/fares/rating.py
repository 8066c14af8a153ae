"""Pricing a ride, and rides in a row.

How a price comes about:

1. The tariff's first fare that is for the ride's product, line, account class and hour gives the
   *full fare*: by its shape, or its maximum where entry or exit is missing; where the ride goes on
   from the last one, what the fare says of that.
2. Then each rule that is for the ride's product, class and state gives at most one line, in the
   order of the file. Percentages are of the full fare; nothing takes off more than is left.

What taking a rule R out of the tariff does, for the same ride and the same `Earlier`:

- The lines before R's stay as they are, always.
- A later line stays as it is unless it reads what is left to pay: a cap always does, every
  other discount only where it is cut because nothing more is left.
- So the price changes by exactly R's line wherever, with R and without, no later cap has a
  line and what is left stays above zero. It always does for the last rule of a tariff.

It cannot be had wider: two rules that each bring a fare to zero both explain the whole of it.
tests/fares/test_taking_out.py holds these sentences.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from ridecode.core import Price, Ride, RideState
from ridecode.fares.earlier import Earlier, Way, paid_more, week
from ridecode.fares.tariff import Tariff, Tariffs
from ridecode.fares.way import way_after


def price(tariff: Tariff, earlier: Earlier, ride: Ride) -> tuple[Price, Earlier]:
    """The price of a ride that has one, and what the ride leaves to the account's next.

    `earlier` is what the account's ride before it left, in order of (start_ts, ride_id). Refuses
    a ride that the tariff has no fare for, by name.
    """
    plan = tariff.plan(ride)
    day = tariff.calendar.day(ride.start_ts)
    if day != earlier.day:
        earlier = _on(earlier, day, tariff.calendar.month(ride.start_ts))
    fare, lines = tariff.full_of(plan, ride)(ride, earlier)
    way = None
    if lines[0].rule in tariff.opening and ride.state is _COMPLETE:
        way = way_after(earlier, ride, fare, lines)
    left = fare
    moved = []
    transfers = 0
    for line_of, is_transfer in plan.moves:
        line = line_of(fare, left, earlier, ride)
        if line is not None:
            moved.append(line)
            left += line.amount
            if is_transfer:
                transfers = earlier.transfers + 1
    if moved:
        lines = (*lines, *moved)
    return Price(ride.ride_id, tariff.id, left, lines), _after(earlier, ride, left, transfers, way)


def _on(earlier: Earlier, day: int, month: int) -> Earlier:
    """What is left of earlier rides on a new business day."""
    return Earlier(
        day, month, (), earlier.month_paid if month == earlier.month else (),
        earlier.last_product, earlier.last_line, earlier.last_end, earlier.transfers,
        earlier.week_paid if week(day) == week(earlier.day) else (), earlier.way,
    )  # fmt: skip


def _after(earlier: Earlier, ride: Ride, amount: int, transfers: int, way: Way | None) -> Earlier:
    if ride.state is not _COMPLETE:
        return Earlier(
            earlier.day, earlier.month, earlier.day_paid, earlier.month_paid, "", "", None, 0,
            earlier.week_paid,
        )  # fmt: skip
    return Earlier(
        earlier.day, earlier.month,
        paid_more(earlier.day_paid, ride.product, amount),
        paid_more(earlier.month_paid, ride.product, amount),
        ride.product, ride.line, ride.end_ts, transfers,
        paid_more(earlier.week_paid, ride.product, amount), way,
    )  # fmt: skip


# To look up a member of an enumeration in its class takes as long as to compare it.
_COMPLETE = RideState.COMPLETE


def rate(
    tariffs: Tariffs, earlier: Earlier, rides: Iterable[Ride]
) -> Iterator[tuple[Price, Earlier]]:
    """The prices of one account's rides in order of (start_ts, ride_id), each with its carry.

    A ride is priced by the version in force at its start. `earlier` is the carry of the ride
    before the first, or `NOTHING_EARLIER`.
    """
    for ride in rides:
        priced, earlier = price(tariffs.at(ride.start_ts), earlier, ride)
        yield priced, earlier


class Difference(Struct, frozen=True):
    """One ride whose price is another than before; None where it had or has none."""

    ride_id: UUID
    before: Price | None
    after: Price | None

    @property
    def amount(self) -> int:
        """What is to be charged more, or, below zero, given back."""
        before = self.before.amount if self.before else 0
        return (self.after.amount if self.after else 0) - before


def differences(before: Sequence[Price], after: Sequence[Price]) -> tuple[Difference, ...]:
    """The rides whose price changed, in its amount or in its reasons: first those of `after`."""
    old = {priced.ride_id: priced for priced in before}
    new = {priced.ride_id for priced in after}
    changed = [
        Difference(priced.ride_id, old.get(priced.ride_id), priced)
        for priced in after
        if old.get(priced.ride_id) != priced
    ]
    gone = [
        Difference(priced.ride_id, priced, None) for priced in before if priced.ride_id not in new
    ]
    return (*changed, *gone)
