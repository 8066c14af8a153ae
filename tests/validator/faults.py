"""Every rule of a place as a case: a good reading, one thing changed, one verdict."""

from dataclasses import dataclass, field
from typing import Any, Final

from ridecode.core import TapKind, Verdict
from ridecode.validator import Bundle, DenyList, Memory, Place, decide
from tests.code import forge
from tests.validator.lane import (
    ACCOUNT,
    BUS,
    NOW,
    NOW_S,
    STALE,
    S,
    accepting,
    bundle,
    lane,
    name,
    passed,
    rules,
)

SELF: Final = b"this very code.."
"""Stands for the name of the code that is read."""


@dataclass(frozen=True)
class Fault:
    """A good reading with some things changed, and what must become of it."""

    comment: str
    verdict: Verdict
    code: dict[str, bytes] = field(default_factory=dict)
    bundle: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    """Of the account's last accepted code."""
    lane: dict[str, Any] = field(default_factory=dict)
    """Attributes of the memory."""
    early: bool = False
    """Asked before trust."""

    def situation(self) -> tuple[Bundle, Memory, bytes]:
        read = forge.build(self.code)
        memory = lane()
        if self.last:
            named = {"code": name(read)} if self.last.get("code") == SELF else {}
            memory.keep([passed(**(self.last | named))])
        for key, value in self.lane.items():
            setattr(memory, key, value)
        return bundle(**self.bundle), memory, read

    def verdict_at(self, place: Place = BUS, now: int = NOW) -> Verdict:
        judged, memory, read = self.situation()
        return decide(judged, memory, read, place, now).verdict


def _accepting(accepted: dict[tuple[str, str, int], int]) -> dict[str, Any]:
    return {"rules": rules(accepted=accepted)}


def _beginning(iin: str) -> dict[str, Any]:
    return {"rules": rules(iins={"01011000": iin})}


def _costing(fare: int) -> dict[str, Any]:
    return {"single_fare": {"bus": fare}}


_V = Verdict
HERE: Final = {"made_s": NOW_S - 100}
"""The last code was older, so that its time is in order."""

FAULTS: Final = (
    Fault("clock never set", _V.CLOCK_UNTRUSTED, lane={"clock_set": None}),
    Fault("clock set an hour and a moment ago", _V.CLOCK_UNTRUSTED,
          lane={"clock_set": NOW - 3_600 * S - 1}),
    Fault("clock more than 2 s behind its setting", _V.CLOCK_UNTRUSTED,
          lane={"clock_set": NOW + 2 * S + 1}),
    Fault("clock more than 2 s behind the last passing", _V.CLOCK_UNTRUSTED,
          lane={"latest": NOW + 2 * S + 1}),
    Fault("clock more than 2 s behind the bundle", _V.CLOCK_UNTRUSTED,
          bundle={"made": NOW + 2 * S + 1}),
    Fault("bundle a day and a moment old", _V.BUNDLE_EXPIRED,
          bundle={"made": NOW - 86_400 * S - 1}),
    Fault("this code passed a moment ago", _V.DEBOUNCED, early=True,
          last={"code": SELF, "made_s": NOW_S, "ts": NOW - 2 * S + 1}),
    Fault("nobody is accepted", _V.ISSUER_NOT_ACCEPTED, bundle=_accepting({})),
    Fault("issuer accepted on another platform", _V.ISSUER_NOT_ACCEPTED,
          bundle=_accepting({("01011000", "00000002", 0x80): 60})),
    Fault("issuer accepted in another version", _V.ISSUER_NOT_ACCEPTED,
          bundle=_accepting({("01011000", "00000001", 0x83): 60})),
    Fault("another issuer accepted", _V.ISSUER_NOT_ACCEPTED,
          bundle=_accepting({("02002900", "00000001", 0x80): 60})),
    Fault("the issuer's accounts begin otherwise", _V.ACCOUNT_NOT_OF_ISSUER,
          bundle=_beginning("31051701")),
    Fault("an issuer of another city on a stale bundle", _V.STALE_ISSUER,
          bundle={"made": STALE, "rules": rules(home="02002900")}),
    Fault("59 s of validity accepted", _V.VALIDITY_NOT_ACCEPTED, bundle=_accepting(accepting(59))),
    Fault("account denied", _V.DENIED, bundle={"denied": DenyList([ACCOUNT])}),
    Fault("fare above the limit of 2000", _V.LIMIT_EXCEEDED, bundle=_costing(2_001)),
    Fault("fare above what a stale bundle allows", _V.STALE_LIMIT,
          bundle={"made": STALE, **_costing(1_001)}),
    Fault("account passed a moment ago", _V.DEBOUNCED, last={**HERE, "ts": NOW - 2 * S + 1}),
    Fault("this code passed", _V.SAME_CODE,
          last={"code": SELF, "made_s": NOW_S, "ts": NOW - 3_600 * S}),
    Fault("another code of this second passed", _V.SAME_CODE, last={"made_s": NOW_S}),
    Fault("a code made a second later passed", _V.CODE_TIME_BACKWARDS, last={"made_s": NOW_S + 1}),
    Fault("the lane may have forgotten", _V.CODE_TIME_BACKWARDS, lane={"floor_s": NOW_S}),
    Fault("passed here within 300 s", _V.PASSBACK, last={**HERE, "ts": NOW - 300 * S + 1}),
    Fault("third companion", _V.COMPANION_NOT_ALLOWED,
          last={**HERE, "ts": NOW - 60 * S + 1, "party": 2}),
)  # fmt: skip

