"""The whole device: the lane in one thread, and beside it upload, heartbeats and tidying up.

Whatever lies beside the lane may fail and be tried again; only a journal that cannot be written
ends the device, with the lane shown as closed.
"""

import random
import time
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, UnavailableError, Verdict
from ridecode.validator.device import ntp
from ridecode.validator.device.actuator import CLOSED, Actuator, Signal, Sound
from ridecode.validator.device.clock import NEAR_US, Clock, Said
from ridecode.validator.device.files import Folder
from ridecode.validator.device.heartbeat import EVERY_S, Pulse
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.key import DeviceKey
from ridecode.validator.device.lane import Lane, Trusted
from ridecode.validator.device.link import Centre, HttpCentre
from ridecode.validator.device.pace import BackOff
from ridecode.validator.device.peer import Peer
from ridecode.validator.device.setting import Setter
from ridecode.validator.device.upload import Sent, Tell, Uploader
from ridecode.validator.place import Place

UPLOAD_AGAIN_S: Final = (0.5, 120.0)
LINK_AGAIN_S: Final = (0.2, 30.0)
_TIDY_S: Final = 1.0
_REFRESH_S: Final = 20.0
"""So an account is denied at an online reader well within a minute of its report."""
_NTP_S: Final = 900.0
_SOON_S: Final = 2.0
_JOIN_S: Final = 15.0
_FINISH_MOST: Final = 1_000


class Links(Struct, frozen=True, kw_only=True):
    """Where a device may turn to; a lane needs none of them."""

    centre: str | None = None
    """http:// or https://"""
    station: tuple[str, int] | None = None
    station_key: bytes = b""
    """32 bytes."""
    ntp: str | None = None
    machine_clock: bool = False
    """Whether something on the machine keeps its clock right (chrony, GNSS): then that is a source
    of time like the others, under the same rules."""
    refresh: Callable[[int], object] | None = None
    """Asks for a newer bundle, at the device's time."""


