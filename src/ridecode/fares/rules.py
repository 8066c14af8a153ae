"""The rules that move a price after the full fare is known, one type a kind.

Each percentage is a share of the *full* fare, never of what earlier rules left, and nothing takes
more off than is left to pay. See `ridecode.fares.rating` for what follows from that.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from ridecode.core import MICROS, Line, Ride, Words
from ridecode.fares.earlier import Earlier, paid
from ridecode.fares.money import Money
from ridecode.fares.rounding import Rounding
from ridecode.fares.scope import AccountClass, Scope

_MINUTE: Final = 60 * MICROS


LineOf = Callable[[int, int, Earlier, Ride], Line | None]


class Timely(Struct, frozen=True):
    """A rule of certain hours: of other rides it knows nothing."""

    scope: Scope
    line_of: LineOf

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:
        return self.line_of(fare, left, earlier, ride) if self.scope.now(ride.start_ts) else None


class Rule(Struct, frozen=True, kw_only=True):
    """A named rule; `line` gives what it does to one ride, `words` says so to people."""

    id: str
    name: Words
    scope: Scope

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:
        """The line for a ride of full fare `fare` of which `left` is still to pay (both ≥ 0)."""
        raise NotImplementedError

    def of(self, account: AccountClass) -> LineOf | None:  # noqa: ARG002
        """`line` for accounts of one class; None where the rule never gives them one."""
        return self.line

    def words(self, line: Line, money: Money) -> Words:
        raise NotImplementedError

    def off(self, amount: int, left: int, *facts: int) -> Line | None:
        """The line that takes an amount off, at most what is left; None where that is nothing."""
        off = min(amount, left)
        return Line(self.id, -off, facts) if off > 0 else None


class Percent(Rule, frozen=True, kw_only=True):
    """What a class of riders pays of the full fare; a class that is not named pays all of it.

    The classes exclude one another, so they are one rule: taking it out leaves the full fare.
    """

    percent: Mapping[AccountClass, int]
    rounding: Rounding

    def of(self, account: AccountClass) -> LineOf | None:
        percent = self.percent.get(account)
        return None if percent is None else _Share(self, percent, account).line

    def words(self, line: Line, money: Money) -> Words:  # noqa: ARG002
        percent, account = line.facts
        said = pays(percent)
        if account != AccountClass.ORDINARY:
            who = AccountClass(account).words
            said = Words(zh=_spaced(who.zh, said.zh), en=f"{who.en.lower()}, {said.en}")
        return Words(zh=f"{self.name.zh}：{said.zh}", en=f"{self.name.en}: {said.en}")


class _Share(Struct, frozen=True):
    """The percentage of one class."""

    rule: Percent
    percent: int
    account: AccountClass

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        off = fare - self.rule.rounding.share(fare, self.percent)
        return self.rule.off(off, left, self.percent, self.account)


class Graded(Rule, frozen=True, kw_only=True):
    """Each part of the full fare has its own percentage, as the brackets of a tax."""

    parts: tuple[tuple[int, int], ...]
    """Up to which amount (0: without end), and the percentage of that part."""
    rounding: Rounding

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        start, hundredths = 0, 0
        for end, percent in self.parts:
            stop = min(fare, end) if end else fare
            hundredths += (stop - start) * percent
            start = stop
            if stop == fare:
                break
        return self.off(fare - self.rounding.whole(hundredths, fare), left)

    def words(self, line: Line, money: Money) -> Words:  # noqa: ARG002
        zh, en, start = [], [], 0
        for end, percent in self.parts:
            zh.append(_spaced(_part_zh(start, end, money), pays(percent).zh))
            en.append(f"{percent} % {_part_en(start, end, money)}")
            start = end
        return Words(zh=f"{self.name.zh}：{'，'.join(zh)}", en=f"{self.name.en}: {', '.join(en)}")


class Transfer(Rule, frozen=True, kw_only=True):
    """An amount off for a ride that begins soon after another of certain products has ended.

    A ride of the same product and line as the last is a ride back or again, not a transfer.
    """

    after: tuple[str, ...]
    """The products of the last ride that open a transfer."""
    window_us: int
    """From the end of the last ride to the start of this one, inclusive."""
    amount: int
    most: int
    """How many rides in a row may be discounted; 0 for any number."""

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        ended = earlier.last_end
        if ended is None or earlier.last_product not in self.after:
            return None
        waited = ride.start_ts - ended
        if not 0 <= waited <= self.window_us or (self.most and earlier.transfers >= self.most):
            return None
        if earlier.last_product == ride.product and earlier.last_line == ride.line:
            return None
        return self.off(self.amount, left, waited // _MINUTE)

    def words(self, line: Line, money: Money) -> Words:  # noqa: ARG002
        (waited,), within = line.facts, self.window_us // _MINUTE
        return Words(
            zh=f"{self.name.zh}：距上次乘车 {waited} 分钟，{within} 分钟内换乘",
            en=f"{self.name.en}: {waited} min after the last ride, within {within} min",
        )


class Overtime(Rule, frozen=True, kw_only=True):
    """A surcharge on a ride whose exit came later than the city allows; no other ride is in its
    scope."""

    amount: int

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        return Line(self.id, self.amount)

    def words(self, line: Line, money: Money) -> Words:  # noqa: ARG002
        return Words(
            zh=f"{self.name.zh}：停留超过时限，补交 {money.say(self.amount)}",
            en=f"{self.name.en}: stayed beyond the time allowed, {money.say(self.amount)} more",
        )


class WeekCap(Rule, frozen=True, kw_only=True):
    """A week's complete rides, from Monday to Sunday, cost no more than an amount together."""

    counts: tuple[str, ...]
    amount: int

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        before = paid(earlier.week_paid, self.counts)
        return self.off(left - max(0, self.amount - before), left, before)

    def words(self, line: Line, money: Money) -> Words:
        cap, before = money.say(self.amount), money.say(line.facts[0])
        return Words(
            zh=f"{self.name.zh}：每周封顶 {cap}，本周此前已付 {before}",
            en=f"{self.name.en}: a week costs at most {cap}, {before} was paid before",
        )


