"""The living city of a demonstration: what can be seen of it, and what a visitor may do to it."""

import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Final, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from ridecode import rides, taps
from ridecode.access import Right
from ridecode.api import db, money, money_wire, tour_wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment, text
from ridecode.core import MICROS, TapKind, Words
from ridecode.validator import Update
from ridecode.validator.device import Signal

router = APIRouter(prefix="/v1/demo", tags=["demonstration"])

_RATE_S: Final = 10.0
_SUSPECTS: Final = 5
_HOME_S: Final = 30.0
"""So long the day's last rides are waited for."""
_AFTER_S: Final = 600
"""So long after its end a day is closed: the last ones have come out by then."""


class Moment(Protocol):
    """A gate answered a reading."""

    @property
    def seq(self) -> int: ...
    @property
    def stop(self) -> str: ...
    @property
    def kind(self) -> TapKind: ...
    @property
    def opened(self) -> bool: ...


class Seen(Protocol):
    """The gates' side of things at one moment."""

    @property
    def moments(self) -> Sequence[Moment]: ...
    @property
    def seq(self) -> int: ...
    @property
    def opened(self) -> int: ...
    @property
    def waiting(self) -> Sequence[UUID]: ...
    @property
    def ingest_runs(self) -> bool: ...
    @property
    def cut(self) -> frozenset[str]: ...
    @property
    def version(self) -> int: ...
    @property
    def behind(self) -> int: ...
    @property
    def refused(self) -> Update | None: ...
    @property
    def denied(self) -> int: ...


class Read(Protocol):
    """What a gate made of a code."""

    @property
    def signal(self) -> Signal: ...
    @property
    def bundle(self) -> int:
        """Version of what it judged by."""
        ...

    @property
    def ts(self) -> int:
        """When, UTC epoch microseconds."""
        ...

    @property
    def stored(self) -> bool:
        """Whether the centre has the reading already."""
        ...


class City(Protocol):
    """Whatever moves the demonstration's riders and gates; see `sim.stage`."""

    def still(self) -> AbstractContextManager[None]:
        """Nothing is read or sent meanwhile."""
        ...

    def seen(self, after: int) -> Seen: ...
    def read(self, place: str, code: bytes) -> Read: ...
    def run_at(self, speed: int) -> None: ...
    def connect(self, stop: str, connected: bool) -> None: ...
    def run_ingest(self, running: bool) -> None: ...
    def roll_back(self) -> None: ...
    def report_loss(self, account: str) -> None: ...
    def bring_home(self) -> None: ...
    def close_day(self, day: int) -> None: ...


class Tour:
    """The city with its riders, and the pace at which the centre stores what they do."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._stored: deque[tuple[float, int]] = deque()

    def told(self, desk: Desk, after: int) -> tour_wire.LiveOut:
        """Both sides counted at one moment, so that they add up."""
        with self.city.still():
            seen = self.city.seen(after)
            stored = db.opened_and_stored(desk.cell)
            waiting = len(seen.waiting) - db.stored_of(desk.cell, seen.waiting)
            now = desk.clock.now()
        follower = desk.running.follower
        return tour_wire.LiveOut(
            now=moment(desk.pack, now),
            speed=desk.clock.speed,
            seq=seen.seq,
            arriving_s=self._rate(stored),
            opened=seen.opened,
            stored=stored,
            waiting=waiting,
            quarantined=db.set_aside(desk.cell),
            priced=db.priced(desk.cell),
            lag_s=None if follower.trouble else round(follower.lag_s, 1),
            ingest="up" if seen.ingest_runs else "down",
            cut=sorted(seen.cut),
            bundle=tour_wire.BundleOut(
                version=seen.version, behind=seen.behind,
                refused=None if seen.refused is None else text(_refusal(seen.refused)),
            ),
            denied=seen.denied,
            events=[
                tour_wire.EventOut(
                    seq=one.seq, stop=one.stop, kind=one.kind.name.lower(), opened=one.opened
                )
                for one in seen.moments
            ],
            suspects=_suspects(desk),
        )  # fmt: skip

    def _rate(self, stored: int) -> float:
        now = time.monotonic()
        self._stored.append((now, stored))
        while self._stored[0][0] < now - _RATE_S:
            self._stored.popleft()
        since, before = self._stored[0]
        return round((stored - before) / (now - since), 1) if now > since else 0.0


async def _tour(request: Request) -> Tour:
    tour: Tour = request.app.state.tour
    return tour


Shown = Annotated[Tour, Depends(_tour)]


@router.get("/live", dependencies=[needs(Right.DEMONSTRATE)])
def live(
    desk: Held, tour: Shown, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> tour_wire.LiveOut:
    """The city as it moves, and what happened at its gates behind `after`.

    `opened` = `stored` + `waiting`: what opened a gate is at the centre or in the gate's journal.
    """
    return tour.told(desk, after)


@router.post("/speed", dependencies=[needs(Right.DEMONSTRATE)])
def speed(asked: tour_wire.SpeedIn, desk: Held, tour: Shown) -> tour_wire.LiveOut:
    """Let the city run at 1 to 120 times the machine's pace."""
    tour.city.run_at(asked.speed)
    return _after(desk, tour)


