"""May this code pass, here, now? One pure function, and the order in which it asks.

The first that fails is the verdict:

 1. the clock: set lately, not behind a moment known to be past (CLOCK_UNTRUSTED: every date hangs
    on it); then whether anything passes on a bundle so old (BUNDLE_EXPIRED), but at an exit
 2. the very code that was accepted in this lane a moment ago (DEBOUNCED: it was proven then, and
    an open gate says nothing new when the code expires in the rider's hand)
 3. trust without signatures, as `code.Verifier.examine` asks; a fault is told as `verify` would
    (10 to 30, the certificate's signature in its place)
 4. issuer, platform and version are accepted here (ISSUER_NOT_ACCEPTED), the account is one of the
    issuer's own (ACCOUNT_NOT_OF_ISSUER), and the issuer is accepted on a bundle so old
    (STALE_ISSUER)
 5. the claimed validity is no longer than accepted of them (VALIDITY_NOT_ACCEPTED)
 6. the signatures (20, 31 to 33), unless this very code was accepted in this lane before
 7. the account is not denied (DENIED)
 8. the ride's price, or the most it can be, is within field 9 (LIMIT_EXCEEDED) and within what a
    bundle so old allows (STALE_LIMIT); not at an exit
 9. another code of an account that passed a moment ago (DEBOUNCED)
10. the very code, or another of the account's made in the same second, has passed (SAME_CODE)
11. the code is older than the account's last one, or than what the lane can remember
    (CODE_TIME_BACKWARDS)
12. the account passed at this spot in this direction lately: within the time of a party as one
    companion too many (COMPANION_NOT_ALLOWED), later as coming back (PASSBACK)

What is cheap comes first and the signatures last, but for what a forger must not learn: whether
an account is denied (7) or has passed (9 to 12) is told only to a code whose signatures are good.
Steps 2, 6 and 10 may answer from memory without a signature because they know the code by its
`identity`, all of which was proven when it was accepted; nothing else is ever remembered.
"""

from hashlib import blake2b
from typing import Final

from msgspec import Struct

from ridecode.code import RideCode, Verified, parse, v1
from ridecode.core import MICROS, Tap, TapKind, Verdict, derived_id
from ridecode.validator.bundle import Bundle
from ridecode.validator.freshness import Accept, Freshness, StateRules
from ridecode.validator.memory import Effect, Memory, Passed
from ridecode.validator.place import Place
from ridecode.validator.rules import BACK_S_LONGEST, VALIDITY_S_LONGEST, PlaceRules

CODE_BYTES_KEPT: Final = 512
"""Of a reading, this much goes into the tap: any ride code whole (364 bytes at most), of anything
else enough to tell what it was. A scanner may deliver some kilobytes."""

Code = RideCode | v1.Code

_GO_ON: Final = Verdict.ACCEPTED
"""What a step answers that finds no fault."""


class Decision(Struct, frozen=True, gc=False):
    """What the lane is to do: tell the verdict, store the tap, remember the effects."""

    verdict: Verdict
    tap: Tap
    remember: tuple[Effect, ...]
    """For `Memory.keep`; empty unless the code was accepted."""


class _Reading(Struct, frozen=True):
    """One code at one place and moment, with what the lane knows of it."""

    bundle: Bundle
    code: Code
    name: bytes
    place: Place
    rules: PlaceRules
    now: int
    same: Passed | None
    """The very code, where it was accepted before."""
    last: Passed | None
    """The account's last accepted code."""
    floor_s: int
    state: StateRules
    """What passes on a bundle of this age."""


