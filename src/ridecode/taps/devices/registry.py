"""The devices whose batches come in, remembered so that not every batch asks the database.

What is remembered may be old: whoever writes holds it against the row that he has locked, and has
it read again where it differs.
"""

import time

from ridecode.store import Cell
from ridecode.taps.devices import db
from ridecode.taps.devices.facts import Device

_MOST = 200_000
"""Devices remembered, about half a kilobyte each."""
_UNKNOWN_S = 1.0
"""How long a device that is not there is not asked for again: whoever sends under invented names
costs the database a question a second each."""


class Registry:
    """Devices by name; two threads may use it."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._known: dict[str, Device] = {}
        self._unknown: dict[str, float] = {}

    def find(self, name: str) -> Device | None:
        """The device, None where there is none."""
        known = self._known.get(name)
        if known is not None:
            return known
        asked = self._unknown.get(name)
        if asked is not None and time.monotonic() - asked < _UNKNOWN_S:
            return None
        return self.read(name)

    def read(self, name: str) -> Device | None:
        """The device as it is in the database now."""
        for memory in (self._known, self._unknown):
            if len(memory) >= _MOST:
                memory.clear()
        with self._cell.connection() as conn:
            found = db.device(conn, name)
        if found is None:
            self._known.pop(name, None)
            self._unknown[name] = time.monotonic()
        else:
            self._known[name] = found
        return found
