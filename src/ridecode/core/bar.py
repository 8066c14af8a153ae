"""A limit that a benchmark holds something to."""

from msgspec import Struct


class Bar(Struct, frozen=True):
    """One limit and what was measured against it."""

    name: str
    measured: float
    sense: str
    """≤ or ≥: on which side of the limit it belongs."""
    limit: float
    kept: bool

    @staticmethod
    def at_most(name: str, measured: float, limit: float) -> "Bar":
        return Bar(name, measured, "≤", limit, measured <= limit)

    @staticmethod
    def at_least(name: str, measured: float, limit: float) -> "Bar":
        return Bar(name, measured, "≥", limit, measured >= limit)