class Device:
    """One reader of one place, with its journal in a folder."""

    def __init__(
        self,
        place: Place,
        folder: Folder,
        key: DeviceKey,
        bundle: Trusted,
        actuator: Actuator,
        links: Links,
        tell: Tell,
    ) -> None:
        """Reads the journal: see there for what it raises."""
        name = place.validator
        self.clock = Clock()
        self.journal = Journal(folder, key.journal, name)
        self._bundle, self._actuator, self._tell, self._links = bundle, actuator, tell, links
        self._setter = Setter(self.clock, self.journal, tell)
        self._peer = self._peer_of(links)
        self.lane = Lane(place, self.journal, self.clock, bundle, actuator, self._peer)
        self._uploader: Uploader | None = None
        self._pulse: Pulse | None = None
        self._centres = [] if links.centre is None else self._link(links.centre, name, key)
        self._moved_us = 0
        self._fault: Verdict | None = None
        self._failure: Exception | None = None
        self._stop = Event()

    def _peer_of(self, links: Links) -> Peer | None:
        if links.station is None:
            return None
        back_off = BackOff(*LINK_AGAIN_S, random.Random())
        return Peer(links.station, links.station_key, back_off, self._tell)

    def _link(self, url: str, name: str, key: DeviceKey) -> list[HttpCentre]:
        """A connection for each of the two threads that speak to the centre."""
        first, second = (HttpCentre(url, name, key.signing) for _ in range(2))
        back_off = BackOff(*UPLOAD_AGAIN_S, random.Random())
        self._uploader = Uploader(self.journal, first, back_off, self._tell)
        self._pulse = self._pulse_of(second)
        return [first, second]

    def _pulse_of(self, centre: Centre) -> Pulse:
        return Pulse(self.journal, self.clock, self._bundle, centre, self._setter, self._actuator)

    def run(self, readings: Iterable[bytes], stop: Event) -> None:
        """Judge readings until they end or `stop` is set; then say what can still be said.

        Raises `UnavailableError` where the journal can no longer be written.
        """
        self._stop = stop
        head = self.journal.head
        self._tell(
            "started",
            seq=head.seq,
            opened=head.opened,
            waiting=head.seq - self.journal.acknowledged,
        )
        if self._links.machine_clock:
            self._ask_machine()
        self._beat()
        beside = self._threads()
        for thread in beside:
            thread.start()
        try:
            for data in readings:
                self.lane.read(data)
                if stop.is_set():
                    break
        finally:
            stop.set()
            for thread in beside:
                thread.join(_JOIN_S)
            self._finish()
        if self._failure is not None:
            raise self._failure

    def _finish(self) -> None:
        """Bring all to disk, and what can be brought to the centre."""
        try:
            self.journal.sync()
            for _ in range(_FINISH_MOST):
                if self._upload() != 0.0:
                    break
            self._beat()
        except UnavailableError as error:
            self._failure = self._failure or error
        self.journal.close()
        for centre in self._centres:
            centre.close()
        left = self.journal.head.seq - self.journal.acknowledged
        self._tell("stopped", seq=self.journal.head.seq, waiting=left)

    def _threads(self) -> list[Thread]:
        works: dict[str, Callable[[], float]] = {"tidy": self._tidy}
        if self._links.centre is not None:
            works |= {"upload": self._upload, "heartbeat": self._beat}
        if self._links.refresh is not None:
            works["bundle"] = self._refresh
        if self._links.ntp is not None:
            works["ntp"] = self._ask_time
        if self._links.machine_clock:
            works["machine clock"] = self._ask_machine
        threads = [
            Thread(target=self._every, args=(work,), name=name) for name, work in works.items()
        ]
        if self._peer is not None:
            threads.append(Thread(target=self._peer.keep, args=(self._stop,), name="station"))
        return threads

    def _every(self, work: Callable[[], float]) -> None:
        """Work again and again, as long after as it says. A failure of the journal ends all, and so
        does a fault of ours: a lane that opens and never uploads is worse than a closed one."""
        while not self._stop.is_set():
            try:
                wait_s = work()
            except Exception as error:  # noqa: BLE001 (the outermost edge: `run` raises it)
                self._failure = error
                self._stop.set()
                self._actuator.act(Signal(False, Sound.OUT_OF_ORDER, CLOSED))
                return
            self._stop.wait(wait_s)

    def _upload(self) -> float:
        if self._uploader is None:
            return _TIDY_S
        sent, wait_s = self._uploader.attempt()
        return wait_s if sent is not Sent.ACKNOWLEDGED else 0.0

    def _beat(self) -> float:
        if self._pulse is not None:
            self._pulse.beat()
        return _SOON_S if self._setter.wants_another else EVERY_S

    def _refresh(self) -> float:
        assert self._links.refresh is not None, "asked only where a bundle comes from somewhere"
        self._links.refresh(self.clock.now())
        return _REFRESH_S

    def _ask_time(self) -> float:
        assert self._links.ntp is not None, "asked only where a server is named"
        try:
            said = ntp.ask(self._links.ntp)
        except UnavailableError as error:
            self._tell("no time", why=error.what)
        else:
            self._hear(said)
        return _NTP_S

    def _ask_machine(self) -> float:
        self._hear(Said(time.time_ns() // 1_000, 0, 0))
        return EVERY_S

    def _hear(self, said: Said) -> None:
        bundle = self._bundle(self.clock.now())
        self._setter.hear(said, bundle.made if bundle else 0)

    def _tidy(self) -> float:
        """Bring refused readings to disk, close and erase segments, and look at the clock."""
        self.journal.sync()
        self.journal.tidy(self.clock.elapsed_us() / MICROS)
        moved = self.clock.moved_us()
        if abs(moved - self._moved_us) > NEAR_US:
            self._tell("machine clock moved", by_s=(moved - self._moved_us) / MICROS)
            self._moved_us = moved
        fault = self.lane.fault()
        if fault is not self._fault:
            self._fault = fault
            self._tell("lane", closed_by=None if fault is None else fault.name)
        return _TIDY_S
