"""What every room speaks of: money, time, ids, verdicts, errors, and the facts of the road.

In: nothing. Out: frozen values. Never: I/O, a clock, or knowledge of any other room.
"""

from ridecode.core import chain, device
from ridecode.core.bar import Bar
from ridecode.core.chain import tap_digest
from ridecode.core.collector import collecting_rarely
from ridecode.core.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RidecodeError,
    UnavailableError,
)
from ridecode.core.facts import (
    Journey,
    Line,
    Mode,
    Price,
    Ride,
    RideState,
    Tap,
    TapKind,
    TapSource,
)
from ridecode.core.ids import derived_id, first_id, moment_near, moment_of, new_id
from ridecode.core.pace import hash_ns
from ridecode.core.progress import Progress, unseen
from ridecode.core.time import (
    HOUR,
    MICROS,
    BusinessCalendar,
    day_name,
    day_named,
    from_iso,
    to_iso,
)
from ridecode.core.verdict import Verdict
from ridecode.core.words import Words

__all__ = [
    "HOUR",
    "MICROS",
    "BadInputError",
    "Bar",
    "BusinessCalendar",
    "ConflictError",
    "Journey",
    "Line",
    "Mode",
    "NotFoundError",
    "Price",
    "Progress",
    "RefusedError",
    "Ride",
    "RideState",
    "RidecodeError",
    "Tap",
    "TapKind",
    "TapSource",
    "UnavailableError",
    "Verdict",
    "Words",
    "chain",
    "collecting_rarely",
    "day_name",
    "day_named",
    "derived_id",
    "device",
    "first_id",
    "from_iso",
    "hash_ns",
    "moment_near",
    "moment_of",
    "new_id",
    "tap_digest",
    "to_iso",
    "unseen",
]
