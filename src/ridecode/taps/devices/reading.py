"""Reading what is known of devices, for the faces."""

from ridecode.store import Cell
from ridecode.taps.devices import db
from ridecode.taps.devices.enrolment import no_device
from ridecode.taps.devices.facts import Alarm, Device, HeartbeatSeen


def find_device(cell: Cell, name: str) -> Device:
    """One device; raises `NotFoundError`."""
    with cell.connection() as conn:
        found = db.device(conn, name)
    if found is None:
        raise no_device(name)
    return found


def all_devices(cell: Cell) -> list[Device]:
    """Every device that was ever enrolled, by name."""
    with cell.connection() as conn:
        return db.devices(conn)


def alarms(cell: Cell, since: int = 0, most: int = 1_000, operator: str = "") -> list[Alarm]:
    """What was noticed from a moment on (UTC epoch microseconds), the newest first; at the devices
    of one operator, or at all where none is named."""
    with cell.connection() as conn:
        return db.alarms(conn, since, most, operator)


def heartbeats(cell: Cell) -> list[HeartbeatSeen]:
    """The latest heartbeat of every device, by its name."""
    with cell.connection() as conn:
        return [HeartbeatSeen(*one) for one in db.all_heartbeats(conn)]
