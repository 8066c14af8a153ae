"""Whom the office deals with: every channel's server, and the card company at the other end.

What goes wrong with an order follows from the seed and the order's number; what the card company
rejects from the seed and the number of the line.
"""

from collections import Counter
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.fares import Tariffs
from ridecode.money.channels import WALLET, Alipay, CardAccount, Channel, Wallet, WeChatPay
from ridecode.money.clearing import Reason, new_key, public_key
from ridecode.sim.card_company import CardCompany, View
from ridecode.sim.card_company import Mischief as FalseAnswer
from ridecode.sim.channels import (
    AlipayCounterpart,
    CardAccountCounterpart,
    Counterpart,
    Mischief,
    WeChatCounterpart,
)
from ridecode.sim.money.dice import Dice

_REASONS: Final = (Reason.WRONG_AMOUNT, Reason.OUT_OF_DAY, Reason.UNKNOWN_ACCOUNT)


class Clock:
    """The time of a run: it passes when it is told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Answering(Struct, frozen=True):
    """An answer of the card company on its way."""

    at: int
    """When it comes, UTC epoch microseconds."""
    number: int
    """Of the settlement file."""
    path: Path
    is_true: bool


class Town:
    """The counterparts of one run."""

    def __init__(self, pack: Pack, tariffs: Tariffs, seed: int, clock: Clock) -> None:
        self._seed, self._clock = seed, clock
        self.is_calm = False
        """Whether nothing new goes wrong any more."""
        self.met: Counter[str] = Counter()
        """What went wrong, and how often, by its name."""
        wechat = WeChatCounterpart(self._mischief, clock)
        alipay = AlipayCounterpart(self._mischief, clock)
        card = CardAccountCounterpart(self._mischief, clock)
        self.counterparts: dict[str, Counterpart] = {
            "wechat": wechat, "alipay": alipay, "card-account": card,
        }  # fmt: skip
        self.channels: dict[str, Channel] = {
            "wechat": WeChatPay(wechat.merchant, wechat),
            "alipay": Alipay(alipay.merchant, alipay, alipay),
            "card-account": CardAccount(card.merchant, card),
            WALLET: Wallet(),
        }
        """Clients, which keep nothing but keys: every process has the same."""
        self.ours, theirs = new_key(), new_key()
        self.their_key = public_key(theirs)
        view = View(
            accounts=lambda _: True, operators=frozenset(pack.operators),
            platforms=frozenset(pack.platforms), channels=frozenset({*self.counterparts, WALLET}),
            tariffs=frozenset(one.id for one in tariffs),
        )  # fmt: skip
        self._company = CardCompany(theirs, [public_key(self.ours)], view, self._rejects)
        self._asked: Counter[int] = Counter()
        self._sent: Counter[int] = Counter()

    def answers(self, path: Path, number: int, folder: Path) -> list[Answering]:
        """What the card company answers to a file: late, or falsely; sent again, truly."""
        self._sent[number] += 1
        dice = Dice(self._seed, "answer", number, self._sent[number])
        is_false = not self.is_calm and self._sent[number] == 1 and dice.happens(70)
        wrong = dice.one_of(list(FalseAnswer)) if is_false else None
        if wrong is not None:
            self.met[f"CLEARING_{wrong.name}"] += 1
        into = folder / f"{number}-{self._sent[number]}"
        into.mkdir(parents=True)
        paths = self._company.answer(path, into, wrong)
        at = self._clock.now + (0 if self.is_calm else dice.below(12) * _HOUR)
        is_first_true = wrong in (None, FalseAnswer.ANSWERED_TWICE)
        return [
            Answering(at + nth, number, one, is_first_true and nth == 0)
            for nth, one in enumerate(paths)
        ]

    def _mischief(self, number: str) -> Mischief | None:
        dice = Dice(self._seed, "mischief", number)
        if self.is_calm or not dice.happens(65):
            return None
        wrong = dice.one_of(list(Mischief))
        self.met[wrong.name] += 1
        return wrong

    def _rejects(self, n: int) -> Reason | None:
        self._asked[n] += 1
        dice = Dice(self._seed, "rejected", n, self._asked[n])
        if self._asked[n] == 1:
            return dice.one_of(_REASONS) if not self.is_calm and dice.happens(8) else None
        if self._asked[n] == 2 and dice.happens(30):
            return Reason.DISPUTE_REFUSED
        return None


_HOUR: Final = 3_600_000_000
