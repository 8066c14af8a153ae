"""Taps (刷码记录): every reading at a validator, kept once, by whatever road and however often.

In: sets of `core.Tap`; card companies' files, in formats that the city pack describes. Out: a
receipt for every tap; taps of an account, of a set of accounts, and whose taps are new.
Never: a ride, a price, or the loss of a row: what cannot be read or contradicts is kept as such.
"""

from ridecode.taps.bench import bench_record
from ridecode.taps.db import new_accounts, taps_of_accounts
from ridecode.taps.facts import Charged, Receipt
from ridecode.taps.format import formats, read_format
from ridecode.taps.importing import ImportReport, import_file
from ridecode.taps.reading import charged_of, tap, taps_of, totals
from ridecode.taps.recording import record
from ridecode.taps.rejects import RejectReason

__all__ = [
    "Charged",
    "ImportReport",
    "Receipt",
    "RejectReason",
    "bench_record",
    "charged_of",
    "formats",
    "import_file",
    "new_accounts",
    "read_format",
    "record",
    "tap",
    "taps_of",
    "taps_of_accounts",
    "totals",
]
