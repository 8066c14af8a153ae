"""What other terms would have done to readings that have been: asked before they are signed.

Every reading is judged twice, by the terms that are published and by the others, in the order of
time and with a memory of its own for each lane. Nothing else differs between the two, so what comes
out otherwise is the doing of the terms. A signature that the lane found good is not verified again.

Not asked is what hung on the lane and not on terms: a denied account, a clock that was not trusted,
a bundle that had grown old. Such a reading is refused by both; it counts, and nobody rode.

The envelope: two judgements of some 60 µs with what each reads and keeps, and a row of 10 µs. A
week of ten million rides a day is a hundred million readings or 3½ hours, so of a large city one
lane in so many is asked, whole: lanes know nothing of each other.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ridecode.code import Verified, Verifier
from ridecode.core import Tap, Verdict
from ridecode.validator.bundle import Bundle
from ridecode.validator.bundle_file import Terms, digest_of
from ridecode.validator.decide import decide
from ridecode.validator.deny import DenyList
from ridecode.validator.freshness import OF_A_STATE, Accept, FreshnessRules, StateRules
from ridecode.validator.memory import ClockSet, Memory
from ridecode.validator.place import Place
from ridecode.validator.rules import BACK_S_LONGEST, ClockRules


class Otherwise(Struct, frozen=True, order=True):
    """Readings that would have been answered otherwise."""

    product: str
    before: str
    after: str
    """Verdicts, by name."""
    readings: int


class Rejudged(Struct, frozen=True, kw_only=True):
    """Readings of a span (UTC epoch microseconds), judged by the terms that are and by others."""

    digest: str
    """Of the terms that were asked about (`digest_of`)."""
    since: int
    until: int
    one_in: int
    """Of so many lanes one was asked; 1: all."""
    lanes: int
    readings: int
    passed_before: int
    passed_after: int
    otherwise: tuple[Otherwise, ...]


_LANE: Final = frozenset({Verdict.DENIED, Verdict.CLOCK_UNTRUSTED, *OF_A_STATE})
"""What hung on the lane."""
_PROVEN: Final = frozenset({
    Verdict.ACCEPTED, Verdict.LIMIT_EXCEEDED, Verdict.DEBOUNCED, Verdict.SAME_CODE,
    Verdict.CODE_TIME_BACKWARDS, Verdict.PASSBACK, Verdict.COMPANION_NOT_ALLOWED,
})  # fmt: skip
"""What a lane says only to a code whose signatures are good."""
_EVER_S: Final = 10**11
_ALWAYS_FRESH: Final = FreshnessRules(_EVER_S, _EVER_S, StateRules(Accept.ALL))
_ANY_CLOCK: Final = ClockRules(back_s_most=BACK_S_LONGEST, free_s_most=_EVER_S)


def rejudge(
    before: Terms, after: Terms, readings: Iterable[Tap], *, since: int, until: int, one_in: int = 1
) -> Rejudged:
    """What both make of these readings, given in the order of time, each lane's whole."""
    judges = _Judge(before), _Judge(after)
    lanes, count, passed = set[str](), 0, [0, 0]
    otherwise: Counter[tuple[str, Verdict, Verdict]] = Counter()
    for tap in readings:
        count += 1
        lanes.add(tap.validator)
        if tap.verdict in _LANE:
            continue
        place = _place(tap)
        was, now = (judge.verdict(tap, place) for judge in judges)
        passed[0] += was.accepted
        passed[1] += now.accepted
        if was is not now:
            otherwise[tap.product, was, now] += 1
    return Rejudged(
        digest=digest_of(after),
        since=since,
        until=until,
        one_in=one_in,
        lanes=len(lanes),
        readings=count,
        passed_before=passed[0],
        passed_after=passed[1],
        otherwise=tuple(
            sorted(
                Otherwise(product, was.name, now.name, number)
                for (product, was, now), number in otherwise.items()
            )
        ),
    )


def _place(tap: Tap) -> Place:
    """Where it was read."""
    return Place(
        kind=tap.kind, mode=tap.mode, product=tap.product, operator=tap.operator, line=tap.line,
        stop=tap.stop, validator=tap.validator, vehicle=tap.vehicle,
    )  # fmt: skip


class _Judge:
    """One set of terms, and what each lane would remember under them."""

    def __init__(self, terms: Terms) -> None:
        rules = replace(terms.rules, freshness=_ALWAYS_FRESH, clock=_ANY_CLOCK)
        self._bundle = _Then(
            city="", version=0, made=0, roots=terms.roots, v1_keys=terms.v1_keys, rules=rules,
            denied=DenyList(), single_fare=terms.single_fare,
        )  # fmt: skip
        self._lanes: dict[str, Memory] = {}

    def verdict(self, tap: Tap, place: Place) -> Verdict:
        memory = self._lanes.get(tap.validator)
        if memory is None:
            memory = self._lanes[tap.validator] = Memory()
            memory.keep([ClockSet(0)])
        self._bundle.verifier.is_proven = tap.verdict in _PROVEN
        decision = decide(self._bundle, memory, tap.code, place, tap.ts)
        memory.keep(decision.remember)
        return decision.verdict


class _Recalling(Verifier):
    """Takes the lane's word for signatures that it found good."""

    is_proven = False

    def prove(self, examined: Verified) -> Verdict:
        return examined.verdict if self.is_proven else super().prove(examined)


class _Then(Bundle, frozen=True, kw_only=True, dict=True):
    @cached_property
    def verifier(self) -> _Recalling:
        return _Recalling(self.roots, v1_keys=self.v1_keys, test_roots=self.rules.test_roots)
