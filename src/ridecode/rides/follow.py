"""The follower: a thread that matches and prices taps as they come in, a moment behind them.

It looks at the log several times a second and runs a pass where there is something new: taps that
have come to stand, an open ride whose time has run out, rides that somebody else matched and did
not price. How far it has come stands in the database alone, beside what it wrote; so it may be
killed anywhere, and started again here or in another process, or in two at once: passes take turns
by the lock under which every pass runs.

Where the database fails it goes on trying, and says so; nothing is passed over.
"""

import threading
import time
from collections.abc import Callable
from types import TracebackType

from msgspec import Struct
from msgspec.structs import replace

from ridecode.city import Pack
from ridecode.core import RidecodeError, UnavailableError, unseen
from ridecode.fares import Tariffs
from ridecode.rides import db
from ridecode.rides.matched import matching
from ridecode.rides.rated import Rating
from ridecode.rides.settled import NOTHING_SETTLED, SettleReport, settle
from ridecode.store import Cell, Connection

POLL_S = 0.2
"""So often the log is looked at: a query of some 0.2 ms."""
_PAUSE_S = 1.0
"""After a failure, so long nothing is tried."""


class Followed(Struct, frozen=True):
    """What a follower has done since it began."""

    passes: int = 0
    rides: int = 0
    """New ones, and new versions of known ones."""
    prices: int = 0
    set_aside: int = 0
    """Taps."""

    def plus(self, report: SettleReport) -> "Followed":
        matched, rated = report.matched, report.rated
        return Followed(
            self.passes + 1,
            self.rides + matched.added + matched.changed,
            self.prices + rated.added + rated.changed,
            self.set_aside + matched.set_aside,
        )


class Follower:
    """Keeps the rides and prices of a cell up to date; a context manager that starts and stops it.

    `clock` gives UTC epoch microseconds, by which open rides run out of time.
    """

    def __init__(self, cell: Cell, pack: Pack, tariffs: Tariffs, clock: Callable[[], int]) -> None:
        self._dsn = cell.dsn
        self._matching = matching(cell.city, pack, 0)
        self._rating = Rating(cell.city, tariffs, 0)
        self._goes_by = (self._matching.digest, tariffs.digest)
        self._clock = clock
        self._changed = threading.Condition()
        """Guards all below; told when a look at the log has ended, or somebody waits for one."""
        self._up_to = time.monotonic()
        """Everything that was acknowledged before this moment is in rides and prices."""
        self._asked = False
        self._stopping = False
        self._trouble: RidecodeError | None = None
        self._followed = Followed()
        self._thread = threading.Thread(target=self._run, name=f"follow {cell.city}", daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def stop(self) -> None:
        """Return when the pass that runs has ended. What is new by then waits in the log."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> "Follower":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def lag_s(self) -> float:
        """Every tap that came to stand longer ago than so many seconds is in rides and prices."""
        with self._changed:
            return time.monotonic() - self._up_to

    @property
    def trouble(self) -> RidecodeError | None:
        """Why it does not get on at present; None where it does."""
        with self._changed:
            return self._trouble

    @property
    def followed(self) -> Followed:
        """What it has done since it began."""
        with self._changed:
            return self._followed

    def catch_up(self, timeout_s: float) -> bool:
        """Wait until everything recorded before this call is in rides and prices; False where it
        was not within so many seconds."""
        asked = time.monotonic()
        with self._changed:
            self._asked = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._up_to >= asked, timeout_s)

    def _run(self) -> None:
        while not self._stopping:
            try:
                with db.lasting(self._dsn) as conn:
                    self._follow(conn)
            except RidecodeError as error:
                self._in_trouble(error)
            except Exception as error:  # noqa: BLE001 (the thread's edge: told, and tried again)
                crash = (type(error), error, error.__traceback__, self._thread)
                threading.excepthook(threading.ExceptHookArgs(crash))
                self._in_trouble(
                    UnavailableError(
                        f"A pass over new taps crashed: {error!r}.",
                        "Nothing is lost: taps wait in the log. Report it with the trace above.",
                    )
                )

    def _follow(self, conn: Connection) -> None:
        while not self._stopping:
            looked = time.monotonic()
            report = self._pass(conn)
            with self._changed:
                if report is not None:
                    self._up_to, self._trouble = looked, None
                    if report is not NOTHING_SETTLED:
                        self._followed = self._followed.plus(report)
                    self._changed.notify_all()
                self._changed.wait_for(lambda: self._asked or self._stopping, POLL_S)
                self._asked = False

    def _pass(self, conn: Connection) -> SettleReport | None:
        """What a look came to; None where another pass runs, so that this one knows nothing."""
        now = max(self._clock(), self._matching.now)
        self._matching = replace(self._matching, now=now)
        self._rating = replace(self._rating, now=now)
        if not self._news(conn):
            return NOTHING_SETTLED
        with db.alone_if_free(conn) as free:
            if not free:
                return None
            return settle(conn, self._dsn, self._matching, self._rating, unseen)

    def _news(self, conn: Connection) -> bool:
        news = db.news(conn)
        ends = self._matching.now - self._matching.rules.pair_within
        return (
            news.matched < news.taps
            or news.rated < news.passes
            or (news.matched_by, news.rated_by) != self._goes_by
            or (news.open_since is not None and news.open_since < ends)
        )

    def _in_trouble(self, error: RidecodeError) -> None:
        with self._changed:
            self._trouble = error
            self._changed.wait_for(lambda: self._stopping, _PAUSE_S)
