"""Writing the log: no answer is given before its entry is durable.

Entries are numbered and linked, so only one transaction adds to a log at a time. Requests that come
together share one: whoever has the turn writes for all who wait.
"""

from collections.abc import Sequence
from threading import Event, Lock

import structlog

from ridecode.access import db
from ridecode.access.chain import Entry, Found, Head, Link, checked, linked
from ridecode.access.roles import About, Right, Verdict
from ridecode.store import Cell, Connection

log = structlog.get_logger()


def enter(conn: Connection, entries: Sequence[Entry]) -> Head:
    """Add entries to the log, in the caller's transaction, which should end soon after."""
    links = linked(db.lock_log(conn), entries)
    db.add_links(conn, links)
    return Head(links[-1].n, links[-1].link)


class _Waiting:
    """An entry, and whoever waits for it."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.woken = Event()
        """It is done, or it is this one's turn to write."""
        self.done = False
        self.error: Exception | None = None


class Recorder:
    """Adds to one cell's log; for any thread."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._writing = False
        """Somebody writes, or has been woken to."""

    def record(self, entry: Entry) -> None:
        """Enter it; on return it is durable. Raises what kept it from that."""
        mine = _Waiting(entry)
        with self._lock:
            self._waiting.append(mine)
            waits, self._writing = self._writing, True
        if waits:
            mine.woken.wait()
        if not mine.done:
            self._write()
        if mine.error is not None:
            raise mine.error

    def _write(self) -> None:
        """For all who wait; then it is the turn of the first who came meanwhile."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        failed: Exception | None = None
        try:
            with self._cell.connection() as conn:
                head = enter(conn, [one.entry for one in taken])
            # Kept elsewhere, it shows a tail that was cut off; it names nobody.
            log.info("audited", n=head.n, link=head.link.hex())
        except Exception as error:  # noqa: BLE001 (whoever waits must not take it for written)
            failed = error
        for one in taken:
            one.done, one.error = True, failed
            one.woken.set()
        with self._lock:
            self._writing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].woken.set()


def enter_by_machine(
    cell: Cell, by: str, right: Right, act: str, about: About, subjects: Sequence[str],
    reason: str, now: int,
) -> None:  # fmt: skip
    """Enter what somebody does by command, for whom the machine itself vouches: `machine:…`."""
    entries = [
        Entry(
            at=now, who=by, role=None, right=right, act=act, about=about, subject=subject,
            purpose=None, reason=reason, outcome=Verdict.ALLOWED,
        )
        for subject in subjects
    ]  # fmt: skip
    if entries:
        with cell.connection() as conn:
            enter(conn, entries)


def verify(cell: Cell, noted: Head | None = None) -> Found:
    """Check the whole log, and that a head that was noted earlier is in it."""
    with cell.connection() as conn:
        return checked(db.links(conn), noted)


def latest(cell: Cell, most: int, before: int | None = None) -> list[Link]:
    """The latest entries, the newest first."""
    with cell.connection() as conn:
        return db.latest(conn, most, before)


def looks(cell: Cell, account: str, most: int, before: int | None = None) -> list[Link]:
    """Who has looked at a rider or acted for him, or wanted to; the newest first."""
    with cell.connection() as conn:
        return db.latest_about(conn, About.RIDER, account, most, before)
