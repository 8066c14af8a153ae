"""Who gets what of a cleared fare: the platform its service fee, the card company its own, the
operator the rest. Pure.

All participants are served alike: one rate for every platform and one for every operator, and a
share is worked out of the sum of a file, not of each ride, so that no rounding piles up. Where no
operator is known, the rest is nobody's yet: it stays with the card company.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.core import derived_id
from ridecode.money.ledger import Flow, Journal

SHARE: Final = 10_000
"""Rates are so many parts of this many."""


class Rates(Struct, frozen=True):
    """What is kept of a cleared fare, of 10,000."""

    service: int
    """By the platform whose code it was."""
    clearing: int
    """By the card company."""


class Shares(Struct, frozen=True):
    """How fares are shared out; fen, below zero where more was given back than owed."""

    operators: dict[str, int]
    platforms: dict[str, int]
    card_company: int


def shares(fares: Mapping[tuple[str, str], int], rates: Rates) -> Shares:
    """Share out fares by operator and platform (empty: none); all shares together are the fares,
    but for what has no operator."""
    operators: dict[str, int] = {}
    platforms: dict[str, int] = {}
    card_company = 0
    for (operator, platform), fen in sorted(fares.items()):
        service = _part(fen, rates.service) if platform else 0
        clearing = _part(fen, rates.clearing)
        if platform:
            platforms[platform] = platforms.get(platform, 0) + service
        if operator:
            operators[operator] = operators.get(operator, 0) + fen - service - clearing
        card_company += clearing
    return Shares(operators, platforms, card_company)


def _part(fen: int, rate: int) -> int:
    """To the nearest fen; of a half to the even one, of a sum below zero as of one above it."""
    whole, rest = divmod(abs(fen) * rate, SHARE)
    part = whole + (2 * rest + whole % 2 > SHARE)
    return part if fen >= 0 else -part


def journals(number: int, starts: int, parts: Shares, card_company: str, day: int) -> list[Journal]:
    """What a file's shares move, on a business day; `starts` is when the file's own day began."""
    moves = [
        *((Flow.EARNED, Flow.EARNED_BACK, one, fen) for one, fen in parts.operators.items()),
        *((Flow.SERVICE_FEE, Flow.SERVICE_FEE_BACK, one, fen)
          for one, fen in parts.platforms.items()),
        (Flow.CLEARING_FEE, Flow.CLEARING_FEE_BACK, card_company, parts.card_company),
    ]  # fmt: skip
    about = file_id(number, starts)
    return [
        Journal(
            derived_id(starts, f"cleared {number} {due.name} {party}".encode()),
            due if fen > 0 else back,
            card_company if fen > 0 else party,
            party if fen > 0 else card_company,
            abs(fen), day, about,
        )
        for due, back, party, fen in moves if fen
    ]  # fmt: skip


def file_id(number: int, starts: int) -> UUID:
    """What the journals of a settlement file are about."""
    return derived_id(starts, f"settlement file {number}".encode())