class DayCap(Rule, frozen=True, kw_only=True):
    """A business day's complete rides cost no more than an amount together."""

    counts: tuple[str, ...]
    amount: int

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        before = paid(earlier.day_paid, self.counts)
        return self.off(left - max(0, self.amount - before), left, before)

    def words(self, line: Line, money: Money) -> Words:
        cap, before = money.say(self.amount), money.say(line.facts[0])
        return Words(
            zh=f"{self.name.zh}：当日封顶 {cap}，此前已付 {before}",
            en=f"{self.name.en}: a day costs at most {cap}, {before} was paid before",
        )


class MonthTier(Rule, frozen=True, kw_only=True):
    """What was paid in the month *before* this ride picks the percentage of its full fare."""

    counts: tuple[str, ...]
    tiers: tuple[tuple[int, int], ...]
    """From which total on (inclusive, ascending, the first 0), and the percentage."""
    rounding: Rounding

    def line(self, fare: int, left: int, earlier: Earlier, ride: Ride) -> Line | None:  # noqa: ARG002
        before = paid(earlier.month_paid, self.counts)
        percent = 100
        for start, of_tier in self.tiers:
            if before < start:
                break
            percent = of_tier
        return self.off(fare - self.rounding.share(fare, percent), left, before, percent)

    def words(self, line: Line, money: Money) -> Words:
        before, percent = line.facts
        said, total = pays(percent), money.say(before)
        return Words(
            zh=f"{self.name.zh}：本月此前已付 {total}，{_spaced('本次', said.zh)}",
            en=f"{self.name.en}: {total} paid this month before, this ride {said.en}",
        )


def pays(percent: int) -> Words:
    """A percentage of the fare as riders say it: 9 折 for 90, 95 折 for 95."""
    if percent == 0:
        return Words(zh="免费", en="free")
    if percent == 100:
        return Words(zh="全价", en="the full fare")
    tenths, rest = divmod(percent, 10)
    zhe = f"{tenths}" if rest == 0 else f"{percent}" if tenths else f"0.{rest}"
    return Words(zh=f"{zhe} 折", en=f"{percent} % of the fare")


def _spaced(before: str, said: str) -> str:
    """Chinese text before a percentage: a space before a digit, none before 免费 or 全价."""
    return f"{before} {said}" if said[0].isdigit() else before + said


def _part_zh(start: int, end: int, money: Money) -> str:
    if start == 0:
        return f"{money.say(end)} 以内" if end else "全部"
    return f"{money.say(start)}–{money.say(end)} 部分" if end else f"{money.say(start)} 以上部分"


def _part_en(start: int, end: int, money: Money) -> str:
    if start == 0:
        return f"up to {money.say(end)}" if end else "of all"
    return f"of {money.say(start)}–{money.say(end)}" if end else f"above {money.say(start)}"
