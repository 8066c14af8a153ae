"""The centre's own thread: every few seconds who may not ride is published, or vouched for anew.

With a publication every 20 s and readers that ask every 20 s, a report is at every reader that is
online within 40 s and what the two take. What fails is told and tried again: readers grow stale
meanwhile, which is their own rule.
"""

from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Final

from ridecode.bundle.publisher import Published, Publisher
from ridecode.core import RidecodeError

EVERY_S: Final = 20


class Keeper:
    """Publishes until it is closed."""

    def __init__(
        self,
        publisher: Publisher,
        denied: Callable[[int], Iterable[str]],
        now: Callable[[], int],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        """`denied` tells the accounts that may not ride at a moment, `now` the city's time."""
        self._publisher, self._denied, self._now, self._every_s = publisher, denied, now, every_s
        self._closed = Event()
        self.last: Published | None = None
        """What was published last."""
        self.failed = ""
        """Why the last attempt failed; empty where it did not."""
        self._thread = Thread(target=self._keep, name="bundle", daemon=True)
        self._thread.start()

    def publish(self) -> None:
        """Once, now. What fails is kept in `failed`."""
        try:
            now = self._now()
            self.last = self._publisher.deny(self._denied(now), now)
            self.failed = ""
        except (RidecodeError, OSError) as error:
            self.failed = str(error)

    def close(self) -> None:
        """After this returns nothing more is published."""
        self._closed.set()
        self._thread.join()

    def _keep(self) -> None:
        while True:
            self.publish()
            if self._closed.wait(self._every_s):
                return
