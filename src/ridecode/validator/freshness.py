"""How old is what a reader trusts, and what may still pass on it.

Three states by the time since the centre last vouched for the bundle: fresh, stale, expired. Each
of the last two has its rules in the pack; a day without network is stale and never closed:

    [validator.freshness]          when a bundle is stale, and when it has expired
    [validator.freshness.stale]    who may pass then, for how much, and what riders are told
    [validator.freshness.expired]
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from ridecode.city import Section
from ridecode.core import MICROS, Verdict, Words

DAY_S: Final = 86_400


class Freshness(IntEnum):
    """The state of a bundle."""

    FRESH = 0
    STALE = 1
    EXPIRED = 2


class Accept(IntEnum):
    """Whose codes pass in a state."""

    NONE = 0
    HOME = 1
    """Those of the city's own card company."""
    ALL = 2
    """Those of every issuer that is accepted at all."""


class StateRules(Struct, frozen=True):
    """What may pass in a state; never asked at an exit, where nobody is kept inside."""

    accept: Accept
    fare_most: int | None = None
    """The most that a ride may cost, in the currency's smallest unit; None: as when fresh."""
    words: Words | None = None
    """What a rider is told who is refused for it; None: the verdict's own words."""


class FreshnessRules(Struct, frozen=True):
    """When a bundle is stale and expired, in seconds since it was vouched for, and what then."""

    stale_s: int = 21_600
    """3,600 to 86,400: a day without network is stale."""
    expired_s: int = 604_800
    """86,460 to 31,536,000: and it is not closed."""
    stale: StateRules = StateRules(Accept.ALL)
    expired: StateRules = StateRules(Accept.NONE)

    def state(self, made: int, now: int) -> Freshness:
        """Of a bundle that was vouched for at `made`; both UTC epoch microseconds."""
        age = now - made
        if age <= self.stale_s * MICROS:
            return Freshness.FRESH
        return Freshness.STALE if age <= self.expired_s * MICROS else Freshness.EXPIRED

    def at(self, state: Freshness) -> StateRules:
        """The rules of a state; a fresh bundle asks nothing more."""
        return (_FRESH, self.stale, self.expired)[state]

    def words(self, verdict: Verdict, state: Freshness) -> Words:
        """What a rider is told: the pack's words where the state refused, else the verdict's."""
        own = self.at(state).words if verdict in OF_A_STATE else None
        return own or verdict.words


_FRESH: Final = StateRules(Accept.ALL)
OF_A_STATE: Final = (Verdict.BUNDLE_EXPIRED, Verdict.STALE_ISSUER, Verdict.STALE_LIMIT)
"""The verdicts that a fresh bundle never gives."""


def read_freshness(validator: Section) -> FreshnessRules:
    """The rules of a pack's `[validator]`; `PackError` for a fault."""
    default = FreshnessRules()
    if not validator.has("freshness"):
        return default
    table = validator.table("freshness")
    read = FreshnessRules(
        stale_s=table.integer("stale_s", default.stale_s, least=3_600, most=DAY_S),
        expired_s=table.integer("expired_s", default.expired_s, least=DAY_S + 60, most=31_536_000),
        stale=_state(table, "stale", default.stale),
        expired=_state(table, "expired", default.expired),
    )
    table.done()
    return read


def _state(freshness: Section, key: str, default: StateRules) -> StateRules:
    if not freshness.has(key):
        return default
    table = freshness.table(key)
    read = StateRules(
        accept=table.choice("accept", Accept, default.accept),
        fare_most=table.integer("fare_most", least=0) if table.has("fare_most") else None,
        words=table.words("words") if table.has("words") else None,
    )
    table.done()
    return read
