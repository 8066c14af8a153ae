"""Enrolling a device and revoking it."""

from ridecode.core import BadInputError, NotFoundError
from ridecode.store import Cell
from ridecode.taps.devices import db
from ridecode.taps.devices.facts import Device

_NAME_MOST = 100


def enrol(cell: Cell, device: Device) -> None:
    """From now on its readings are taken; an enrolled one may be moved to another place.

    A device that comes with a new key, or back from a revocation, begins a new journal: its next
    reading has the number 1. Alarms and taps of before stay.
    """
    if not 1 <= len(device.device) <= _NAME_MOST or "\0" in device.device:
        raise BadInputError(f"A device's name has 1 to {_NAME_MOST} characters.")
    if len(device.public_key) != 32:
        raise BadInputError("A device's public key has 32 bytes.", "It is an Ed25519 key.")
    with cell.connection() as conn:
        before = db.locked(conn, [device.device]).get(device.device)
        if before is not None and (
            before.public_key != device.public_key or before.revoked_at is not None
        ):
            db.begin_anew(conn, device.device)
        db.enrol(conn, device)


def revoke(cell: Cell, device: str, reason: str, at: int) -> None:
    """Whatever it sends from now on goes to quarantine; raises `NotFoundError`.

    The first revocation counts. `at` is UTC epoch microseconds.
    """
    with cell.connection() as conn:
        if not db.revoke(conn, device, reason, at):
            raise no_device(device)


def no_device(name: str) -> NotFoundError:
    return NotFoundError(f"There is no device {name!r}.", "Enrol it first.")
