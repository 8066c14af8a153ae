"""What a city can lose because its readers judge offline: four attacks, and a bound for each.

Every bound is of one event, in two columns: where all readers have a network, and where they lose
it at that moment and open for as long as their bundle is good. No event costs more, whatever is
ridden, as long as the assumptions hold that are printed with it. With

    R(t)   what one person can ride for at most in t seconds            (`riding`)
    f      the dearest ride
    a      the life of an authorisation
    k      the deny list's way to a reader, or a where that is shorter
    b      how long a reader without a network still opens

the bounds are

                                          with a network      without one
    a stolen phone, from the report on    R(k)                R(min(a, b))
    a debtor                              o + R(c + k)        o + R(b + c + k)
    a copied key, n persons               n R(d + k) + s f    n R(b + d + k) + s f
    one code, shown by n persons          n f                 n f

where o is the debt at which an account is denied, c the time until a charge is known to have
failed, d the time until the centre has seen the tap that stops a copied key, and s the suspicious
taps for which it does not yet. A reported phone gets no new authorisation, whatever readers know;
a debtor and a copied key do, until their taps have come. One code passes a lane once, within its
life and what clocks differ by; of its rides one is charged.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Words
from ridecode.fares import Money, Tariff
from ridecode.validator.freshness import Accept
from ridecode.validator.riding import Riding, riding
from ridecode.validator.rules import Rules, read_rules

AHEAD_S: Final = 20
"""How far a phone's clock may run ahead of a reader's (docs/ride-code.md)."""


class Assumed(Struct, frozen=True, kw_only=True):
    """What the bound hangs on beside the pack's rules for readers and its tariff."""

    authorised_s: int
    """The longest authorisation that is given out."""
    validity_s: int
    """The longest validity that is given out (field 12)."""
    limit: int
    """The highest limit that is given out (field 9)."""
    owed_most: int
    """The debt at which an account is denied."""
    clones: int
    """The suspicious taps that stop a phone."""
    top_speed_kmh: int
    deny_s: int = 60
    """From a report to the last reader that has a network."""
    charge_s: int = 600
    """From a ride to the knowledge that its charge failed, with the network up."""
    seen_s: int = 120
    """From a tap to what the centre finds about it, with the network up."""
    pause_s: int = 60
    """From the end of a person's ride to the beginning of the next."""
    persons: int = 10
    """Who share a key or a code."""


class Peril(IntEnum):
    """What offline acceptance is open to, for a bounded time."""

    STOLEN_PHONE = 1
    DEBT = 2
    CLONED_KEY = 3
    SHARED_CODE = 4

    @property
    def words(self) -> Words:
        return _WORDS[self]


_WORDS: Final = {
    Peril.STOLEN_PHONE: Words("手机被盗", "a stolen phone"),
    Peril.DEBT: Words("欠费继续乘车", "a debtor who rides on"),
    Peril.CLONED_KEY: Words("密钥被复制", "a copied key"),
    Peril.SHARED_CODE: Words("截屏或转发", "one code shown by many"),
}


class Bound(Struct, frozen=True, kw_only=True):
    """The most that one event of an attack can cost."""

    peril: Peril
    online_s: int
    """How long it can go on where readers have a network."""
    online: int
    """Smallest unit of the currency."""
    offline_s: int | None
    offline: int | None
    """None where nothing ends it: the pack lets an expired bundle open."""
    words: Words
    """The formula, with its numbers."""


class Exposure(Struct, frozen=True, kw_only=True):
    """The bounds of one city."""

    city: str
    tariff: str
    assumed: Assumed
    riding: Riding
    open_s: int | None
    """How long a reader without a network still opens; None: for ever."""
    bounds: tuple[Bound, ...]


def exposure(pack: Pack, tariff: Tariff, assumed: Assumed) -> Exposure:
    """The bounds of a city by its pack, one version of its tariff, and what is assumed."""
    rules = read_rules(pack)
    person = riding(
        pack, tariff, rules, limit=assumed.limit, top_speed_kmh=assumed.top_speed_kmh,
        pause_s=assumed.pause_s,
    )  # fmt: skip
    told = _Told(person, tariff.money, assumed, _open_s(rules))
    return Exposure(
        city=pack.id, tariff=tariff.id, assumed=assumed, riding=person, open_s=told.open_s,
        bounds=(told.stolen(), told.debt(), told.cloned(), told.shared(rules)),
    )  # fmt: skip


def _open_s(rules: Rules) -> int | None:
    closes = rules.freshness.expired.accept is Accept.NONE
    return rules.freshness.expired_s if closes else None


class _Told(Struct, frozen=True):
    """The four formulas, on the numbers of one city."""

    person: Riding
    money: Money
    assumed: Assumed
    open_s: int | None

    @property
    def known_s(self) -> int:
        """k"""
        return min(self.assumed.deny_s, self.assumed.authorised_s)

    def stolen(self) -> Bound:
        alone_s = self.assumed.authorised_s
        if self.open_s is not None:
            alone_s = min(alone_s, self.open_s)
        words = Words("挂失后，一人在 k 秒内：R(k)", "from the report on, one person: R(k)")
        return self._bound(Peril.STOLEN_PHONE, self.known_s, alone_s, words)

    def debt(self) -> Bound:
        owed = self.assumed.owed_most
        says = self.money.say(owed)
        words = Words(f"{says} + R(c + k)", f"{says} + R(c + k)")
        return self._bound(Peril.DEBT, *self._until_told(self.assumed.charge_s), words, more=owed)

    def cloned(self) -> Bound:
        n, s = self.assumed.persons, self.assumed.clones - 1
        words = Words(f"{n} 人 × R(d + k) + {s} × f", f"{n} persons × R(d + k) + {s} × f")
        return self._bound(
            Peril.CLONED_KEY, *self._until_told(self.assumed.seen_s), words,
            persons=n, more=s * self.person.ride_most,
        )  # fmt: skip

    def shared(self, rules: Rules) -> Bound:
        n = self.assumed.persons
        lives_s = min(self.assumed.validity_s, max(rules.accepted.values(), default=0))
        lives_s += AHEAD_S + rules.clock.back_s_most
        loss, words = n * self.person.ride_most, Words(f"{n} 人 × f", f"{n} persons × f")
        return Bound(
            peril=Peril.SHARED_CODE, online_s=lives_s, online=loss, offline_s=lives_s,
            offline=loss, words=words,
        )  # fmt: skip

    def _until_told(self, waits_s: int) -> tuple[int, int | None]:
        """Until readers know what the centre finds in their taps, with a network and without."""
        online_s = waits_s + self.known_s
        return online_s, None if self.open_s is None else self.open_s + online_s

    def _bound(
        self,
        peril: Peril,
        online_s: int,
        offline_s: int | None,
        words: Words,
        *,
        persons: int = 1,
        more: int = 0,
    ) -> Bound:
        def costs(seconds: int) -> int:
            return persons * self.person.costs(seconds) + more

        return Bound(
            peril=peril,
            online_s=online_s,
            online=costs(online_s),
            offline_s=offline_s,
            offline=None if offline_s is None else costs(offline_s),
            words=words,
        )
