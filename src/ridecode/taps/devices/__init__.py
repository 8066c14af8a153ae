"""Devices: which there are, what each has told so far, and what does not fit together.

In: enrolments, revocations, signed heartbeats, the links of batches. Out: devices, alarms.
Never: a private key, or the judgement of a code.
"""

from ridecode.taps.devices.enrolment import enrol, revoke
from ridecode.taps.devices.facts import Alarm, AlarmKind, Device, HeartbeatSeen, Stand
from ridecode.taps.devices.pulse import heartbeat
from ridecode.taps.devices.reading import alarms, all_devices, find_device, heartbeats

__all__ = [
    "Alarm",
    "AlarmKind",
    "Device",
    "HeartbeatSeen",
    "Stand",
    "alarms",
    "all_devices",
    "enrol",
    "find_device",
    "heartbeat",
    "heartbeats",
    "revoke",
]
