"""One lane with nothing wrong: a code of `tests.code.forge`, a bundle that trusts it, a bus reader.

A test changes one thing about it. Times are UTC: `NOW_S` in seconds, `NOW` in microseconds.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from msgspec.structs import replace

from ridecode.code import Root, TestRoots
from ridecode.core import Mode, TapKind
from ridecode.validator import (
    Accept,
    Bundle,
    ClockRules,
    ClockSet,
    DenyList,
    FreshnessRules,
    Memory,
    Passed,
    Place,
    PlaceRules,
    Rules,
    StateRules,
    Terms,
)
from ridecode.validator.rules import Origin
from tests.code import forge
from tests.code.world import ROOT_RECORDS, v1_key

S: Final = 1_000_000
NOW_S: Final = forge.MADE
NOW: Final = NOW_S * S
ACCOUNT: Final = "3105170000000000001"
ORIGIN: Final = ("01011000", "00000001", 0x80)
VERSIONS: Final = (0x80, 0x81, 0x82)
V1_ORIGIN: Final = ("01011000", "", 0x40)
BUS: Final = Place(
    kind=TapKind.SINGLE, mode=Mode.BUS, product="bus", operator="east", line="b1", stop="a",
    validator="r1", vehicle="v7",
)  # fmt: skip
GATE: Final = Place(
    kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="rail", line="m1", stop="a",
    validator="g1",
)  # fmt: skip
CLOCK: Final = ClockRules(back_s_most=2, free_s_most=3_600)
FRESHNESS: Final = FreshnessRules(
    stale_s=43_200, expired_s=86_400, stale=StateRules(Accept.HOME, fare_most=1_000)
)
STALE: Final = NOW - 43_200 * S - 1
"""A bundle made then is stale."""
PARTY: Final = PlaceRules(passback_s=300, companion_s=60, companions=2)
TARIFF: Final = "aa" * 16
ROOTS: Final = tuple(Root.parse(record) for record in ROOT_RECORDS.values())


def accepting(validity_s: int) -> dict[Origin, int]:
    """The issuer of the cases, in every version that they come in."""
    return {(*ORIGIN[:2], version): validity_s for version in VERSIONS} | {V1_ORIGIN: validity_s}


def rules(**changed: Any) -> Rules:
    """Debounce 2 s, validity to 60 s, a bus with two companions, all else by default."""
    good = Rules(
        debounce_ms=2_000,
        clock=CLOCK,
        accepted=accepting(60),
        iins={ORIGIN[0]: ACCOUNT[:8]},
        places={("bus", TapKind.SINGLE): PARTY},
        test_roots=TestRoots.REFUSED,
        home=ORIGIN[0],
        freshness=FRESHNESS,
    )
    return replace(good, **changed)


def bundle(**changed: Any) -> Bundle:
    """Knows the roots of the cases; made an hour before `NOW`."""
    good: dict[str, Any] = {
        "city": "tiny",
        "version": 1,
        "made": NOW - 3_600 * S,
        "roots": ROOTS,
        "v1_keys": (v1_key(),),
        "rules": rules(),
        "denied": DenyList(),
        "single_fare": {"bus": 200},
    }
    return Bundle(**(good | changed))


def terms(**changed: Any) -> Terms:
    """What such a bundle comes from, in force from `NOW` on."""
    good = Terms(
        active_from=NOW, roots=ROOTS, v1_keys=(v1_key(),), rules=rules(),
        single_fare={"bus": 200}, tariff=TARIFF,
    )  # fmt: skip
    return replace(good, **changed)


def lane(*passed: Passed, most: int = 10_000) -> Memory:
    """A memory whose clock was set a minute before `NOW`."""
    memory = Memory(most)
    memory.keep([ClockSet(NOW - 60 * S), *passed])
    return memory


def passed(**changed: Any) -> Passed:
    """The account passed this bus an hour ago with another, older code."""
    good = Passed(
        account=ACCOUNT, code=b"another code....", made_s=NOW_S - 3_600, ts=NOW - 3_600 * S,
        spot="v7", kind=TapKind.SINGLE, party=0, until=NOW + 86_400 * S,
    )  # fmt: skip
    return replace(good, **changed)


def name(code: bytes) -> bytes:
    """How a lane names a code: a hash of it with the unsigned format byte zeroed."""
    return blake2b(code[:-65] + b"\x00" + code[-64:], digest_size=16).digest()


def code(changes: Mapping[str, bytes] | None = None, *, made_s: int = NOW_S) -> bytes:
    """A good code, made at `made_s`, with parts replaced."""
    return forge.build({"field_16": made_s.to_bytes(4, "big"), **(changes or {})})
