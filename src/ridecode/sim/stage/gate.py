"""One reader of the stage: the real device, but for its clock, which is the city's."""

import random
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import UUID

from ridecode.core import MICROS, Tap, UnavailableError, device
from ridecode.validator import Bundle, Place
from ridecode.validator.device import (
    BackOff,
    Centre,
    Clock,
    DeviceKey,
    Disk,
    HttpCentre,
    Journal,
    Lane,
    Reply,
    Sent,
    Signal,
    Sound,
    Uploader,
)

AGAIN_S: Final = (0.5, 4.0)
"""A visitor who brings the network back will not wait two minutes for the gate to notice."""

_SET_AGAIN_S: Final = 3_600


class CityClock(Clock):
    """A reader's clock that shows the city's time: that of the reading which is being judged."""

    def __init__(self) -> None:
        super().__init__()
        self.shows = 0
        """UTC epoch microseconds."""

    def now(self) -> int:
        return self.shows


class Wire:
    """The link to the centre, which somebody may cut."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self.cut = False

    def say(self, what: device.Said, body: bytes) -> Reply:
        if self.cut:
            raise UnavailableError("The gate has no network.", "Restore it.")
        return self._centre.say(what, body)


class Gate:
    """For one thread at a time. It acts on nothing: what it shows is what it answers."""

    def __init__(
        self, place: Place, folder: Path, key: DeviceKey, centre: str,
        bundle: Callable[["Gate", int], Bundle],
    ) -> None:  # fmt: skip
        self.place = place
        self._clock = CityClock()
        self._disk = Disk(folder)
        self._journal = Journal(self._disk, key.journal, place.validator)
        self._lane = Lane(place, self._journal, self._clock, lambda at: bundle(self, at), self)
        self._centre = HttpCentre(centre, place.validator, key.signing)
        self._wire = Wire(self._centre)
        again = BackOff(*AGAIN_S, random.Random())
        self._uploader = Uploader(self._journal, self._wire, again, _silent)
        self._try_at = 0.0
        self.has_news = True
        """Whether it may have something to send."""
        self._shown = Signal(False, Sound.NONE, None)
        self._waiting: deque[tuple[int, UUID]] = deque(
            (tap.seq, tap.tap_id) for tap in self._unsent() if tap.verdict.accepted
        )

    @property
    def cut(self) -> bool:
        """Whether it has no network."""
        return self._wire.cut

    @cut.setter
    def cut(self, cut: bool) -> None:
        self._wire.cut = cut
        self._try_at = 0.0

    @property
    def has_opened(self) -> int:
        """How often, since it was enrolled."""
        return self._journal.head.opened

    def waiting(self) -> list[UUID]:
        """The readings that opened it and that the centre has not acknowledged."""
        while self._waiting and self._waiting[0][0] <= self._journal.acknowledged:
            self._waiting.popleft()
        return [tap_id for _, tap_id in self._waiting]

    def read(self, code: bytes, now: int) -> Signal:
        """Judge a code at `now`, UTC epoch microseconds, which never runs back."""
        self._clock.shows = now
        self.has_news = True
        if self._journal.memory.clock_set is None:
            self._journal.set_clock(now)
        self._keep_time(now)
        self._lane.read(code)
        signal = self._shown
        if signal.open and signal.tap_id is not None:
            self._waiting.append((signal.seq, signal.tap_id))
        return signal

    def _keep_time(self, now: int) -> None:
        """The station's clock sets it every hour, network or not."""
        since = self._journal.memory.clock_set or 0
        if now - since > _SET_AGAIN_S * MICROS:
            self._journal.set_clock(now)

    def upload(self) -> Sent:
        """Send what waits, if it is time to try."""
        if time.monotonic() < self._try_at:
            return Sent.NOTHING_WAITS
        self._journal.sync()
        sent, wait_s = self._uploader.attempt()
        # Hundreds of gates share one machine here: none keeps a connection that it seldom uses.
        self._centre.close()
        self.has_news = sent is not Sent.NOTHING_WAITS
        if sent not in (Sent.ACKNOWLEDGED, Sent.NOTHING_WAITS):
            self._try_at = time.monotonic() + wait_s
        self._journal.tidy(self._clock.elapsed_us() / MICROS)
        return sent

    def act(self, signal: Signal) -> None:
        """The lane's actuator: `read` answers what it would move."""
        self._shown = signal

    def opened(self) -> int | None:
        return None

    def close(self) -> None:
        self._journal.close()
        self._centre.close()
        self._disk.close()

    def _unsent(self) -> tuple[Tap, ...]:
        batch = self._journal.batch(100_000)
        return () if batch is None else batch.taps


def _silent(_event: str, **_facts: object) -> None:
    """A gate of the stage tells its visitor what matters by itself."""
