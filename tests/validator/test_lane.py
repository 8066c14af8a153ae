"""A lane through any sequence of readings, against a model that forgets nothing.

The model knows how each code was made and never reads its bytes; it keeps every passage in a list
and shares no line with the room.
"""

from dataclasses import dataclass
from typing import Final, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from ridecode.core import TapKind, Verdict
from ridecode.validator import (
    Bundle,
    ClockSet,
    Decision,
    DenyList,
    Effect,
    Memory,
    Passed,
    Place,
    PlaceRules,
    decide,
)
from tests.code import forge
from tests.validator.lane import BUS, GATE, NOW, S, bundle, rules

ACCOUNTS: Final = tuple(f"310517000000000000{n}" for n in range(4))
PLACES: Final = (BUS, GATE, replace(GATE, kind=TapKind.EXIT))
GATES: Final = PlaceRules(passback_s=40, companion_s=5)
RULES: Final = rules(
    places={
        ("bus", TapKind.SINGLE): PlaceRules(passback_s=30, companion_s=10, companions=1),
        ("metro", TapKind.ENTRY): GATES,
        ("metro", TapKind.EXIT): GATES,
    }
)


@dataclass(eq=False)
class Shown:
    """A code and how it was made."""

    account: str
    made_s: int
    validity_s: int
    forged: bool
    data: bytes

    def with_format_byte(self, value: int) -> bytes:
        return self.data[:-65] + bytes((value,)) + self.data[-64:]


@dataclass
class Passage:
    """A code that the lane accepted, as the model keeps it."""

    code: Shown
    ts: int
    where: tuple[str, TapKind]
    party: int


def show(account: str, made_s: int, validity_s: int, *, forged: bool = False) -> Shown:
    data = forge.build(
        {
            "field_5": bytes.fromhex(account + "f"),
            "field_12": validity_s.to_bytes(2, "big"),
            "field_16": made_s.to_bytes(4, "big"),
            "key_17": forge.OTHER if forged else forge.RIDER,
        }
    )
    return Shown(account, made_s, validity_s, forged, data)


