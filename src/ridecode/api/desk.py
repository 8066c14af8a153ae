"""The desk: what the requests share. One city's cell, pack, tariffs, trust, readers and clock.

It is made once when the server starts. It holds no rule of its own: a reading goes through
`validator.decide`, `taps.record` and `rides.settle_all`, in this order.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Annotated, Final

from fastapi import Depends, Request
from msgspec import Struct

from ridecode import rides, taps
from ridecode.api.places import places_of
from ridecode.city import Pack
from ridecode.code import Authority, demo_authority
from ridecode.core import (
    MICROS,
    NotFoundError,
    RefusedError,
    Tap,
    UnavailableError,
    Verdict,
    unseen,
)
from ridecode.fares import Tariffs, read_tariffs, tap_fare
from ridecode.store import Cell, Clock, Vault
from ridecode.validator import Bundle, ClockSet, Decision, Memory, Place, decide, make_bundle

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
        self._authority = (
            demo_authority(vault, pack.issuers, clock.now() // MICROS) if pack.demo else None
        )
        self.lanes = {name: Lane(place) for name, place in places_of(pack).items()}
        self._bundle = self._made_bundle(1, self._day_starts(clock.now()))
        self._bundling = Lock()
        self.turn = Lock()
        """Held from asking the time until the reading of that time is kept: readings come one after
        another, for a reader or bundle that has seen a later moment trusts no earlier one."""

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
        """A reader's camera saw these bytes: judge, store the tap, and bring its ride up to date.

        Raises `UnavailableError` where the tap could not be stored: nothing is shown as done then.
        """
        lane = self.lane(place)
        with self.turn:
            now = self.clock.now()
            bundle = self.bundle(now)
            reading = lane.read(bundle, code, now, lambda tap: taps.record(self.cell, [tap]))
        if reading.decision.verdict.accepted:
            self.catch_up()
        return reading

    def store(self, told: list[Tap]) -> list[taps.Receipt]:
        """Record taps, and bring rides and prices up to date with them."""
        receipts = taps.record(self.cell, told)
        if any(
            receipt is taps.Receipt.ACCEPTED and tap.verdict is Verdict.ACCEPTED
            for receipt, tap in zip(receipts, told, strict=True)
        ):
            self.catch_up()
        return receipts

    def catch_up(self) -> None:
        """Match and price whatever is new, as of the city's clock."""
        rides.settle_all(self.cell, self.pack, self.tariffs, self.clock.now(), unseen)

    def parts(self) -> dict[str, str]:
        """What the server needs, each with what ails it; nothing where it can work."""
        return {"database": self._database()}

    def gauges(self) -> Iterator[tuple[str, str, float]]:
        """Figures of this moment: name, what it is, value."""
        yield (
            "ridecode_clock_ahead_seconds",
            "City's clock before the machine's.",
            self.clock.ahead_s,
        )

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
