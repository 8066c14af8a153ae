"""From taps to the books of fares: nothing ridden is lost, nothing is booked twice."""

from collections import Counter
from collections.abc import Iterator

from ridecode.core import Verdict
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
    prices = {(ride, account): fen for ride, (account, fen) in seen.prices.items() if fen}
    booked = {(ride, account): fen for ride, (account, fen) in seen.booked.items() if fen}
    for ride, account in prices.keys() | booked.keys():
        told = prices.get((ride, account), 0), booked.get((ride, account), 0)
        if told[0] != told[1]:
            yield "the ride {} of {} costs {}, {} are booked".format(ride, account, *told)
