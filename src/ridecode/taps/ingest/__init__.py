"""The door for devices: signed batches in, a durable answer for every tap out.

In: bodies in JSON or Arrow with the device's signature. Out: answers; taps that await the check of
their code. Never: a tap that stands unverified, or one that is thrown away.
"""

from ridecode.taps.ingest.arrow import CONTENT_TYPE as ARROW
from ridecode.taps.ingest.arrow import to_arrow
from ridecode.taps.ingest.judged import JSON
from ridecode.taps.ingest.service import Ingest, IngestState

__all__ = ["ARROW", "JSON", "Ingest", "IngestState", "to_arrow"]
