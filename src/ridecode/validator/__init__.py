"""The judgement at a reader: may this code pass, at this place, now, with no network?

In: a `Bundle` (what the reader trusts), the lane's `Memory`, a scanner's bytes, a `Place` and the
time as an argument (UTC epoch microseconds). Out: a frozen `Decision`: one closed `core.Verdict`,
the `Tap` that says so, and the effects to remember. Never: a clock (but to measure itself), a
network connection, a rule that asks for a mode, or a memory of a code whose signatures were not
good.
"""

from ridecode.validator.bench import bench_decide
from ridecode.validator.bundle import Bundle, make_bundle
from ridecode.validator.decide import Decision, decide
from ridecode.validator.deny import DenyList
from ridecode.validator.memory import ClockSet, Effect, Memory, Passed
from ridecode.validator.place import Place
from ridecode.validator.rules import ClockRules, PlaceRules, Rules, read_rules

__all__ = [
    "Bundle",
    "ClockRules",
    "ClockSet",
    "Decision",
    "DenyList",
    "Effect",
    "Memory",
    "Passed",
    "Place",
    "PlaceRules",
    "Rules",
    "bench_decide",
    "decide",
    "make_bundle",
    "read_rules",
]
