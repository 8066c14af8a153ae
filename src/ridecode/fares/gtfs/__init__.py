"""Fares of a GTFS feed, version 1 and 2: read as they stand, asked what an itinerary can be paid
with, and made into a tariff that prices rides.

In: a feed. Out: `Imported` with the tariff and everything that the feed says and a tariff cannot.
Never: a guess. A ride that something refused might touch has no price.
"""

from ridecode.fares.gtfs.choices import Choices
from ridecode.fares.gtfs.importing import Imported, import_gtfs
from ridecode.fares.gtfs.refusals import Refusal, Why

__all__ = ["Choices", "Imported", "Refusal", "Why", "import_gtfs"]