EDGES: Final = (
    Fault("nothing changed", _V.ACCEPTED),
    Fault("clock set an hour ago", _V.ACCEPTED, lane={"clock_set": NOW - 3_600 * S}),
    Fault("clock 2 s behind its setting", _V.ACCEPTED, lane={"clock_set": NOW + 2 * S}),
    Fault("clock 2 s behind the last passing", _V.ACCEPTED, lane={"latest": NOW + 2 * S}),
    Fault("clock 2 s behind the bundle", _V.ACCEPTED, bundle={"made": NOW + 2 * S}),
    Fault("bundle a day old", _V.ACCEPTED, bundle={"made": NOW - 86_400 * S}),
    Fault("the issuer's accounts begin so", _V.ACCEPTED, bundle=_beginning("31051700")),
    Fault("nothing known of how its accounts begin", _V.ACCEPTED,
          bundle={"rules": rules(iins={"02002900": "31051701"})}),
    Fault("an issuer of another city on a bundle just fresh", _V.ACCEPTED,
          bundle={"made": STALE + 1, "rules": rules(home="02002900")}),
    Fault("fare just what a stale bundle allows", _V.ACCEPTED,
          bundle={"made": STALE, **_costing(1_000)}),
    Fault("fare above what a stale bundle allows, on one just fresh", _V.ACCEPTED,
          bundle={"made": STALE + 1, **_costing(1_001)}),
    Fault("60 s of validity accepted", _V.ACCEPTED, bundle=_accepting(accepting(60))),
    Fault("next account denied", _V.ACCEPTED,
          bundle={"denied": DenyList(["3105170000000000000", "3105170000000000002"])}),
    Fault("fare just the limit of 2000", _V.ACCEPTED, bundle=_costing(2_000)),
    Fault("fare free, limit 0", _V.ACCEPTED, {"field_9": bytes(3)}, _costing(0)),
    Fault("no flat price known", _V.ACCEPTED, {"field_9": bytes(3)}, {"single_fare": {}}),
    Fault("this code passed 2 s ago", _V.SAME_CODE,
          last={"code": SELF, "made_s": NOW_S, "ts": NOW - 2 * S}),
    Fault("first companion 2 s after the rider", _V.ACCEPTED, last={**HERE, "ts": NOW - 2 * S}),
    Fault("second companion, just in time", _V.ACCEPTED,
          last={**HERE, "ts": NOW - 60 * S + 1, "party": 1}),
    Fault("third companion, but at another vehicle", _V.ACCEPTED,
          last={**HERE, "ts": NOW - 10 * S, "party": 2, "spot": "v8"}),
    Fault("a companion after 60 s comes back", _V.PASSBACK, last={**HERE, "ts": NOW - 60 * S}),
    Fault("back after 300 s", _V.ACCEPTED, last={**HERE, "ts": NOW - 300 * S}),
    Fault("passed here the other way", _V.ACCEPTED,
          last={**HERE, "ts": NOW - 100 * S, "kind": TapKind.EXIT}),
    Fault("a code made a second earlier passed", _V.ACCEPTED, last={"made_s": NOW_S - 1}),
    Fault("forgotten up to the second before", _V.ACCEPTED, lane={"floor_s": NOW_S - 1}),
)  # fmt: skip
