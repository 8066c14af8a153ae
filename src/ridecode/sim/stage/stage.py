"""The stage itself: riders move, gates judge and upload, and a visitor may interfere."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Final
from uuid import UUID

import structlog
from msgspec import Struct

from ridecode.bundle import Repository
from ridecode.city import Pack
from ridecode.code import Authority
from ridecode.core import MICROS, NotFoundError, RidecodeError, TapKind, UnavailableError
from ridecode.riders import denied, read_rules, restore, revoke
from ridecode.sim.kinds import Attack
from ridecode.sim.live import Cut, LiveCity, Shown
from ridecode.sim.stage.centre import CentreProcess
from ridecode.sim.stage.gate import Gate
from ridecode.sim.stage.moments import Moment, Moments
from ridecode.sim.stage.till import Till
from ridecode.sim.stage.trusted import Trusted
from ridecode.store import Cell, Clock, Vault
from ridecode.taps import Device, Stand, enrol
from ridecode.validator import Bundle, Place, Update
from ridecode.validator.device import Sent, Signal, made_key

log = structlog.get_logger()

_MOVE_S: Final = 0.2
_FETCH_S: Final = 15.0
"""How often the stations ask for anything newer; a loss they hear of at once."""
_PAY_S: Final = 1.0
_AT_ONCE: Final = 10
_YIELD_S: Final = 0.001
"""So that whoever waits for his turn gets it."""
_JUMP: Final = 60 * MICROS
"""A clock that is further on than its pace explains was put forward."""


class Read(Struct, frozen=True):
    """What a gate made of a visitor's code."""

    signal: Signal
    bundle: int
    """Version of what it judged by."""
    ts: int
    """When, UTC epoch microseconds."""
    stored: bool
    """Whether the centre has the reading already."""


class Seen(Struct, frozen=True):
    """The gates' side of things at one moment."""

    moments: tuple[Moment, ...]
    seq: int
    opened: int
    """By the gates' own counters."""
    waiting: tuple[UUID, ...]
    """Readings that opened a gate and that the centre has not acknowledged."""
    ingest_runs: bool
    cut: frozenset[str]
    """Stops that have a gate without a network."""
    version: int
    behind: int
    """Gates that judge by an older bundle."""
    refused: Update | None
    """What the gates made of an old bundle that they were offered."""
    denied: int


