"""The judgement at a reader: may this code pass, at this place, now, with no network?

In: a `Bundle` (what the reader trusts), the lane's `Memory`, a scanner's bytes, a `Place` and the
time as an argument (UTC epoch microseconds). Out: a frozen `Decision`: one closed `core.Verdict`,
the `Tap` that says so, and the effects to remember. Never: a clock (but to measure itself), a
network connection, a rule that asks for a mode, or a memory of a code whose signatures were not
good.
"""

from ridecode.validator.bench import bench_decide
from ridecode.validator.bundle import Bundle, make_bundle
from ridecode.validator.bundle_file import (
    BundleFile,
    Terms,
    digest_of,
    read_bundle,
    write_bundle,
)
from ridecode.validator.carrier import FolderCarrier, HttpCarrier
from ridecode.validator.decide import Decision, decide
from ridecode.validator.deny import DenyList
from ridecode.validator.deny_delta import DenyDelta, delta_between, read_delta
from ridecode.validator.exposure import Assumed, Bound, Exposure, Peril, exposure
from ridecode.validator.freshness import Accept, Freshness, FreshnessRules, StateRules
from ridecode.validator.memory import ClockSet, Effect, Memory, Passed, Snapshot
from ridecode.validator.newest_deny import DENY_FULL, DenyHead
from ridecode.validator.place import Place
from ridecode.validator.rejudge import Otherwise, Rejudged, rejudge
from ridecode.validator.rules import ClockRules, PlaceRules, Rules, read_rules
from ridecode.validator.trust import BUNDLE, VOUCHED, Outcome, Trust, Update
from ridecode.validator.whole import write_whole

__all__ = [
    "BUNDLE",
    "DENY_FULL",
    "VOUCHED",
    "Accept",
    "Assumed",
    "Bound",
    "Bundle",
    "BundleFile",
    "ClockRules",
    "ClockSet",
    "Decision",
    "DenyDelta",
    "DenyHead",
    "DenyList",
    "Effect",
    "Exposure",
    "FolderCarrier",
    "Freshness",
    "FreshnessRules",
    "HttpCarrier",
    "Memory",
    "Otherwise",
    "Outcome",
    "Passed",
    "Peril",
    "Place",
    "PlaceRules",
    "Rejudged",
    "Rules",
    "Snapshot",
    "StateRules",
    "Terms",
    "Trust",
    "Update",
    "bench_decide",
    "decide",
    "delta_between",
    "digest_of",
    "exposure",
    "make_bundle",
    "read_bundle",
    "read_delta",
    "read_rules",
    "rejudge",
    "write_bundle",
    "write_whole",
]