@router.post("/network", dependencies=[needs(Right.DEMONSTRATE)])
def network(asked: tour_wire.NetworkIn, desk: Held, tour: Shown) -> tour_wire.LiveOut:
    """Take the network from all gates of a stop, or give it back."""
    tour.city.connect(asked.stop, asked.connected)
    return _after(desk, tour)


@router.post("/ingest", dependencies=[needs(Right.DEMONSTRATE)])
def ingest(asked: tour_wire.IngestIn, desk: Held, tour: Shown) -> tour_wire.LiveOut:
    """Kill the process that takes what gates send, or start it again."""
    tour.city.run_ingest(asked.running)
    return _after(desk, tour)


@router.post("/rollback", dependencies=[needs(Right.DEMONSTRATE)])
def rollback(desk: Held, tour: Shown) -> tour_wire.LiveOut:
    """Offer the gates a bundle that was published earlier; they refuse it."""
    tour.city.roll_back()
    return _after(desk, tour)


@router.post("/loss", dependencies=[needs(Right.DEMONSTRATE)])
def loss(asked: tour_wire.LossIn, desk: Held, tour: Shown) -> tour_wire.LiveOut:
    """Report the phone of an account as lost: its key is revoked, and gates come to know it."""
    tour.city.report_loss(asked.account)
    return _after(desk, tour)


def _after(desk: Desk, tour: Tour) -> tour_wire.LiveOut:
    """What is so after an act; of the gates' moments nothing, for they come with the next look."""
    return tour.told(desk, 2**63 - 1)


def _refusal(update: Update) -> Words:
    return _REFUSALS.get(update.outcome.name, Words(zh="无法采信", en="it cannot be believed"))


_REFUSALS: Final = {
    "ROLLBACK": Words(zh="比现有的旧", en="it is older than theirs"),
    "FROZEN": Words(zh="已经过期", en="its day is past"),
    "MIXED": Words(zh="文件互相不符", en="its files do not belong together"),
    "UNSIGNED": Words(zh="签名不够", en="it lacks signatures"),
    "CURRENT": Words(zh="内容没有更新", en="it says nothing new"),
}
_ASIDE: Final = {
    rides.Why.SAME_CODE: Words(zh="同一个码已在别处用过", en="Its code was used elsewhere before"),
    rides.Why.TWO_PLACES: Words(zh="同一账户两地同时出现", en="One account in two places"),
    rides.Why.READ_AGAIN: Words(zh="同一闸机重复上报", en="Its reader told the code before"),
}


def _suspects(desk: Desk) -> list[tour_wire.SuspectOut]:
    """The newest taps that do not stand: for what they are, and beside their account's others."""
    found = [
        (one.tap.ts, one.tap.tap_id, one.tap.stop, one.reason.words)
        for one in taps.quarantined(desk.cell, 0, _SUSPECTS)
    ]
    for one in rides.set_aside(desk.cell, _SUSPECTS):
        found.append((one.ts, one.tap_id, taps.tap(desk.cell, one.tap_id).stop, _ASIDE[one.why]))
    newest = sorted(found, key=lambda one: one[0], reverse=True)[:_SUSPECTS]
    return [
        tour_wire.SuspectOut(
            tap_id=str(tap_id), at=moment(desk.pack, ts), stop=stop, why=text(words)
        )
        for ts, tap_id, stop, words in newest
    ]


@router.post("/day", dependencies=[needs(Right.DEMONSTRATE)])
def close_day(desk: Held, tour: Shown) -> money_wire.MoneyOut:
    """End the business day: the clock goes on to its end, it is closed, and its files answered."""
    calendar, now = desk.pack.calendar, desk.clock.now()
    day = calendar.day(now)
    desk.advance(-(-(calendar.starts(day + 1) - now) // MICROS) + _AFTER_S)
    tour.city.bring_home()
    desk.running.follower.catch_up(_HOME_S)
    tour.city.close_day(day)
    return money.books(desk)
