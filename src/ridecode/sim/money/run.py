"""A run: some business days of money in which everything goes wrong, and then peace.

What happens within an hour or three happens in an order of its own: taps come, fares are booked,
channels are worked off, days are closed, by processes that are killed at it. After every business
day that is closed the books are looked through.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import MICROS
from ridecode.fares import Tariffs
from ridecode.money import read_rules
from ridecode.money.channels import State
from ridecode.sim.money import db
from ridecode.sim.money.dice import Dice
from ridecode.sim.money.dying import Death, Fate
from ridecode.sim.money.invariants import Break, broken
from ridecode.sim.money.office import Office
from ridecode.sim.money.ridden import HOUR, MINUTE, Arrival, arrivals
from ridecode.sim.money.town import Clock, Town
from ridecode.sim.money.truth import Truth
from ridecode.sim.money.whims import Whims, accounts_of
from ridecode.store import Cell

FIRST_DAY: Final = 17_774
"""2018-08-31: the month changes within a run."""
_REST_MOST: Final = 16
"""Half days in which everything has to come to rest."""


class Report(Struct, frozen=True):
    """What came of a run."""

    seed: int
    breaks: tuple[Break, ...]
    """Of the first look that found any; the run ends there."""
    writes: Counter[str]
    """Transactions of the money rooms that wrote, by who began them."""
    deaths: Counter[tuple[str, Death]]
    """Those that were met by a kill."""
    met: Counter[str]
    """What went wrong on the other side, by its name: the counterparts' and the card company's."""
    rides: int
    orders: int
    lines: int
    """Of the books."""
    files: int
    forged: int
    """Callbacks and answers that were not heard."""


class Run:
    """Of one seed in an empty cell."""

    def __init__(
        self, cell: Cell, pack: Pack, tariffs: Tariffs, folder: Path, seed: int, riders: int
    ) -> None:
        self._pack, self._seed = pack, seed
        self._clock = Clock(pack.calendar.starts(FIRST_DAY))
        self.town = Town(pack, tariffs, seed, self._clock)
        self._truth = Truth(pack, self.town, read_rules(pack).rates, folder)
        self.fate = Fate(seed)
        self.office = Office(cell, pack, tariffs, self._truth, self._clock, self.fate, seed)
        self._accounts = accounts_of(pack, riders)
        self._whims = Whims(self.office, self._truth, self._accounts, seed)
        self._dice = Dice(seed, "hours")
        self._next = FIRST_DAY
        """The business day that is to be closed next."""

    def go(self, days: int) -> tuple[Break, ...]:
        """So many days, and then what it takes to come to rest; the first breaks that there are."""
        coming = sorted(
            (
                one for account in self._accounts
                for one in arrivals(self._pack, self.office.cell.city, account,
                                    range(FIRST_DAY, FIRST_DAY + days), self._seed)
            ),
            key=lambda one: (one.at, one.tap.tap_id),
        )  # fmt: skip
        self._whims.begin()
        return next((found for found in self._looks(coming, days) if found), ())

    def _looks(self, coming: list[Arrival], days: int) -> Iterator[tuple[Break, ...]]:
        """What is broken, each time that somebody looks."""
        ends = self._clock.now + (days * 24 + self._dice.between(1, 8)) * HOUR
        while self._clock.now < ends:
            self._clock.now += self._dice.between(60, 180) * MINUTE
            coming = self._take(coming)
            for step in self._dice.shuffled(self._steps()):
                # No two things happen at one moment.
                self._clock.now += 7 * MICROS
                step()
            if self._may_close() and self._dice.happens(50):
                self._close()
                yield self._look()
        yield from self._rest(coming)

    def _take(self, coming: list[Arrival]) -> list[Arrival]:
        """The taps that have come, in any order; those that are still on their way."""
        here = [one.tap for one in coming if one.at <= self._clock.now]
        if here:
            self.office.take(self._dice.shuffled(here))
        return coming[len(here) :]

    def _steps(self) -> list[Callable[[], None]]:
        """What happens within an hour or three."""
        office, happens = self.office, self._dice.happens
        steps: list[Callable[[], None]] = []
        if happens(45):
            steps.append(office.settle)
        if happens(45):
            steps.append(office.book)
        for channel in self.town.channels:
            if happens(35):
                steps.append(partial(office.work, channel))
        for channel, counterpart in self.town.counterparts.items():
            if happens(40):
                steps.append(counterpart.hours_pass)
            if happens(60):
                steps.append(partial(office.listen, channel))
        steps += [self._whims.hours, office.receive]
        if happens(20):
            steps.append(office.dispute)
        return steps

    def _may_close(self) -> bool:
        return self._clock.now >= self._pack.calendar.starts(self._next + 1)

    def _close(self) -> None:
        self.office.close(self._next)
        self._next += 1

    def _look(self, *, is_quiet: bool = False) -> tuple[Break, ...]:
        """What is broken; everything that has come is booked before."""
        self._clock.now += MICROS
        self.office.book_all()
        self.office.follow()
        seen = db.seen(self.office.cell, self._clock.now)
        return tuple(broken(seen, self._truth, is_quiet=is_quiet))

    def _rest(self, coming: list[Arrival]) -> Iterator[tuple[Break, ...]]:
        """Hours pass, users pay, days close, answers come, until nothing is left to do."""
        self.town.is_calm = True
        for _ in range(_REST_MOST):
            coming = self._take(coming)
            self.office.book_all()
            self._whims.come_to_terms()
            for _ in range(2):
                for channel in self.town.channels:
                    self.office.work(channel)
                for channel, counterpart in self.town.counterparts.items():
                    counterpart.hours_pass()
                    self.office.listen(channel)
                self._clock.now += HOUR
            while self._may_close():
                self._close()
            self.office.receive()
            self.office.dispute()
            self._clock.now += 10 * HOUR
            if not coming and self._is_at_rest():
                break
        yield self._look(is_quiet=True)

    def _is_at_rest(self) -> bool:
        seen = db.seen(self.office.cell, self._clock.now)
        return not (
            any(one.due_at and one.state is not State.WITHDRAWN for one in seen.orders.values())
            or any(one.due_at for one in seen.refunds)
            or any(map(seen.waits, seen.differences))
            or any(one.is_of_a_fare and one.journal.day >= self._next for one in seen.lines)
            or self.office.posted
            or seen.files.keys() - seen.answered
            or any(one.disputed_day is None and not one.is_final for one in seen.rejected)
            or any((one.disputed_day or 0) >= self._next for one in seen.rejected)
        )


def simulate(
    cell: Cell, pack: Pack, tariffs: Tariffs, folder: Path, seed: int, *, riders: int = 10,
    days: int = 3,
) -> Report:  # fmt: skip
    """Run a seed in an empty cell of the pack's city; our files and the answers go to a folder."""
    run = Run(cell, pack, tariffs, folder, seed, riders)
    breaks = run.go(days)
    seen = db.seen(cell, 0)
    return Report(
        seed, breaks, run.fate.writes, run.fate.deaths, run.town.met, len(seen.prices),
        len(seen.orders), len(seen.lines), len(seen.files), run.office.forged,
    )  # fmt: skip
