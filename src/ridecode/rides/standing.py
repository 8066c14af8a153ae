"""Which taps of an account stand, before rides are made of them. Pure: no clock, no I/O.

In the order of (ts, tap_id), so that it does not matter in which order they came:

1.  Of the taps of one code (of one `code_time`) the first that stands is the only one. Another
    reader's is SAME_CODE: somebody has a picture of the code. One of a reader that told the code
    before is READ_AGAIN: no honest reader lets a code through twice, so it says nothing of the
    rider.
2.  A tap that nobody can have reached from the last standing one, in a straight line at the city's
    top speed and with the two devices' clocks apart by as much as the pack allows, is TWO_PLACES.
3.  A tap whose place is not known is passed over by rule 2, and so is one of a card company's file:
    its card is in one hand, and the clocks of its readers are not ours.
4.  A tap that the rider supplied is judged, but none is judged by it.
5.  Across a pause longer than `MatchingRules.silence` nothing is remembered, as in matching.

What is set aside is kept with its reason and the tap that it is set aside against. Which of two
places the rider was at cannot be known from the taps; the first stands.
"""

from collections.abc import Sequence
from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from ridecode.core import Tap, TapSource, Words
from ridecode.rides.reach import Reach
from ridecode.rides.rules import MatchingRules


class Why(IntEnum):
    """Why an accepted tap does not stand."""

    SAME_CODE = 1
    """Its code opened another reader before."""
    TWO_PLACES = 2
    """Nobody gets there so soon."""
    READ_AGAIN = 3
    """Its reader told the same code before."""

    @property
    def words(self) -> Words:
        """What is wrong with the tap."""
        return _WORDS[self]


_WORDS = {
    Why.SAME_CODE: Words(zh="同码重复", en="the same code again"),
    Why.TWO_PLACES: Words(zh="两地同现", en="in two places at once"),
    Why.READ_AGAIN: Words(zh="同机重报", en="told again by its reader"),
}


class Aside(Struct, frozen=True, gc=False):
    """An accepted tap that is in no ride."""

    tap: Tap
    why: Why
    against: UUID
    """The standing tap beside which it cannot stand."""


_IMPORT, _VALIDATOR = TapSource.IMPORT, TapSource.VALIDATOR


def sift(
    taps: Sequence[Tap], rules: MatchingRules, reach: Reach
) -> tuple[Sequence[Tap], list[Aside]]:
    """The taps of one account that stand, and those that do not; given in order of (ts, tap_id).

    Every tap is in exactly one of the two.
    """
    aside: list[Aside] = []
    codes: dict[int, Tap] = {}
    readers: dict[int, set[str]] = {}
    """Of codes that came more than once, who told them."""
    silence, clocks_apart = rules.silence, rules.clocks_apart
    place, soonest, longest = reach.place, reach.soonest, reach.longest
    last: Tap | None = None
    last_at = ""
    before = 0
    for tap in taps:
        ts = tap.ts
        if ts - before > silence:
            last = None
            codes.clear()
            readers.clear()
        before = ts
        code = tap.code_time
        if code and code in codes:
            first = codes[code]
            told_by = readers.setdefault(code, {first.validator})
            why = Why.READ_AGAIN if tap.validator in told_by else Why.SAME_CODE
            told_by.add(tap.validator)
            aside.append(Aside(tap, why, first.tap_id))
            continue
        source = tap.source
        at = place(tap) if source is not _IMPORT else ""
        if at:
            if last is not None and at != last_at:
                took = ts - last.ts + clocks_apart
                if took < longest and took < soonest(last_at, at):
                    aside.append(Aside(tap, Why.TWO_PLACES, last.tap_id))
                    continue
            if source is _VALIDATOR:
                last, last_at = tap, at
        if code:
            codes[code] = tap
    if not aside:
        return taps, aside
    gone = {one.tap.tap_id for one in aside}
    return [tap for tap in taps if tap.tap_id not in gone], aside
