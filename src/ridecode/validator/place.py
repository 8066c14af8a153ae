"""Where a reader stands. Bus, metro, ferry and cable car are the same values filled otherwise."""

from msgspec import Struct

from ridecode.core import Mode, TapKind


class Place(Struct, frozen=True, gc=False, kw_only=True):
    """One direction of one reader; a text that does not apply is empty."""

    kind: TapKind
    """What an accepted reading means here: an entry, an exit, or a whole ride."""
    mode: Mode
    """Written into the tap; no rule asks for it."""
    product: str
    """The fare product that is sold here, as the city pack names it."""
    operator: str
    line: str
    stop: str
    validator: str
    """The reader itself."""
    vehicle: str = ""
    """The vehicle that carries the reader."""

    @property
    def spot(self) -> str:
        """What stays the same while riders pass: the vehicle where there is one, else the stop."""
        return self.vehicle or self.stop or self.validator
