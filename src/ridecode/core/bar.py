"""A limit that a benchmark holds something to."""

from msgspec import Struct


class Bar(Struct, frozen=True):
    """One limit and what was measured against it."""

    name: str
    measured: float
    limit: float
    kept: bool

    @staticmethod
    def at_most(name: str, measured: float, limit: float) -> "Bar":
        return Bar(f"{name} ≤", measured, limit, measured <= limit)

    @staticmethod
    def at_least(name: str, measured: float, limit: float) -> "Bar":
        return Bar(f"{name} ≥", measured, limit, measured >= limit)
