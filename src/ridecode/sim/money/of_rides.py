"""From taps to the books of fares: nothing ridden is lost, nothing is booked twice."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from ridecode.core import Verdict
from ridecode.money.ledger import Flow
from ridecode.sim.money.db import Seen
from ridecode.sim.money.truth import Truth


def taps_end_once(seen: Seen, truth: Truth) -> Iterator[str]:
    """Every accepted tap is in one ride, or stands aside; a refused one is in none."""
    ends = Counter(tap for ride in seen.rides for tap in ride if tap is not None)
    ends += Counter(seen.aside)
    for tap in truth.taps.values():
        wanted = int(tap.verdict is Verdict.ACCEPTED)
        if ends.pop(tap.tap_id, 0) != wanted:
            yield f"the tap {tap.tap_id} does not end in {wanted} places"
    for stranger in ends:
        yield f"the tap {stranger} was never made"


def books_follow_prices(seen: Seen, _: Truth) -> Iterator[str]:
    """What is booked of a ride is its price, in its own rider's account."""
    moved: Counter[tuple[UUID, str]] = Counter()
    for one in seen.lines:
        journal = one.journal
        if journal.flow is Flow.FARE:
            moved[journal.about, journal.debit] += journal.amount
        elif journal.flow is Flow.FARE_BACK:
            moved[journal.about, journal.credit] -= journal.amount
    prices = {(ride, account): fen for ride, (account, fen) in seen.prices.items()}
    booked = {(ride, account): fen for ride, (account, fen) in seen.booked.items()}
    for key in moved.keys() | prices.keys() | booked.keys():
        told = prices.get(key, 0), booked.get(key, 0), moved[key]
        if len(set(told)) != 1:
            yield "the ride {} of {} costs {}, {} are kept as booked, {} are booked".format(
                *key, *told
            )
