"""What `ridecode doctor` finds: one thing looked at, and what to do about it."""

from msgspec import Struct

from ridecode.core import RidecodeError


class Finding(Struct, frozen=True):
    """One thing looked at. A finding that is not `good` has a remedy; `needed` ones stop work."""

    what: str
    found: str
    good: bool
    needed: bool = True
    remedy: str = ""


def ailing(what: str, error: RidecodeError) -> Finding:
    """What keeps something from working, as it would say itself."""
    return Finding(what, error.what, good=False, remedy=error.remedy or "See docs/running.md.")
