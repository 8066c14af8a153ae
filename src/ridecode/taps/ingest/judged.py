"""A batch that was read and looked at: all that can be done before the database is asked."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import BadInputError, Verdict
from ridecode.core import device as said
from ridecode.taps import db
from ridecode.taps.devices.facts import Device
from ridecode.taps.errors import UnknownDeviceError
from ridecode.taps.ingest import arrow
from ridecode.taps.ingest.columns import Readings, readings
from ridecode.taps.ingest.judging import suspicions
from ridecode.taps.suspicion import Suspicion

JSON = "application/json"


class Judged(Struct, frozen=True):
    """A batch with its digests, what speaks against its readings, and its rows encoded."""

    device: Device
    """As it was when the batch was judged."""
    read: Readings
    digests: Sequence[bytes]
    passed: Sequence[bool]
    """Whether each was accepted at the gate: then its code is still to be verified here."""
    against: Mapping[int, Suspicion]
    """By position."""
    rows: bytes
    """Of `TAP_COLUMNS`, encoded."""


def judged(
    pack: Pack, device: Device, body: bytes, content_type: str, signature: bytes, now: int
) -> Judged:
    """Raises `UnknownDeviceError` where the device did not sign the body, and `BadInputError`
    where that is no batch of its own."""
    if not said.is_signed(device.public_key, said.Said.TAPS, body, signature):
        raise UnknownDeviceError(device.device)
    read = _read(body, content_type)
    if read.device != device.device:
        raise UnknownDeviceError(read.device)
    if read.city != pack.id:
        what = f"The batch is of the city {read.city!r}, and this is {pack.id!r}."
        raise BadInputError(what, "Send it to its own city.")
    digests = read.digests()
    accepted = int(Verdict.ACCEPTED)
    passed = [verdict == accepted for verdict in read.verdict]
    with db.storable():
        rows = read.encoded(digests, passed)
    return Judged(device, read, digests, passed, suspicions(pack, device, read, now), rows)


def _read(body: bytes, content_type: str) -> Readings:
    if content_type == JSON:
        return readings(said.read_batch(body))
    if content_type == arrow.CONTENT_TYPE:
        return arrow.read_arrow(body)
    raise BadInputError(
        f"Taps do not come as {content_type!r}.", f"Send {JSON} or {arrow.CONTENT_TYPE}."
    )
