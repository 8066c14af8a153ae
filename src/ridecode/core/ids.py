"""Ids: UUIDv7, made where the fact is born, so that sending a fact again is harmless.

Time-ordered ids keep the newest rows of an index together (RFC 9562 §5.7).
"""

from uuid import UUID

import uuid_utils


def new_id(ts: int | None = None) -> UUID:
    """A new UUIDv7, of now or of the moment `ts` (UTC epoch microseconds)."""
    if ts is None:
        return UUID(bytes=uuid_utils.uuid7().bytes)
    return UUID(bytes=uuid_utils.uuid7(nanoseconds=ts * 1_000).bytes)