class Stage:
    """Shared among threads; a context manager: while its block runs, the city moves."""

    def __init__(
        self, data: Path, cell: Cell, pack: Pack, vault: Vault, clock: Clock,
        authority: Authority, publication: Repository, places: Mapping[str, Place], till: Till,
    ) -> None:  # fmt: skip
        self._data, self._cell, self._clock = data / "gates", cell, clock
        self._places, self._rules, self._till = places, read_rules(pack), till
        now = clock.now()
        self._trusted = Trusted(data / "stations", publication, vault, pack.id, now)
        self._city = LiveCity(pack, authority, begins=now)
        self._gates: dict[str, Gate] = {}
        self._frozen: dict[str, Bundle] = {}
        """What each gate without a network goes on judging by."""
        self._cut_until: dict[str, int] = {}
        """Gates that went dark by themselves, and until when."""
        self._inside: set[str] = set()
        """Accounts that went in and have not come out."""
        self._machine = time.monotonic()
        self._due: deque[Shown | Cut] = deque()
        """What is to happen at gates, in order of time."""
        self._moments = Moments()
        self._refused: Update | None = None
        self._debtors: set[str] = set()
        self._turn = RLock()
        """Held while a gate reads or sends: what is counted then adds up."""
        self._stopped = Event()
        self._threads: list[Thread] = []
        self._centre = CentreProcess(data, pack.id)

    def __enter__(self) -> "Stage":
        works = {
            "riders": (self.move, _MOVE_S),
            "gates": (self._send, _MOVE_S),
            "station": (self._attend, _FETCH_S),
            "till": (self._till.attend, _PAY_S),
        }
        for name, (work, every_s) in works.items():
            thread = Thread(target=self._again, args=(work, every_s), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for gate in self._gates.values():
            gate.close()
        self._centre.stop()

    def move(self) -> None:
        """Whatever the riders do up to now by the city's clock, some of it at a time, so that a
        visitor never waits for all of a day."""
        self._fall_due()
        while self._due and not self._stopped.is_set():
            with self._turn:
                for _ in range(min(_AT_ONCE, len(self._due))):
                    self._happens(self._due.popleft())

    def _fall_due(self) -> None:
        with self._turn:
            now, machine = self._clock.now(), time.monotonic()
            expected = (machine - self._machine) * self._clock.speed * MICROS
            jumped = now - self._city.now > expected + _JUMP
            self._machine = machine
            happened = self._city.until(now)
            self._due.extend(filter(self._still_happens, happened) if jumped else happened)
            for place in [place for place, until in self._cut_until.items() if until <= now]:
                del self._cut_until[place]
                self._link(place, cut=False)

    def _still_happens(self, event: Shown | Cut) -> bool:
        """Of what a clock that was put forward leaps over: whoever is inside comes out, and no
        more. A visitor waits for no afternoon of the whole city."""
        if isinstance(event, Cut):
            return event.until > self._clock.now()
        kind = self._places[event.place].kind
        return kind is TapKind.EXIT and event.account in self._inside

    def _happens(self, event: Shown | Cut) -> None:
        if isinstance(event, Cut):
            self._goes_dark(event)
        else:
            gate = self._gate(event.place)
            leaves = gate.place.kind is TapKind.EXIT
            if leaves and event.attack is Attack.NONE and event.account not in self._inside:
                return  # he went in before the stage was set
            opened = self._read(gate, event.code, event.ts).open
            if opened and gate.place.kind is TapKind.ENTRY:
                self._inside.add(event.account)
            elif opened:
                self._inside.discard(event.account)

    def read(self, place: str, code: bytes) -> Read:
        """A visitor holds a code to a gate, which sends it on at once where it can."""
        with self._turn:
            self._fall_due()
            gate = self._gate(place)
            # A gate judges its riders in their order; the other gates have clocks of their own.
            for event in self._due_at(place):
                self._due.remove(event)
                self._happens(event)
            now = self._clock.now()
            signal = self._read(gate, code, now)
            stored = signal.seq > 0 and gate.upload() is Sent.ACKNOWLEDGED
            return Read(signal, self._bundle_of(gate, now).version, now, stored)

    def _due_at(self, place: str) -> list[Shown]:
        return [one for one in self._due if isinstance(one, Shown) and one.place == place]

    def seen(self, after: int) -> Seen:
        """What can be seen now, and what happened at the gates behind a number."""
        with self._turn:
            cut = {name: gate for name, gate in self._gates.items() if gate.cut}
            version = self._trusted.version
            older = [name for name, bundle in self._frozen.items() if bundle.version < version]
            return Seen(
                moments=self._moments.after(after),
                seq=self._moments.seq,
                opened=sum(gate.has_opened for gate in self._gates.values()),
                waiting=tuple(tap_id for gate in self._gates.values() for tap_id in gate.waiting()),
                ingest_runs=self._centre.answers,
                cut=frozenset(self._places[name].stop for name in cut),
                version=version,
                behind=len(older),
                refused=self._refused,
                denied=len(self._trusted.bundle(self._clock.now()).denied),
            )

    @contextmanager
    def still(self) -> Iterator[None]:
        """No gate reads or sends meanwhile."""
        with self._turn:
            yield

    def run_at(self, speed: int) -> None:
        """1 to 120 seconds of the city in one of the machine's."""
        with self._turn:
            self._clock.run_at(speed)

    def connect(self, stop: str, connected: bool) -> None:
        """Give all gates of a stop their network back, or take it away."""
        names = [name for name, place in self._places.items() if place.stop == stop]
        if not names:
            raise NotFoundError(f"There is no gate at {stop!r}.", "GET /v1/places lists them.")
        with self._turn:
            for name in names:
                self._cut_until.pop(name, None)
                self._link(name, cut=not connected)

    def run_ingest(self, running: bool) -> None:
        """Kill the centre's door for devices, or start it again."""
        if running:
            self._centre.start()
        else:
            self._centre.kill()

    def roll_back(self) -> None:
        """Offer the gates an old bundle."""
        with self._turn:
            self._refused = self._trusted.fetch_old(self._clock.now())

    def bring_home(self) -> None:
        """Whoever is inside at the end of a day comes out, and gates with a network tell."""
        self.move()
        self._send()

    def close_day(self, day: int) -> None:
        """Close a business day that has ended, and let the card company answer its files."""
        self._till.close_day(day)

    def report_loss(self, account: str) -> None:
        """The phone of an account is lost: no gate that hears of it lets it through."""
        with self._turn:
            now = self._clock.now()
            revoke(self._cell, [account], now)
            self._publish(now)
            self._trusted.fetch(now)

    def _read(self, gate: Gate, code: bytes, now: int) -> Signal:
        signal = gate.read(code, now)
        self._moments.put(gate.place.stop, gate.place.kind, signal.open)
        return signal

    def _goes_dark(self, cut: Cut) -> None:
        for place in cut.places:
            self._cut_until[place] = cut.until
            self._link(place, cut=True)

    def _link(self, place: str, *, cut: bool) -> None:
        gate = self._gate(place)
        if cut and not gate.cut:
            self._frozen[place] = self._bundle_of(gate, self._clock.now())
        if not cut:
            self._frozen.pop(place, None)
        gate.cut = cut

    def _bundle_of(self, gate: Gate, now: int) -> Bundle:
        """A gate with a network judges by what its station fetched last."""
        frozen = self._frozen.get(gate.place.validator)
        return frozen or self._trusted.bundle(now)

    def _gate(self, name: str) -> Gate:
        """The gate of a place, enrolled when it is first used."""
        gate = self._gates.get(name)
        if gate is None:
            place = self._places.get(name)
            if place is None:
                raise NotFoundError(f"There is no place {name!r}.", "GET /v1/places lists them.")
            folder = self._data / name.replace(":", ".")
            key = made_key(folder)
            enrol(self._cell, _device(place, key.public, self._clock.now()))
            gate = self._gates[name] = Gate(place, folder, key, self._centre.url, self._bundle_of)
        return gate

    def _send(self) -> None:
        """Every gate that has something to send sends it, one after another."""
        for gate in [one for one in list(self._gates.values()) if one.has_news]:
            with self._turn:
                sent = gate.upload()
            if sent in (Sent.UNREACHABLE, Sent.LATER) and not gate.cut:
                return  # nor would the others be heard, and each would wait as long
            time.sleep(_YIELD_S)

    def _attend(self) -> None:
        """Tell the centre the riders' debts of today, and fetch what it has published."""
        with self._turn:
            now, debtors = self._clock.now(), set(self._city.denied())
            if debtors != self._debtors:
                revoke(self._cell, sorted(debtors - self._debtors), now)
                restore(self._cell, sorted(self._debtors - debtors), now)
                self._debtors = debtors
                self._publish(now)
            self._trusted.fetch(now)

    def _publish(self, now: int) -> None:
        """At once, where the centre itself would do so within some seconds."""
        told = denied(self._cell, self._rules, now)
        self._trusted.publish([one.account for one in told], now)

    def _again(self, work: Callable[[], None], every_s: float) -> None:
        """Whatever fails because something is not there is tried again."""
        while True:
            try:
                work()
            except UnavailableError as error:
                log.warning("the city waits", reason=error.what)
            except RidecodeError:
                log.exception("the city stumbles")
            if self._stopped.wait(every_s):
                return


def _device(place: Place, public_key: bytes, now: int) -> Device:
    stand = Stand(
        product=place.product, kind=place.kind, line=place.line, stop=place.stop,
        vehicle=place.vehicle,
    )  # fmt: skip
    return Device(
        device=place.validator, public_key=public_key, operator=place.operator, stand=stand,
        enrolled_at=now,
    )  # fmt: skip
