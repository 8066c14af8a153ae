"""Whom the stage's riders pay with, and the card company: counterparts that check signatures.

Riders agree to a channel before their first fare is booked. Now and then somebody has no money, a
channel advances a fare or tells late; users repay within hours. When a day is closed its files are
sent to the card company, and what it answers is taken in.
"""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import Final

from ridecode import money
from ridecode.city import Pack
from ridecode.core import MICROS
from ridecode.money import channels, clearing, ledger
from ridecode.money.channels import Channel
from ridecode.sim.card_company import CardCompany, View
from ridecode.sim.channels import (
    AlipayCounterpart,
    CardAccountCounterpart,
    Counterpart,
    Mischief,
    WeChatCounterpart,
)
from ridecode.store import Cell

_SHARES: Final = (("wechat", 60), ("alipay", 85), ("wallet", 95), ("card-account", 100))
"""Of a hundred riders up to which one pays so; assumed."""
_MISCHIEF: Final = (
    (Mischief.REFUSED, 10), (Mischief.ADVANCED, 20), (Mischief.CALLBACK_LATE, 40),
    (Mischief.CALLBACK_TWICE, 60), (Mischief.SILENT_SUCCESS, 70), (Mischief.TAKEN_TWICE, 72),
)  # fmt: skip
"""Of a thousand orders up to which one goes so."""
_TOP_UP: Final = 2_000
_REPAID_AFTER: Final = 3 * 3_600 * MICROS
_REJECTED: Final = 200
"""One line of so many is rejected by the card company."""
_AT_ONCE: Final = 500
_ROUNDS: Final = 3
"""Before a day is closed: what was sent is told, and what was told is asked back."""


class Till:
    """Shared among threads."""

    def __init__(
        self, cell: Cell, pack: Pack, folder: Path, private: bytes, clock: Callable[[], int]
    ) -> None:
        """`folder` is where settlement files go, `private` our key; `clock` the city's."""
        self._cell, self._pack, self._folder, self._private = cell, pack, folder, private
        self._clock = clock
        self._rates = money.read_rules(pack).rates
        wechat = WeChatCounterpart(_goes_wrong, clock)
        alipay = AlipayCounterpart(_goes_wrong, clock)
        account = CardAccountCounterpart(_goes_wrong, clock)
        self._there: dict[str, Counterpart] = {
            "wechat": wechat, "alipay": alipay, "card-account": account,
        }  # fmt: skip
        self.channels: dict[str, Channel] = {
            "wechat": channels.WeChatPay(wechat.merchant, wechat),
            "alipay": channels.Alipay(alipay.merchant, alipay, alipay),
            "wallet": channels.Wallet(),
            "card-account": channels.CardAccount(account.merchant, account),
        }
        self._ledger = ledger.Ledger(pack.card_company.id)
        self._their_key = clearing.new_key()
        self._company = CardCompany(
            self._their_key, [clearing.public_key(private)], _view(pack), _rejects
        )
        self._turn = RLock()
        self._told_until = clock()

    def attend(self) -> None:
        """Riders without an agreement agree to a channel, and what channels tell is heard."""
        with self._turn:
            now = self._clock()
            for account in money.unsigned(self._cell, _AT_ONCE):
                self._agree(account, now)
            if now - self._told_until >= _REPAID_AFTER:
                self._told_until = now
                for there in self._there.values():
                    self._repay(there)
                    there.hours_pass()
            self._hear(now)

    def close_day(self, day: int) -> None:
        """Close a business day that has ended, send its files, and take the answers in; first so
        the days before that are open, or were left half done.

        Raises `RefusedError` for a day that still runs.
        """
        with self._turn:
            now = self._clock()
            for _ in range(_ROUNDS):
                self.attend()
                money.follow(self._cell, self._pack, self.channels, self._clock)
            for one in range(self._first_undone(day), day + 1):
                money.close_day(self._cell, self._pack, one, self._folder, self._private, now)
                for file, answered in clearing.files_of(self._cell, one):
                    if answered is None:
                        self._clear(self._folder / file.name, now)

    def _first_undone(self, day: int) -> int:
        """From which day on there is something to do, where a day is to be closed."""
        first = ledger.next_day(self._cell)
        undone = day if first is None else first
        while ledger.is_closed(self._cell, undone - 1) and not self._is_done(undone - 1):
            undone -= 1
        return undone

    def _is_done(self, day: int) -> bool:
        """Whether a closed day has all its files, and each was answered."""
        files = clearing.files_of(self._cell, day)
        answered = [file for file, of in files if of is not None]
        return bool(answered) and len(answered) == answered[0].parts

    def _clear(self, path: Path, now: int) -> None:
        answers = self._folder / "answers"
        answers.mkdir(exist_ok=True)
        for answer in self._company.answer(path, answers):
            clearing.receive(
                self._cell, self._pack.calendar, self._ledger, self._pack.card_company.id,
                self._rates, self._folder, answer, [clearing.public_key(self._their_key)], now,
            )  # fmt: skip

    def _agree(self, account: str, now: int) -> None:
        lot = _lot(account, 100)
        channel = next(name for name, until in _SHARES if lot < until)
        contract, user = f"c{account}", f"2088{account[-12:]:0>12}"
        if channel in self._there:
            self._there[channel].sign(contract, user)
        platform = "alipay" if channel == "alipay" else "tencent"
        money.agree(self._cell, self._pack, account, channel, contract, user, platform, now)
        if channel == channels.WALLET:
            channels.top_up(
                self._cell, self._pack.calendar, self._ledger, account, "wechat", f"top{account}",
                _TOP_UP, now,
            )  # fmt: skip

    def _hear(self, now: int) -> None:
        for name, there in self._there.items():
            channel = self.channels[name]
            said = [
                one
                for told in there.told()
                if (one := channel.hear(told.headers, told.body, now)) is not None
            ]
            channels.hear_said(self._cell, self._pack.calendar, self._ledger, name, said, now)

    def _repay(self, there: Counterpart) -> None:
        for number, moved in there.truth().items():
            if moved.advanced:
                there.repay(number)


def _lot(text: str, of: int) -> int:
    """The same for the same text, spread evenly."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % of


def _goes_wrong(number: str) -> Mischief | None:
    lot = _lot(number, 1_000)
    return next((wrong for wrong, until in _MISCHIEF if lot < until), None)


def _rejects(n: int) -> clearing.Reason | None:
    return None if _lot(str(n), _REJECTED) else clearing.Reason.WRONG_AMOUNT


def _view(pack: Pack) -> View:
    """The card company knows everybody whom the pack names, and every account."""
    return View(
        accounts=bool,
        operators=frozenset(pack.operators),
        platforms=frozenset(pack.platforms),
        channels=frozenset(money.read_rules(pack).channels),
        tariffs=frozenset(tariff.text("id") for tariff in pack.sections.tariffs),
    )
