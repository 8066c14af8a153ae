"""Taps (刷码记录): every reading at a validator, kept once, by whatever road and however often.

In: signed batches of enrolled devices; sets of `core.Tap` that the centre itself vouches for; card
companies' files, in formats that the city pack describes. Out: a receipt for every tap; taps of an
account, of a set of accounts, and whose taps have come to stand; quarantine, devices, alarms.
Never: a ride, a price, or the loss of a row: what cannot be read, contradicts or cannot be is kept
as such.
"""

from ridecode.taps.bench import bench_ingest, bench_record
from ridecode.taps.checks import Checked, Checker, quarantined, release
from ridecode.taps.db import new_accounts, taps_of_accounts
from ridecode.taps.devices import (
    Alarm,
    AlarmKind,
    Device,
    HeartbeatSeen,
    Stand,
    alarms,
    all_devices,
    enrol,
    find_device,
    heartbeat,
    heartbeats,
    revoke,
)
from ridecode.taps.errors import OverloadedError, UnknownDeviceError
from ridecode.taps.facts import Answer, Charged, Quarantined, Receipt
from ridecode.taps.format import formats, read_format
from ridecode.taps.importing import ImportReport, import_file
from ridecode.taps.ingest import ARROW, JSON, Ingest, IngestState, to_arrow
from ridecode.taps.reading import charged_of, readings, readings_count, tap, taps_of, totals
from ridecode.taps.recording import record
from ridecode.taps.rejects import RejectReason
from ridecode.taps.suspicion import Suspicion

__all__ = [
    "ARROW",
    "JSON",
    "Alarm",
    "AlarmKind",
    "Answer",
    "Charged",
    "Checked",
    "Checker",
    "Device",
    "HeartbeatSeen",
    "ImportReport",
    "Ingest",
    "IngestState",
    "OverloadedError",
    "Quarantined",
    "Receipt",
    "RejectReason",
    "Stand",
    "Suspicion",
    "UnknownDeviceError",
    "alarms",
    "all_devices",
    "bench_ingest",
    "bench_record",
    "charged_of",
    "enrol",
    "find_device",
    "formats",
    "heartbeat",
    "heartbeats",
    "import_file",
    "new_accounts",
    "quarantined",
    "read_format",
    "readings",
    "readings_count",
    "record",
    "release",
    "revoke",
    "tap",
    "taps_of",
    "taps_of_accounts",
    "to_arrow",
    "totals",
]
