"""What a feed leaves to the city, and how its ids become those of a pack."""

from collections.abc import Mapping

from msgspec import Struct

from ridecode.fares.scope import AccountClass


class Choices(Struct, frozen=True, kw_only=True):
    """What an operator has to say of a feed that does not say it."""

    version: int = 0
    """1 or 2 of GTFS-Fares, where a feed has both; 0: the newer."""
    medium: str = ""
    """The fare medium that a ride code is."""
    riders: Mapping[AccountClass, str] = {}
    """The rider category of each class of accounts; ordinary accounts are the feed's default."""
    transfer_s: int | None = None
    """How long a transfer may take that has no limit of time in the feed, from the first entry."""