def decide(bundle: Bundle, memory: Memory, code: bytes, place: Place, now: int) -> Decision:
    """The decision on a scanner's bytes at `now`, UTC epoch microseconds.

    Nothing is changed: the same arguments give the same decision, id of the tap included.
    """
    examined = bundle.verifier.examine(code, now // MICROS)
    verdict = _clock(bundle, memory, now) or _age(bundle, place, now)
    if examined.code is None:
        verdict = verdict or examined.verdict
        return Decision(verdict, _tap(bundle, code, None, verdict, place, now), ())
    reading = _reading(bundle, memory, examined.code, place, now)
    verdict = verdict or _judge(reading, examined)
    if verdict.accepted:
        tap = _tap(bundle, code, reading.code, verdict, place, now)
        return Decision(verdict, tap, (_passed(reading),))
    # `examine` cuts fields without asking whether each is what it seems: `parse` asks.
    parsed = parse(code)
    read = None if isinstance(parsed, Verdict) else parsed
    return Decision(verdict, _tap(bundle, code, read, verdict, place, now), ())


def _reading(bundle: Bundle, memory: Memory, code: Code, place: Place, now: int) -> _Reading:
    name = blake2b(code.identity, digest_size=16).digest()
    rules = bundle.rules.at(place.product, place.kind)
    same, last = memory.code(name), memory.passage(code.card_account)
    state = _state(bundle, place, now)
    return _Reading(bundle, code, name, place, rules, now, same, last, memory.floor_s, state)


def _judge(reading: _Reading, examined: Verified) -> Verdict:
    """Steps 2 to 12."""
    return (
        _bounced(reading, reading.same)
        or _trust(reading, examined)
        or _denied(reading)
        or _limit(reading)
        or _bounced(reading, reading.last)
        or _made(reading)
        or _again(reading)
    )


def _clock(bundle: Bundle, memory: Memory, now: int) -> Verdict:
    """Step 1. A clock that nobody ever set is not trusted."""
    rules, since = bundle.rules.clock, memory.clock_set
    back = rules.back_s_most * MICROS
    trusted = (
        since is not None
        and now <= since + rules.free_s_most * MICROS
        and now >= max(since, bundle.made, memory.latest) - back
    )
    return _GO_ON if trusted else Verdict.CLOCK_UNTRUSTED


def _age(bundle: Bundle, place: Place, now: int) -> Verdict:
    """Step 1. A clock that has run far ahead looks the same."""
    closed = _state(bundle, place, now).accept is Accept.NONE
    return Verdict.BUNDLE_EXPIRED if closed else _GO_ON


def _state(bundle: Bundle, place: Place, now: int) -> StateRules:
    """The rules of the bundle's age. At an exit they are those of a fresh one."""
    rules = bundle.rules.freshness
    fresh = place.kind is TapKind.EXIT
    return rules.at(Freshness.FRESH if fresh else rules.state(bundle.made, now))


def _bounced(reading: _Reading, passed: Passed | None) -> Verdict:
    """Steps 2 and 9: within the debounce of what passed."""
    if passed is None or reading.now - passed.ts >= reading.bundle.rules.debounce_ms * 1_000:
        return _GO_ON
    return Verdict.DEBOUNCED


def _trust(reading: _Reading, examined: Verified) -> Verdict:
    """Steps 3 to 6."""
    verifier, rules = reading.bundle.verifier, reading.bundle.rules
    if examined.verdict is not _GO_ON:
        return verifier.prove(examined)
    origin = reading.bundle.origin(reading.code)
    longest_s = rules.accepted.get(origin)
    if longest_s is None:
        return Verdict.ISSUER_NOT_ACCEPTED
    issuer = origin[0]
    if not reading.code.card_account.startswith(rules.iins.get(issuer, "")):
        return Verdict.ACCOUNT_NOT_OF_ISSUER
    if reading.state.accept is Accept.HOME and issuer != rules.home:
        return Verdict.STALE_ISSUER
    if reading.code.validity_s > longest_s:
        return Verdict.VALIDITY_NOT_ACCEPTED
    return _GO_ON if reading.same is not None else verifier.prove(examined)


def _denied(reading: _Reading) -> Verdict:
    """Step 7."""
    denied = reading.code.card_account in reading.bundle.denied
    return Verdict.DENIED if denied else _GO_ON


def _limit(reading: _Reading) -> Verdict:
    """Step 8. Nobody is kept inside for a price; the V1 form names no limit."""
    place, code, allowed = reading.place, reading.code, reading.state.fare_most
    if place.kind is TapKind.EXIT:
        return _GO_ON
    fare = reading.bundle.single_fare.get(place.product) if place.kind is TapKind.SINGLE else None
    most = (reading.rules.fare_most if fare is None else fare) or 0
    if isinstance(code, RideCode) and most > code.limit_fen:
        return Verdict.LIMIT_EXCEEDED
    return Verdict.STALE_LIMIT if allowed is not None and most > allowed else _GO_ON


def _made(reading: _Reading) -> Verdict:
    """Steps 10 and 11. A second has one code an account: the centre's duplicates are keyed so."""
    made_s, last = reading.code.made_s, reading.last
    if reading.same is not None or (last is not None and last.made_s == made_s):
        return Verdict.SAME_CODE
    if made_s <= reading.floor_s or (last is not None and made_s < last.made_s):
        return Verdict.CODE_TIME_BACKWARDS
    return _GO_ON


def _again(reading: _Reading) -> Verdict:
    """Step 12."""
    last, rules = reading.last, reading.rules
    if last is None or not _is_here(last, reading.place):
        return _GO_ON
    if _in_party(reading, last):
        allowed = last.party < rules.companions
        return _GO_ON if allowed else Verdict.COMPANION_NOT_ALLOWED
    soon = reading.now - last.ts < rules.passback_s * MICROS
    return Verdict.PASSBACK if soon else _GO_ON


def _is_here(passed: Passed, place: Place) -> bool:
    return passed.kind is place.kind and passed.spot == place.spot


def _in_party(reading: _Reading, last: Passed) -> bool:
    return reading.now - last.ts < reading.rules.companion_s * MICROS


def _passed(reading: _Reading) -> Passed:
    """What the lane remembers of an accepted code."""
    code, place, rules, now, last = (
        reading.code, reading.place, reading.rules, reading.now, reading.last,
    )  # fmt: skip
    follows = last is not None and _is_here(last, place) and _in_party(reading, last)
    again = max(
        reading.bundle.rules.debounce_ms * 1_000,
        rules.companion_s * MICROS,
        rules.passback_s * MICROS,
    )
    # Any older code of the account has had its time by then, that of its last second included.
    stale = (code.made_s + VALIDITY_S_LONGEST + 1) * MICROS
    return Passed(
        account=code.card_account,
        code=reading.name,
        made_s=code.made_s,
        ts=now,
        spot=place.spot,
        kind=place.kind,
        party=last.party + 1 if last is not None and follows else 0,
        until=max(stale, now + again) + BACK_S_LONGEST * MICROS,
    )


def _tap(
    bundle: Bundle, data: bytes, code: Code | None, verdict: Verdict, place: Place, now: int
) -> Tap:
    """The tap of a reading; `code` is None where the bytes are no well-formed code."""
    read = f"{now}\0{bundle.city}\0{place.validator}\0{place.spot}\0{place.kind:d}\0".encode()
    return Tap(
        tap_id=derived_id(now, read + data),
        city=bundle.city,
        account="" if code is None else code.card_account,
        account_type=code.account_type if isinstance(code, RideCode) else 0,
        ts=now,
        kind=place.kind,
        mode=place.mode,
        product=place.product,
        operator=place.operator,
        line=place.line,
        stop=place.stop,
        validator=place.validator,
        vehicle=place.vehicle,
        verdict=verdict,
        code=data[:CODE_BYTES_KEPT],
        code_time=0 if code is None else code.made_s,
    )
