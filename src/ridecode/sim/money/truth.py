"""What really happened in a run, apart from what the money rooms make of it."""

from pathlib import Path
from uuid import UUID

from msgspec import Struct, field

from ridecode.city import Pack
from ridecode.core import Tap
from ridecode.money.clearing import Rates
from ridecode.sim.channels import Moved
from ridecode.sim.money.town import Town


class TopUp(Struct, frozen=True):
    """A rider's payment into the wallet; fen."""

    account: str
    channel: str
    transaction: str
    amount: int


class Truth(Struct):
    """It grows as the run goes on."""

    pack: Pack
    town: Town
    """What the counterparts really moved."""
    rates: Rates
    folder: Path
    """Where our own files lie."""
    taps: dict[UUID, Tap] = field(default_factory=dict)
    """All that have come to the centre."""
    top_ups: list[TopUp] = field(default_factory=list)
    closed: dict[int, dict[str, bytes]] = field(default_factory=dict)
    """By closed business day its files as they were first written."""
    answers: dict[int, Path] = field(default_factory=dict)
    """By number of the settlement file the card company's true answer that was taken in."""

    def moved(self, channel: str, number: str) -> Moved:
        """What a channel really moved for an order."""
        return self.town.counterparts[channel].truth().get(number, Moved())
