"""The device around the judgement: what a gate or a bus runs, with no network and through cuts.

In: a scanner's bytes, a bundle, a place, a folder for the journal, and, whenever there is a link,
the station's peer and the centre. Out: an actuator's signals (open, sound, words), taps and
heartbeats signed by the device's key. Never: an open gate whose tap is not on disk, a word to the
centre that a power cut could take back, or a rule of judging: that is `validator.decide`.
"""

from ridecode.validator.device.actuator import Actuator, Lines, Signal, Sound, as_json, as_words
from ridecode.validator.device.bench import bench_open
from ridecode.validator.device.clock import Clock
from ridecode.validator.device.files import Disk
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.key import DeviceKey, device_key, made_key
from ridecode.validator.device.lane import Lane
from ridecode.validator.device.link import Centre, HttpCentre, Reply
from ridecode.validator.device.pace import BackOff
from ridecode.validator.device.recovery import Head, TamperedError
from ridecode.validator.device.running import Device, Links
from ridecode.validator.device.scanner import readings
from ridecode.validator.device.station import Station
from ridecode.validator.device.upload import Sent, Uploader

__all__ = [
    "Actuator",
    "BackOff",
    "Centre",
    "Clock",
    "Device",
    "DeviceKey",
    "Disk",
    "Head",
    "HttpCentre",
    "Journal",
    "Lane",
    "Lines",
    "Links",
    "Reply",
    "Sent",
    "Signal",
    "Sound",
    "Station",
    "TamperedError",
    "Uploader",
    "as_json",
    "as_words",
    "bench_open",
    "device_key",
    "made_key",
    "readings",
]
