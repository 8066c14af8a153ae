"""How near thieves come to the printed bound, over many seeded days of one city."""

from typing import Final

from msgspec import Struct

from ridecode.city import load_pack
from ridecode.core import Bar, Progress, unseen
from ridecode.fares import read_tariffs
from ridecode.riders import read_rules as read_rider_rules
from ridecode.rides import read_rules as read_matching_rules
from ridecode.sim.city import SimCity
from ridecode.sim.kinds import Attack
from ridecode.sim.losses import losses
from ridecode.sim.phones import GRANTED_S
from ridecode.sim.rates import Rates
from ridecode.sim.readings import VALIDITY_S
from ridecode.sim.thieves import DENY_S, SEEN_S, SUSPICIOUS
from ridecode.validator import Assumed, Peril, exposure

DAYS: Final = 200
_RIDERS: Final = 120
_FIRST_DAY: Final = 20_453
ROBBED: Final = Rates(
    reader_offline=300_000, station_offline=300_000,
    thieves={
        Attack.STOLEN_PHONE: 250_000, Attack.CLONED_KEY: 120_000, Attack.SCREENSHOT: 60_000,
        Attack.RELAY: 60_000,
    },
)  # fmt: skip
"""A third of all riders is robbed each day: far more than life, so that the worst is met."""


class PerilCost(Struct, frozen=True):
    """What one peril came to."""

    peril: str
    network: str
    events: int
    rides: int
    dearest: int
    """Of one event, in the currency's smallest unit."""
    bound: int
    share: float
    """Dearest ÷ bound."""


class ExposureBench(Struct, frozen=True):
    """Bounds and what thieves really rode for."""

    city: str
    days: int
    riders: int
    costs: tuple[PerilCost, ...]
    bars: tuple[Bar, ...]


def bench_exposure(
    progress: Progress = unseen, days: int = DAYS, name: str = "shenzhen"
) -> ExposureBench:
    """Let thieves ride for so many days, and hold every event against its bound."""
    pack = load_pack(name)
    city = SimCity(pack=pack, riders=_RIDERS, seed=11, rates=ROBBED)
    tariff = read_tariffs(pack).at(pack.calendar.starts(_FIRST_DAY))
    terms = read_rider_rules(pack)
    assumed = Assumed(
        authorised_s=GRANTED_S, validity_s=VALIDITY_S,
        limit=max(one.limit_fen for one in terms.terms.values()), owed_most=terms.denied_owed,
        clones=SUSPICIOUS, top_speed_kmh=read_matching_rules(pack).top_speed_kmh,
        deny_s=DENY_S, seen_s=SEEN_S,
    )  # fmt: skip
    bounds = {one.peril: one for one in exposure(pack, tariff, assumed).bounds}
    found: dict[tuple[Peril, bool], list[tuple[int, int]]] = {}
    for done in range(days):
        progress(done, days)
        for loss in losses(city, _FIRST_DAY + done, tariff):
            found.setdefault((loss.peril, loss.offline), []).append((loss.rides, loss.amount))
    costs = []
    for (peril, offline), events in sorted(found.items()):
        bound = bounds[peril].offline if offline else bounds[peril].online
        if bound is not None:
            dearest = max(amount for _, amount in events)
            costs.append(
                PerilCost(
                    peril.name.lower(), "cut" if offline else "up", len(events),
                    sum(rides for rides, _ in events), dearest, bound, dearest / bound,
                )
            )  # fmt: skip
    return ExposureBench(
        city=pack.id, days=days, riders=_RIDERS, costs=tuple(costs),
        bars=tuple(
            Bar.at_most(f"dearest ÷ bound, {one.peril}, network {one.network}", one.share, 1.0)
            for one in costs
        ),
    )  # fmt: skip
