"""Taps of an invented population over a week, for measuring: the same ones from the same seed."""

import random
from collections.abc import Iterator
from uuid import UUID

from ridecode.city import Line, Pack
from ridecode.core import MICROS, Mode, Tap, TapKind

_DAY_S = 86_400
_DAYS = 7
_RIDES_AN_ACCOUNT = 2_000_000 / 300_000
_BUS_AHEAD = _BUS_AFTER = 0.3
_RIDES_A_DAY = 2 + _BUS_AHEAD + _BUS_AFTER
_OUT_TODAY = _RIDES_AN_ACCOUNT / _RIDES_A_DAY / _DAYS
_EXIT_LOST = 0.015
_METRES_A_SECOND = 11
_CODE_BYTES = 332
_VERSION_7 = 0x7 << 76 | 0b10 << 62


class Population:
    """Riders who go to work and back by metro, some with a bus ahead of it or after it.

    About `rides` rides come of it, by 300,000 accounts a 2 million; `begins` is a midnight.
    """

    def __init__(self, pack: Pack, rides: int, begins: int, seed: int) -> None:
        self.city = pack.id
        self._network = pack.network
        self.accounts = round(rides / _RIDES_AN_ACCOUNT)
        self._begins = begins
        self._dice = random.Random(seed)
        lines = list(pack.lines.values())
        self._metros = [line for line in lines if line.mode is Mode.METRO]
        self._buses = [line for line in lines if line.mode is Mode.BUS]
        self._codes = self._dice.randbytes(1 << 16)

    def days(self) -> Iterator[list[Tap]]:
        """The taps of each day in order of time, as they would come in."""
        for day in range(_DAYS):
            taps = [tap for account in range(self.accounts) for tap in self._day(day, account)]
            taps.sort(key=lambda tap: tap.ts)
            yield taps

    def _day(self, day: int, account: int) -> Iterator[Tap]:
        dice = self._dice
        if dice.random() >= _OUT_TODAY:
            return
        out_s = day * _DAY_S + round(dice.gauss(8 * 3_600, 5_400))
        back_s = out_s + 1_800 + round(abs(dice.gauss(9 * 3_600, 5_400)))
        home, work = dice.choice(self._metros), dice.choice(self._metros)
        if dice.random() < _BUS_AHEAD:
            yield self._tap(account, out_s - dice.randrange(600, 2_400), TapKind.SINGLE,
                            dice.choice(self._buses), "")  # fmt: skip
        yield from self._metro(account, out_s, home, work)
        yield from self._metro(account, back_s, work, home)
        if dice.random() < _BUS_AFTER:
            yield self._tap(account, back_s + dice.randrange(2_400, 6_000), TapKind.SINGLE,
                            dice.choice(self._buses), "")  # fmt: skip

    def _metro(self, account: int, at_s: int, start: Line, end: Line) -> Iterator[Tap]:
        dice = self._dice
        origin, target = dice.choice(start.stops), dice.choice(end.stops)
        yield self._tap(account, at_s, TapKind.ENTRY, start, origin)
        if dice.random() >= _EXIT_LOST:
            metres = self._network.distance_m(origin, target, start.product) or 0
            out_s = at_s + round(metres / _METRES_A_SECOND) + dice.randrange(180, 600)
            yield self._tap(account, out_s, TapKind.EXIT, end, target)

    def _tap(self, account: int, at_s: int, kind: TapKind, line: Line, stop: str) -> Tap:
        bits = self._dice.getrandbits(74)
        ts = self._begins + at_s * MICROS + bits % MICROS
        code = bits % (len(self._codes) - _CODE_BYTES)
        tap_id = ts // 1_000 << 80 | _VERSION_7 | bits >> 62 << 64 | bits & (1 << 62) - 1
        return Tap(
            tap_id=UUID(int=tap_id), city=self.city, account=f"99999999000{account:08}",
            account_type=1 + (account % 20 == 0) + (account % 33 == 0), ts=ts, kind=kind,
            mode=line.mode, product=line.product, operator=line.operator, line=line.id, stop=stop,
            validator=f"{line.id}-{bits % 1_000:03}",
            code=self._codes[code : code + _CODE_BYTES], code_time=ts // MICROS,
        )  # fmt: skip
