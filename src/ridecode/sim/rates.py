"""How often things go wrong and thieves strike. All above zero by default; set any to 0."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from ridecode.sim.kinds import Attack

_THIEVES: Final[Mapping[Attack, int]] = {
    **{attack: 20 for attack in Attack if attack.of_riders},
    Attack.DEBTOR_ANEW: 50_000,
    Attack.CPU_FLOOD: 2,
    **{attack: 300 for attack in Attack if attack.of_devices},
    Attack.BUNDLE_ROLLBACK: 300,
    Attack.BUNDLE_FREEZE: 300,
}  # fmt: skip


class Rates(Struct, frozen=True, kw_only=True):
    """Chances in millionths: of a ride, of a rider's day, or of a reader's day, as is told."""

    dead_battery: int = 1_500
    """Of a ride through gates."""
    let_in: int = 800
    """Of a ride through gates."""
    old_screen: int = 12_000
    """Of a ride."""
    read_twice: int = 8_000
    """Of a ride."""
    clock_ahead: int = 400
    """Of a ride."""
    clock_behind: int = 400
    """Of a ride."""
    cut_short: int = 2_000
    """Of a ride."""
    in_debt: int = 600
    """Of a rider's thirty days, in which the debt begins; it lasts one to five days."""
    away: int = 4_000
    """Of a rider's day, where there is a second city: it is spent there."""
    train_late: int = 30_000
    """Of a departure: one to fifteen minutes."""
    reader_offline: int = 8_000
    """Of a reader's day: without network for ten minutes to eight hours."""
    station_offline: int = 10_000
    """Of a station's day: all its readers without network for ten minutes to three hours."""
    reader_down: int = 6_000
    """Of a reader's day: without power for five minutes to four hours; riders take the next."""
    thieves: Mapping[Attack, int] = field(default_factory=lambda: dict(_THIEVES))
    """Of a rider's day, of a debtor's for DEBTOR_ANEW, of a reader's for what readers suffer."""

    def of(self, attack: Attack) -> int:
        return self.thieves.get(attack, 0)


HONEST: Final = Rates(thieves={})
"""The usual faults without any thief."""
FLAWLESS: Final = Rates(
    dead_battery=0, let_in=0, old_screen=0, read_twice=0, clock_ahead=0, clock_behind=0,
    cut_short=0, in_debt=0, away=0, train_late=0, reader_offline=0, station_offline=0,
    reader_down=0, thieves={},
)  # fmt: skip
"""Nothing goes wrong: for tests that need a quiet city."""