class Model:
    """What a lane with no bounds and no haste would say."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.denied: set[str] = set()
        self.clock_set = NOW
        self.bundle_made = NOW

    def verdict(self, code: Shown, place: Place, now: int) -> Verdict:
        prior = [p for p in self.passages if p.code is code]
        mine = [p for p in self.passages if p.code.account == code.account]
        if not self.clock_is_good(now):
            return Verdict.CLOCK_UNTRUSTED
        if now > self.bundle_made + 86_400 * S:
            return Verdict.BUNDLE_EXPIRED
        if prior and now - prior[-1].ts < 2 * S:
            return Verdict.DEBOUNCED
        if code.made_s > now // S + 20:
            return Verdict.NOT_YET_VALID
        if code.made_s + code.validity_s < now // S:
            return Verdict.CODE_EXPIRED
        if code.forged:
            return Verdict.USER_SIGNATURE
        if code.account in self.denied:
            return Verdict.DENIED
        return self.again(code, place, now, bool(prior), mine[-1]) if mine else Verdict.ACCEPTED

    def clock_is_good(self, now: int) -> bool:
        known = [self.clock_set, self.bundle_made, *(p.ts for p in self.passages)]
        lately = now <= self.clock_set + 3_600 * S
        return lately and all(now >= moment - 2 * S for moment in known)

    def again(self, code: Shown, place: Place, now: int, seen: bool, last: Passage) -> Verdict:
        if now - last.ts < 2 * S:
            return Verdict.DEBOUNCED
        if seen or code.made_s == last.code.made_s:
            return Verdict.SAME_CODE
        if code.made_s < last.code.made_s:
            return Verdict.CODE_TIME_BACKWARDS
        if last.where != (place.spot, place.kind):
            return Verdict.ACCEPTED
        at_the_bus = place is BUS
        if now - last.ts < (10 if at_the_bus else 5) * S:
            follows = last.party < (1 if at_the_bus else 0)
            return Verdict.ACCEPTED if follows else Verdict.COMPANION_NOT_ALLOWED
        soon = now - last.ts < (30 if at_the_bus else 40) * S
        return Verdict.PASSBACK if soon else Verdict.ACCEPTED

    def note(self, code: Shown, place: Place, now: int) -> None:
        where = (place.spot, place.kind)
        last = next((p for p in self.passages[::-1] if p.code.account == code.account), None)
        window = (10 if place is BUS else 5) * S
        follows = last is not None and last.where == where and now - last.ts < window
        party = last.party + 1 if last is not None and follows else 0
        self.passages.append(Passage(code, now, where, party))


class Lane(RuleBasedStateMachine):
    """Time passes, codes are made, shown, shown again and forged; the device restarts."""

    most = 10_000

    @initialize()
    def start(self) -> None:
        self.now = NOW
        self.model = Model()
        self.journal: list[Effect] = []
        self.memory = Memory(self.most)
        self.codes: list[Shown] = []
        self.trusted = self.new_bundle()
        self.set_clock()

    def new_bundle(self) -> Bundle:
        self.model.bundle_made = self.now
        return bundle(rules=RULES, made=self.now, denied=DenyList(self.model.denied))

    @rule()
    def set_clock(self) -> None:
        self.remember((ClockSet(self.now),))
        self.model.clock_set = self.now

    @rule(us=st.integers(0, 12 * S))
    def a_moment_passes(self, us: int) -> None:
        self.now += us

    @rule(seconds=st.sampled_from([30, 61, 300, 1_300, 3_000]))
    def a_while_passes(self, seconds: int) -> None:
        self.now += seconds * S

    @rule(us=st.integers(0, 3 * S))
    def the_clock_jumps_back(self, us: int) -> None:
        self.now -= us

    @rule(account=st.sampled_from(ACCOUNTS))
    def an_account_is_denied(self, account: str) -> None:
        self.model.denied.add(account)
        self.trusted = self.new_bundle()

    @rule(account=st.sampled_from(ACCOUNTS))
    def an_account_is_let_in_again(self, account: str) -> None:
        self.model.denied.discard(account)
        self.trusted = self.new_bundle()

    @rule(
        account=st.sampled_from(ACCOUNTS),
        place=st.sampled_from(PLACES),
        offset_s=st.sampled_from([-61, -30, -2, -1, 0, 0, 0, 1, 20, 21]),
        validity_s=st.sampled_from([0, 30, 60]),
        forged=st.sampled_from([False, False, False, True]),
    )
    def a_new_code_is_shown(
        self, account: str, place: Place, offset_s: int, validity_s: int, forged: bool
    ) -> None:
        code = show(account, self.now // S + offset_s, validity_s, forged=forged)
        self.codes.append(code)
        self.read(code, code.data, place)

    @precondition(lambda self: self.codes)
    @rule(pick=st.integers(0, 6), value=st.integers(0, 255), place=st.sampled_from(PLACES))
    def a_code_is_shown_again(self, pick: int, value: int, place: Place) -> None:
        code = self.codes[-1 - pick % len(self.codes)]
        self.read(code, code.with_format_byte(value), place)

    @rule()
    def the_device_restarts(self) -> None:
        kept = msgspec.msgpack.decode(msgspec.msgpack.encode(self.journal), type=list[Effect])
        self.memory = Memory(self.most)
        self.memory.keep(kept)

    def read(self, code: Shown, data: bytes, place: Place) -> None:
        decision = decide(self.trusted, self.memory, data, place, self.now)
        assert decision == decide(self.trusted, self.memory, data, place, self.now)
        self.judge(decision, code, place)
        if decision.verdict is Verdict.ACCEPTED:
            self.model.note(code, place, self.now)
        self.remember(decision.remember)

    def judge(self, decision: Decision, code: Shown, place: Place) -> None:
        assert decision.verdict is self.model.verdict(code, place, self.now)

    def remember(self, effects: tuple[Effect, ...]) -> None:
        self.journal += effects
        self.memory.keep(effects)

    @invariant()
    def no_code_passed_twice_or_late_or_forged(self) -> None:
        passages = self.model.passages
        assert len({id(p.code) for p in passages}) == len(passages)
        for passage in passages:
            code, at_s = passage.code, passage.ts // S
            assert code.made_s - 20 <= at_s <= code.made_s + code.validity_s
            assert not code.forged

    @invariant()
    def no_account_passed_with_an_older_code(self) -> None:
        for account in ACCOUNTS:
            made = [p.code.made_s for p in self.model.passages if p.code.account == account]
            assert made == sorted(set(made))

    @invariant()
    def the_memory_keeps_its_bound(self) -> None:
        assert len(self.memory) <= self.most


class CrowdedLane(Lane):
    """Remembers two accounts of four: it may refuse more than the model, never less."""

    most = 2

    def judge(self, decision: Decision, code: Shown, place: Place) -> None:
        model = self.model.verdict(code, place, self.now)
        at_most_once = (Verdict.DEBOUNCED, Verdict.SAME_CODE, Verdict.CODE_TIME_BACKWARDS)
        forgotten = (Verdict.PASSBACK, Verdict.COMPANION_NOT_ALLOWED)
        if decision.verdict is Verdict.ACCEPTED:
            assert model in (Verdict.ACCEPTED, *forgotten, Verdict.DEBOUNCED)
        elif decision.verdict is not model:
            assert decision.verdict in (*at_most_once, *forgotten)


SETTINGS: Final = settings(max_examples=60, stateful_step_count=40)
TestLane = Lane.TestCase
TestLane.settings = SETTINGS
TestCrowdedLane = CrowdedLane.TestCase
TestCrowdedLane.settings = SETTINGS

ISSUERS: Final = ("01011000", "02215840", "02002900")
Reading = tuple[int, int, Literal[0x80, 0x81]]
"""Index of the issuer, validity in seconds, version."""


@settings(max_examples=40)
@given(
    st.permutations(ISSUERS),
    st.dictionaries(st.tuples(st.integers(0, 2), st.sampled_from([0x80, 0x81])),
                    st.sampled_from([30, 60])),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([30, 60]),
                       st.sampled_from([0x80, 0x81])), min_size=1, max_size=6),
)  # fmt: skip
def test_permuting_the_names_of_issuers_permutes_the_verdicts(
    names: list[str], accepted: dict[tuple[int, int], int], readings: list[Reading]
) -> None:
    """No issuer has a privilege: renamed in bundle and codes alike, each gets what it got."""
    assert _verdicts(names, accepted, readings) == _verdicts(list(ISSUERS), accepted, readings)


def _verdicts(
    names: list[str], accepted: dict[tuple[int, int], int], readings: list[Reading]
) -> list[Verdict]:
    origins = {(names[who], "00000001", v): longest for (who, v), longest in accepted.items()}
    judged, memory, told = bundle(rules=rules(accepted=origins)), Memory(), []
    memory.keep([ClockSet(NOW)])
    for n, (who, validity_s, version) in enumerate(readings):
        number = bytes.fromhex(names[who])
        data = forge.build(
            {
                "field_1": bytes((version,)),
                "item_5": number,
                "field_6": number,
                "field_5": bytes.fromhex(ACCOUNTS[n % 4] + "f"),
                "field_12": validity_s.to_bytes(2, "big"),
            }
        )
        decision = decide(judged, memory, data, BUS, NOW + n * S)
        memory.keep(decision.remember)
        told.append(decision.verdict)
    return told


def test_effects_are_plain_values() -> None:
    effects: list[Effect] = [
        Passed(ACCOUNTS[0], b"\x00" * 16, 1, 2, "a", TapKind.EXIT, 3, 4),
        ClockSet(5),
    ]
    for wire in (msgspec.msgpack, msgspec.json):
        assert wire.decode(wire.encode(effects), type=list[Effect]) == effects


@pytest.mark.parametrize("most", [1, 2, 3, 10_000])
def test_however_small_the_memory_a_code_passes_once(most: int) -> None:
    """Five riders, then the five codes again: what was forgotten is refused by its time."""
    memory = Memory(most)
    memory.keep([ClockSet(NOW)])
    codes = [show(f"310517000000000001{n}", NOW // S + n, 60) for n in range(5)]
    told = []
    for n, code in enumerate((*codes, *codes)):
        decision = decide(bundle(), memory, code.data, BUS, NOW + (5 + n) * S)
        memory.keep(decision.remember)
        told.append(decision.verdict.accepted)
    assert told == [True] * 5 + [False] * 5
    assert len(memory) == min(most, 5)
