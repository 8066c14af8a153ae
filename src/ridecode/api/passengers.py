"""The passengers of the demonstration: some from a seed, moving through the city's day.

Their phones hold real keys and make really signed codes, their readings go through the same
readers as a visitor's, and nothing of them is marked: what the page counts is what happened. Two
habits make the day worth looking at: now and then somebody shows an old screenshot, and now and
then somebody forgets to tap out.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from threading import Event, Lock, Thread
from typing import Final

import structlog
from msgspec import Struct

from ridecode.api.codes import VALIDITY_S, demo_platform, grant_of
from ridecode.api.desk import Desk
from ridecode.city import Line, Pack
from ridecode.code import KeySigner, authorise, present
from ridecode.core import MICROS, RefusedError, Tap, TapKind, UnavailableError
from ridecode.validator import read_rules

log = structlog.get_logger()

PASSENGERS: Final = 20
_SEED: Final = 1179
_EVERY_S: Final = 1.5
_MINUTE: Final = 60 * MICROS
_M_PER_MINUTE: Final = 550
"""33 km/h, stops counted in: an assumption of the demonstration."""
_AT_THE_STATION: Final = 4 * _MINUTE
_OLD_SCREENSHOT: Final = 0.04
_FORGETS_TO_TAP_OUT: Final = 0.03


class _Errand(Struct, frozen=True, order=True):
    """A passenger will hold the phone to a reader then."""

    ts: int
    passenger: int
    place: str
    code_age_s: int
    """How old the code is that will be shown: 0 for a fresh one."""


class Passengers:
    """Plans a day at a time, and does what is due; for any thread."""

    def __init__(self, desk: Desk, done: int) -> None:
        """What was due up to `done`, UTC epoch microseconds, they have done before.

        Raises `RefusedError` in a city where they could not ride.
        """
        demo_platform(desk.pack)
        if not _lines(desk.pack, TapKind.ENTRY, TapKind.EXIT):
            raise RefusedError(
                f"{desk.pack.name.en} has no line with readers at entry and exit.",
                "Add [[validator.place]] tables of a product for both to validator.toml.",
            )
        self._desk = desk
        self._done = done
        self._phones = [_phone(number) for number in range(PASSENGERS)]
        self._errands: list[_Errand] = []
        self._unsent: list[Tap] = []
        """What the readers have read and could not yet hand in."""
        self._planned = desk.pack.calendar.day(desk.clock.now()) - 1
        self._lock = Lock()

    def catch_up(self) -> None:
        """Do all that is due by the city's clock. What cannot be stored is stored next time."""
        with self._lock:
            with self._desk.turn:
                self._do_what_is_due()
            self._hand_in()

    def advance(self, seconds: int) -> None:
        """Put the city's clock forward, and do all that is due then before anybody else does."""
        with self._lock:
            with self._desk.turn:
                self._desk.advance(seconds)
                self._do_what_is_due()
            self._hand_in()

    def _do_what_is_due(self) -> None:
        for errand in self._due(self._desk.clock.now()):
            self._do(errand)

    def _hand_in(self) -> None:
        if self._unsent:
            self._desk.store(self._unsent)
            self._unsent = []

    @contextmanager
    def moving(self) -> Iterator[None]:
        """While the block runs, they do what is due every second or two."""
        stopped = Event()
        mover = Thread(target=self._move, args=(stopped,), name="passengers", daemon=True)
        mover.start()
        try:
            yield
        finally:
            stopped.set()
            mover.join()

    def _move(self, stopped: Event) -> None:
        while not stopped.wait(_EVERY_S):
            try:
                self.catch_up()
            except UnavailableError as error:
                log.warning("the passengers wait", reason=error.what)

    def _due(self, now: int) -> Iterator[_Errand]:
        today = self._desk.pack.calendar.day(now)
        while self._planned < today:
            self._planned += 1
            for errand in _plan(self._desk.pack, self._planned):
                if errand.ts > self._done:
                    heappush(self._errands, errand)
        while self._errands and self._errands[0].ts <= now:
            yield heappop(self._errands)

    def _do(self, errand: _Errand) -> None:
        desk, phone = self._desk, self._phones[errand.passenger]
        issuer = desk.authority.issuers[desk.pack.card_company.issuer]
        made_s = errand.ts // MICROS - errand.code_age_s
        grant = grant_of(desk.pack, phone.public_key, _class(errand.passenger), made_s)
        authorisation = authorise(grant, issuer.certificate, issuer.signer)
        code = present(authorisation, phone, made_s)
        lane, bundle = desk.lane(errand.place), desk.bundle(errand.ts)
        lane.read(bundle, code, errand.ts, self._unsent.append)


def _phone(number: int) -> KeySigner:
    """A key that everybody may know: these passengers exist in the demonstration alone."""
    return KeySigner((_SEED << 64 | number + 1).to_bytes(32, "big"))


def _class(passenger: int) -> int:
    """Every fifth is a student, every ninth a senior."""
    return 2 if passenger % 5 == 4 else 3 if passenger % 9 == 8 else 1


def _plan(pack: Pack, day: int) -> Iterator[_Errand]:
    """A day's errands, the same for the same city and day."""
    dice = random.Random(f"{_SEED}/{pack.id}/{day}")
    morning = pack.calendar.starts(day)
    gates, buses = _lines(pack, TapKind.ENTRY, TapKind.EXIT), _lines(pack, TapKind.SINGLE)
    for passenger in range(PASSENGERS):
        line = dice.choice(gates)
        home, work = dice.sample(line.stops, 2)
        to_work = morning + dice.randint(180, 300) * _MINUTE
        to_home = morning + dice.randint(780, 940) * _MINUTE
        yield from _ride(pack, dice, passenger, to_work, home, work)
        if dice.random() < 0.4:
            noon = morning + dice.randint(480, 600) * _MINUTE
            yield from _bus(dice, passenger, noon, buses)
        if dice.random() < 0.3:
            yield from _bus(dice, passenger, to_home - 25 * _MINUTE, buses)
        yield from _ride(pack, dice, passenger, to_home, work, home)


def _ride(
    pack: Pack, dice: random.Random, passenger: int, ts: int, entry: str, exit_: str
) -> Iterator[_Errand]:
    """In by one gate and out by another, unless forgotten; now and then with an old code first."""
    if dice.random() < _OLD_SCREENSHOT:
        yield _Errand(ts - 20 * MICROS, passenger, f"{entry}:entry", VALIDITY_S + 600)
    yield _Errand(ts, passenger, f"{entry}:entry", 0)
    if dice.random() >= _FORGETS_TO_TAP_OUT:
        metres = pack.network.distance_m(entry, exit_) or 0
        minutes = metres // _M_PER_MINUTE + dice.randint(0, 5)
        yield _Errand(ts + _AT_THE_STATION + minutes * _MINUTE, passenger, f"{exit_}:exit", 0)


def _bus(dice: random.Random, passenger: int, ts: int, lines: list[Line]) -> Iterator[_Errand]:
    if lines:
        line = dice.choice(lines)
        yield _Errand(ts, passenger, f"{line.id}:{dice.choice(line.stops)}", 0)


def _lines(pack: Pack, *kinds: TapKind) -> list[Line]:
    """The lines whose product is read in all of these ways."""
    places = read_rules(pack).places
    return [
        line
        for line in pack.lines.values()
        if all((line.product, kind) in places for kind in kinds)
    ]
