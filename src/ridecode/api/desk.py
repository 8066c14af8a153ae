"""The desk: what the requests share. One city's cell, pack, tariffs, trust, readers and clock.

It is made once when the server starts, and a context manager: while its block runs, so does what
goes on beside the requests. It holds no rule of its own: a reading goes through `validator.decide`
and `taps.record`; its ride and price follow within moments, as those of any tap.
"""

import time
from collections.abc import Callable, Iterable
from threading import Lock
from types import TracebackType
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request
from msgspec import Struct

from ridecode import taps
from ridecode.api.places import places_of
from ridecode.api.running import Running
from ridecode.city import Pack
from ridecode.code import Authority, demo_authority
from ridecode.core import (
    MICROS,
    NotFoundError,
    RefusedError,
    Tap,
    UnavailableError,
)
from ridecode.fares import Tariffs, read_tariffs, tap_fare
from ridecode.store import Cell, Clock, Vault
from ridecode.validator import Bundle, ClockSet, Decision, Memory, Place, decide, make_bundle

log = structlog.get_logger()

CATCH_UP_S: Final = 2.0
"""So long an answer about rides waits for what was brought before it was asked for."""
_BUNDLE_GOOD: Final = 3_600 * MICROS
"""After so long the readers get a new bundle."""


class Lane:
    """One reader of the demonstration: where it stands and what it remembers."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._memory = Memory()

    def read(
        self, bundle: Bundle, code: bytes, now: int, keep: Callable[[Tap], object]
    ) -> "Reading":
        """Judge a scanner's bytes with no network, as the reader would, and have the tap kept.

        A reading whose tap `keep` cannot keep is not remembered: its code may be shown again.
        For whoever holds the desk's `turn`.
        """
        self._memory.keep([ClockSet(now)])
        started = time.perf_counter_ns()
        decision = decide(bundle, self._memory, code, self.place, now)
        judged_us = (time.perf_counter_ns() - started) // 1_000
        keep(decision.tap)
        self._memory.keep(decision.remember)
        return Reading(decision, bundle.version, judged_us)


class Reading(Struct, frozen=True):
    """A decision, by which bundle, and how many microseconds it took."""

    decision: Decision
    bundle: int
    judged_us: int


class Desk:
    """Shared among request threads; the parts that change have locks of their own."""

    def __init__(self, cell: Cell, pack: Pack, vault: Vault, clock: Clock) -> None:
        self.cell = cell
        self.pack = pack
        self.clock = clock
        self.tariffs: Tariffs = read_tariffs(pack)
        self.running = Running(cell, pack, self.tariffs, clock.now)
        self._brought = False
        self._authority = (
            demo_authority(vault, pack.issuers, clock.now() // MICROS) if pack.demo else None
        )
        self.lanes = {name: Lane(place) for name, place in places_of(pack).items()}
        self._bundle = self._made_bundle(1, self._day_starts(clock.now()))
        self._bundling = Lock()
        self.turn = Lock()
        """Held from asking the time until the reading of that time is kept: readings come one after
        another, for a reader or bundle that has seen a later moment trusts no earlier one."""

    def __enter__(self) -> "Desk":
        self.running.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.running.__exit__(kind, error, trace)

    @property
    def authority(self) -> Authority:
        """The demonstration's institutions; RefusedError in a city that is none."""
        if self._authority is None:
            raise RefusedError(
                f"{self.pack.name.en} is no demonstration: its issuer authorises riders itself.",
                "Ask the city's card company.",
            )
        return self._authority

    def lane(self, place: str) -> Lane:
        """The reader at a place; raises `NotFoundError`."""
        if place not in self.lanes:
            raise NotFoundError(f"There is no place {place!r}.", "GET /v1/places lists them.")
        return self.lanes[place]

    def bundle(self, now: int) -> Bundle:
        """What readers trust; made anew every hour of the city's clock, and never an older one."""
        with self._bundling:
            if now - self._bundle.made > _BUNDLE_GOOD:
                self._bundle = self._made_bundle(self._bundle.version + 1, now)
            return self._bundle

    def scan(self, place: str, code: bytes) -> Reading:
        """A reader's camera saw these bytes: judge them, and store the tap. Its ride follows.

        Raises `UnavailableError` where the tap could not be stored: nothing is shown as done then.
        """
        lane = self.lane(place)
        with self.turn:
            now = self.clock.now()
            bundle = self.bundle(now)
            reading = lane.read(bundle, code, now, lambda tap: self.store([tap]))
        decision = reading.decision
        log.info(
            "read", tap=decision.tap.tap_id, verdict=decision.verdict.name, place=place,
            bundle=reading.bundle, judged_us=reading.judged_us,
        )  # fmt: skip
        return reading

    def store(self, told: list[Tap]) -> list[taps.Receipt]:
        """Record taps that were judged here; their rides follow."""
        receipts = taps.record(self.cell, told)
        self.brought()
        return receipts

    def advance(self, seconds: int) -> None:
        """Put the city's clock forward: rides may run out of time by that."""
        self.clock.advance(seconds)
        self.brought()

    def brought(self) -> None:
        """Something that rides and prices depend on has come in here."""
        self._brought = True

    def catch_up(self) -> None:
        """Wait until rides and prices stand as of all that was brought here before.

        So whoever shows a code and then asks for the ride is told of it, as long as matching keeps
        up; else of the ride as it was.
        """
        if self._brought:
            self._brought = False
            self._brought |= not self.running.follower.catch_up(CATCH_UP_S)

    def parts(self) -> dict[str, str]:
        """What the server needs, each with what ails it; nothing where it can work."""
        return {"database": self._database(), **self.running.parts()}

    def _database(self) -> str:
        try:
            with self.cell.connection() as conn:
                conn.execute("SELECT 1")
        except UnavailableError as error:
            return error.what
        return ""

    def _day_starts(self, now: int) -> int:
        calendar = self.pack.calendar
        return calendar.starts(calendar.day(now))

    def _made_bundle(self, version: int, now: int) -> Bundle:
        roots = (self._authority.root,) if self._authority else ()
        return make_bundle(
            self.pack, roots, version=version, made=now, single_fare=self._single_fares(now)
        )

    def _single_fares(self, now: int) -> dict[str, int]:
        """The price of one tap, of each product that has the same one on all its lines."""
        tariff = self.tariffs.at(now)
        fares: dict[str, set[int | None]] = {}
        for line in self.pack.lines.values():
            fares.setdefault(line.product, set()).add(tap_fare(tariff, line.product, line.id))
        return {product: amount for product, amounts in fares.items() if (amount := _only(amounts))}


def _only(amounts: Iterable[int | None]) -> int | None:
    first, *others = amounts
    return None if others else first


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


Held = Annotated[Desk, Depends(_desk)]
"""How a route asks for the desk."""
