"""The operator's office: two processes that do what an operator's do, and may be killed at it.

Whoever is killed is begun anew and remembers nothing; what it was doing is done again at once, or
at the next occasion. Nothing here is a rule of the money rooms: each step is a call of theirs.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from ridecode.city import Pack
from ridecode.core import ConflictError, RidecodeError, Tap, day_name, day_named, unseen
from ridecode.fares import Tariffs
from ridecode.money import book_fares, carried_by, close_day
from ridecode.money.channels import (
    WALLET,
    Agreement,
    ForgedError,
    Purse,
    end,
    hear_said,
    sign,
    top_up,
    work,
)
from ridecode.money.clearing import Reason, dispute, receive, rejected, send
from ridecode.money.ledger import Ledger
from ridecode.riders import follow
from ridecode.riders import read_rules as read_rider_rules
from ridecode.rides import settle_all
from ridecode.sim.channels import Told
from ridecode.sim.money import db
from ridecode.sim.money.dice import Dice
from ridecode.sim.money.dying import Fate, KilledError
from ridecode.sim.money.town import Answering, Clock
from ridecode.sim.money.truth import TopUp, Truth
from ridecode.store import Cell
from ridecode.taps import record

T = TypeVar("T")


class Office:
    """One city's office for the time of a run."""

    def __init__(
        self, cell: Cell, pack: Pack, tariffs: Tariffs, truth: Truth, clock: Clock, fate: Fate,
        seed: int,
    ) -> None:  # fmt: skip
        self.cell, self.pack, self._tariffs = cell, pack, tariffs
        self._truth, self._clock, self._fate = truth, clock, fate
        self._dice = Dice(seed, "office")
        self._ledgers = [self._begun(), self._begun()]
        """What each of the processes has in memory."""
        self._place = truth.folder / "place"
        self.posted: list[Answering] = []
        """Answers of the card company on their way."""
        self.forged = 0
        """Callbacks and answers that were not what they claimed to be."""

    def _begun(self) -> Ledger:
        return Ledger(self.pack.card_company.id)

    def _runs(self, step: Callable[[Ledger], T]) -> T:
        """One of the processes does it; raises `KilledError` where it is killed at it."""
        at = self._dice.below(len(self._ledgers))
        try:
            with db.mortal(self._fate.at):
                return step(self._ledgers[at])
        except KilledError:
            self._ledgers[at] = self._begun()
            raise

    def _does(self, step: Callable[[Ledger], object]) -> None:
        """The same; where it was killed it is left for later."""
        with suppress(KilledError):
            self._runs(step)

    def _until_done(self, step: Callable[[Ledger], T]) -> T:
        """The same, as often as it takes."""
        while True:
            with suppress(KilledError):
                return self._runs(step)

    # What riders do

    def take(self, taps: Iterable[Tap]) -> None:
        """Taps come to the centre."""
        told = list(taps)
        record(self.cell, told)
        self._truth.taps |= {one.tap_id: one for one in told}

    def sign(self, account: str, contract: str, user: str, channel: str, platform: str) -> None:
        if channel != WALLET:
            self._truth.town.counterparts[channel].sign(contract, user)
        agreement = Agreement(account=account, contract=contract, user=user)
        purse = Purse.WALLET if channel == WALLET else Purse.OUTSIDE
        self._until_done(
            lambda _: sign(self.cell, agreement, channel, purse, platform, self._clock.now)
        )

    def end(self, account: str) -> None:
        self._until_done(lambda _: end(self.cell, account, self._clock.now))

    def top_up(self, paid: TopUp) -> None:
        """A channel tells of a payment into a wallet, the first time or again."""
        if paid not in self._truth.top_ups:
            self._truth.top_ups.append(paid)
        self._until_done(
            lambda ledger: top_up(
                self.cell, self.pack.calendar, ledger, paid.account, paid.channel,
                paid.transaction, paid.amount, self._clock.now,
            )
        )  # fmt: skip

    # What the processes do

    def settle(self) -> None:
        settle_all(self.cell, self.pack, self._tariffs, self._clock.now, unseen)

    def book(self) -> None:
        self._does(lambda _: book_fares(self.cell, self.pack, self._clock.now))

    def book_all(self) -> None:
        """Until the books are those of all taps that have come."""
        self.settle()
        self._until_done(lambda _: book_fares(self.cell, self.pack, self._clock.now))

    def work(self, channel: str) -> None:
        self._does(
            lambda ledger: work(
                self.cell, self.pack.calendar, ledger, self._truth.town.channels[channel],
                carried_by(self.cell, self.pack), lambda: self._clock.now,
            )
        )  # fmt: skip

    def listen(self, channel: str) -> None:
        """Hear what a channel tells: it tells again until it is answered that it was heard."""
        for told in self._dice.shuffled(self._truth.town.counterparts[channel].told()):
            self._until_done(partial(self._hear, channel, told))

    def _hear(self, channel: str, told: Told, ledger: Ledger) -> bool:
        try:
            said = self._truth.town.channels[channel].hear(told.headers, told.body, self._clock.now)
        except ForgedError:
            self.forged += 1
            return False
        if said is not None:
            hear_said(
                self.cell, self.pack.calendar, ledger, channel, [said], self._clock.now
            )  # fmt: skip
        return True

    def follow(self) -> None:
        """Riders hear who owes."""
        follow(self.cell, read_rider_rules(self.pack), self._clock.now)

    # The day's close, and the card company

    def close(self, day: int) -> None:
        """Close a business day and send its files."""
        folder = self._truth.folder / "own"
        self._until_done(lambda _: self.close_into(day, folder))
        self._truth.closed[day] = {path.name: path.read_bytes() for path in files_of(folder, day)}
        self.send(day)

    def close_into(self, day: int, folder: Path) -> bool:
        """Write a day's files into a folder, closing it where it is open."""
        close_day(self.cell, self.pack, day, folder, self._truth.town.ours, self._clock.now)
        return True

    def send(self, day: int) -> None:
        """Send a day's files, and learn when the answers will come."""
        handed = self._until_done(
            lambda _: send(self.cell, day, self._truth.folder / "own", self._place, self._clock.now)
        )
        for one in handed:
            number = int(one.path.stem.rpartition("-")[2])
            self.posted += self._truth.town.answers(
                one.path, number, self._truth.folder / "answers"
            )

    def receive(self) -> None:
        """Take in the answers that have come; a file with a false one is sent again."""
        due = [one for one in self.posted if one.at <= self._clock.now]
        self.posted = [one for one in self.posted if one.at > self._clock.now]
        for one in sorted(due, key=lambda one: (one.at, str(one.path))):
            self._receive(one)
            if one.is_true and self._dice.happens(30):
                self._receive(one)

    def _receive(self, one: Answering) -> None:
        try:
            self._until_done(
                lambda ledger: receive(
                    self.cell, self.pack.calendar, ledger, self.pack.card_company.id,
                    self._truth.rates, self._truth.folder / "own", one.path,
                    [self._truth.town.their_key], self._clock.now,
                )
            )  # fmt: skip
        except ConflictError:
            self.forged += 1
        except RidecodeError:
            if one.is_true:
                raise
            self.forged += 1
            self.send(_day_of(one.path))
        else:
            if one.is_true:
                self._truth.answers[one.number] = one.path

    def dispute(self) -> None:
        """What was rejected is sent again, where that is not the last word."""
        for one in rejected(self.cell):
            if one.reason != _FINAL:
                self._until_done(partial(self._dispute, one.number, one.at))

    def _dispute(self, number: int, at: int, _: Ledger) -> bool:
        still = {(one.number, one.at) for one in rejected(self.cell)}
        if (number, at) in still:
            dispute(self.cell, self.pack.calendar, number, at, self._clock.now)
        return True


_FINAL: Final = int(Reason.DISPUTE_REFUSED)


def files_of(folder: Path, day: int) -> list[Path]:
    """All files of a business day, in the order of their names."""
    return sorted(folder.glob(f"*-{day_name(day)}*"))


def _day_of(answer: Path) -> int:
    """The business day that an answer's name says."""
    return day_named(answer.stem.rpartition("-")[0][-10:])
