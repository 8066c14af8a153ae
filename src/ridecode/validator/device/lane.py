"""One lane, from a scanner's bytes to an open gate. The order is the promise:

1. more readings than the lane's pace allows are not judged at all (a flood costs no signatures)
2. `decide`, by the bundle and time of this moment
3. an accepted code is claimed at the station: where another gate let it through, it is `SAME_CODE`
4. the tap goes to the journal, on disk for an accepted one
5. only then the memory keeps the code, and the gate opens

A power cut after 4 and before the gate moved leaves a tap whose rider stayed outside: the centre
sees an entry without an exit, and the rider's next code may be told `PASSBACK` for its time.
"""

from collections.abc import Callable

from msgspec.structs import replace

from ridecode.core import MICROS, Tap, UnavailableError, Verdict, Words
from ridecode.validator.bundle import Bundle
from ridecode.validator.decide import Decision, decide
from ridecode.validator.device.actuator import CLOSED, TOO_FAST, Actuator, Signal, Sound
from ridecode.validator.device.clock import Clock
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.pace import Pace
from ridecode.validator.device.tiers import Tier, claim_of
from ridecode.validator.memory import Passed
from ridecode.validator.place import Place

Trusted = Callable[[int], Bundle | None]
"""The bundle in force at a moment (UTC epoch microseconds); None where there is none yet."""


class Lane:
    """For one thread."""

    def __init__(
        self,
        place: Place,
        journal: Journal,
        clock: Clock,
        bundle: Trusted,
        actuator: Actuator,
        station: Tier | None = None,
    ) -> None:
        self._place, self._journal, self._clock = place, journal, clock
        self._bundle, self._actuator, self._station = bundle, actuator, station
        self._pace = Pace()
        self.unjudged = 0
        """Readings that came faster than the lane's pace, or before it had a bundle."""
        self.unwritten = 0
        """Refused readings that a crowded journal left out."""

    def read(self, data: bytes) -> Signal:
        """Judge what the scanner saw and act; raises `UnavailableError` where the journal takes
        nothing more, after the lane was shown as closed."""
        began = self._clock.elapsed_us()
        try:
            signal = self._signal(data, began)
        except UnavailableError:
            self._actuator.act(Signal(False, Sound.OUT_OF_ORDER, CLOSED))
            raise
        self._actuator.act(replace(signal, took_us=self._clock.elapsed_us() - began))
        return signal

    def fault(self) -> Verdict | None:
        """Why no code at all would pass now: the clock, or the age of the bundle."""
        now, nothing = self._clock.now(), b""
        bundle = self._bundle(now)
        if bundle is None:
            return Verdict.BUNDLE_EXPIRED
        verdict = decide(bundle, self._journal.memory, nothing, self._place, now).verdict
        return None if verdict is Verdict.TOO_SHORT else verdict

    def _signal(self, data: bytes, began: int) -> Signal:
        now = self._clock.now()
        bundle = self._bundle(now)
        if bundle is None or not self._pace.allows(began / MICROS):
            self.unjudged += 1
            return Signal(False, Sound.REFUSED, CLOSED if bundle is None else TOO_FAST)
        decision = self._elsewhere(decide(bundle, self._journal.memory, data, self._place, now))
        tap = replace(decision.tap, bundle=bundle.version)
        written = self._journal.record(tap, decision.remember)
        if written is None:
            self.unwritten += 1
        return _shown(decision.verdict, written or tap, _words(bundle, decision.verdict, now))

    def _elsewhere(self, decision: Decision) -> Decision:
        """The decision, but for a code that another gate of the station let through."""
        if self._station is None or not decision.verdict.accepted:
            return decision
        for effect in decision.remember:
            if isinstance(effect, Passed):
                held = self._station.claim(claim_of(effect, self._place.validator))
                if held is not None:
                    refused = replace(decision.tap, verdict=Verdict.SAME_CODE)
                    return Decision(Verdict.SAME_CODE, refused, ())
        return decision


def _words(bundle: Bundle, verdict: Verdict, now: int) -> Words:
    freshness = bundle.rules.freshness
    return freshness.words(verdict, freshness.state(bundle.made, now))


def _shown(verdict: Verdict, tap: Tap, words: Words) -> Signal:
    if verdict.accepted:
        return Signal(True, Sound.PASS, words, verdict, tap.tap_id, tap.seq)
    if verdict is Verdict.DEBOUNCED:
        return Signal(False, Sound.NONE, None, verdict, tap.tap_id, tap.seq)
    return Signal(False, Sound.REFUSED, words, verdict, tap.tap_id, tap.seq)
