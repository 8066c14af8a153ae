"""The centre's second look: every code verified whole, and what does not stand set aside.

In: ids of taps that await it, from the log. Out: taps that stand, taps in quarantine.
Never: a tap thrown away, or one let past the check of its code.
"""

from ridecode.taps.checks.checking import Checked, Checker
from ridecode.taps.checks.quarantine import quarantined, release

__all__ = ["Checked", "Checker", "quarantined", "release"]
