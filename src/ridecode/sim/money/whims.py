"""What riders do about their money: agree, change their mind, pay in, pay back."""

from itertools import count
from typing import Final

from ridecode.city import Pack
from ridecode.money.channels import WALLET
from ridecode.sim.money import db
from ridecode.sim.money.dice import Dice
from ridecode.sim.money.office import Office
from ridecode.sim.money.truth import TopUp, Truth

_CHANNELS: Final = (
    "wechat", "wechat", "wechat", "alipay", "alipay", "card-account", "card-account", WALLET,
    WALLET, WALLET,
)  # fmt: skip
_YUAN: Final = 100


def accounts_of(pack: Pack, riders: int) -> list[str]:
    """Card accounts of the pack's card company, 19 digits."""
    iin = pack.issuers[pack.card_company.issuer].iin
    return [f"{iin}1{n:010}" for n in range(1, riders + 1)]


class Whims:
    """The riders of one run."""

    def __init__(self, office: Office, truth: Truth, accounts: list[str], seed: int) -> None:
        self._office, self._truth = office, truth
        self._dice, self._numbers = Dice(seed, "whims"), count(1)
        self._pays_with: dict[str, str] = dict.fromkeys(accounts, "")
        """By account its channel; empty for none."""

    def begin(self) -> None:
        """Most have agreed to a channel before their first ride."""
        for account in self._pays_with:
            if self._dice.happens(85):
                self._agree(account)

    def hours(self) -> None:
        """What comes into their minds within an hour or three."""
        for account, channel in self._pays_with.items():
            if self._dice.happens(2):
                self._agree(account)
            elif channel and self._dice.happens(2):
                self._pays_with[account] = ""
                self._office.end(account)
            elif channel == WALLET and self._dice.happens(10):
                self._pay_in(account, self._dice.between(2, 12) * _YUAN)
        if self._truth.top_ups and self._dice.happens(20):
            self._office.top_up(self._dice.one_of(self._truth.top_ups))
        if self._dice.happens(40):
            self.repay(50)

    def repay(self, percent: int) -> None:
        """Some of those who owe pay their channel."""
        for channel, counterpart in self._truth.town.counterparts.items():
            for order, _ in db.owed(self._office.cell, channel):
                if self._dice.happens(percent):
                    counterpart.repay(order.hex)

    def come_to_terms(self) -> None:
        """Everybody agrees to some channel, and pays what is owed."""
        for account, channel in self._pays_with.items():
            if not channel:
                self._agree(account)
        self.repay(100)
        for account in sorted({who for _, who in db.owed(self._office.cell, WALLET)}):
            self._pay_in(account, 50 * _YUAN)

    def _agree(self, account: str) -> None:
        channel, n = self._dice.one_of(_CHANNELS), next(self._numbers)
        platform = self._dice.one_of(list(self._office.pack.platforms))
        self._pays_with[account] = channel
        self._office.sign(account, f"{n:020}", f"2088{int(account[-10:]):012}", channel, platform)
        if channel == WALLET:
            self._pay_in(account, self._dice.between(2, 20) * _YUAN)

    def _pay_in(self, account: str, fen: int) -> None:
        channel = self._dice.one_of(list(self._truth.town.counterparts))
        paid = TopUp(account, channel, f"p{next(self._numbers)}", fen)
        for _ in range(2 if self._dice.happens(30) else 1):
            self._office.top_up(paid)
